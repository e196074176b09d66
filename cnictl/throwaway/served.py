"""Plugins that cannot work alone on a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.netns.build import knows_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

_KINDS = {"vlan": "vlan", "ipvlan": "ipvlan", "macvlan": "macvlan", "vrf": "vrf", "dummy": "dummy"}
"""Kinds of links that plugins need and not every kernel has."""

_SERVED = {
    "dhcp": "dhcp asks a DHCP server by way of its daemon, and the throwaway node has neither",
    "whereabouts": "whereabouts keeps its addresses in a cluster's API server",
    "calico-ipam": "calico-ipam keeps its addresses in Calico's datastore",
    "kube-ovn": "kube-ovn is served by its daemon",
    "calico": "calico asks the cluster's API server",
    "cilium-cni": "cilium-cni is served by its agent",
    "flannel": "flannel reads the subnet that its daemon has written",
    "multus": "multus reads networks from the cluster's API server",
    "multus-shim": "multus-shim is served by its daemon",
    "antrea": "antrea is served by its agent",
    "ovn-k8s-cni-overlay": "ovn-k8s-cni-overlay is served by its daemon",
    "aws-cni": "aws-cni is served by a daemon that asks the cloud for addresses",
    "azure-vnet": "azure-vnet asks the cloud's metadata service",
    "weave-net": "weave-net is served by its daemon",
    "istio-cni": "istio-cni reads pods from the cluster's API server",
    "linkerd-cni": "linkerd-cni reads pods from the cluster's API server",
    "sriov": "sriov needs a network card with virtual functions",
    "ovs": "ovs needs a running Open vSwitch",
}
"""Their types, and why."""


def why_impossible(types: Iterable[str]) -> str | None:
    """Why plugins cannot do their work in a throwaway node; ``None`` when they can.

    Args:
        types: The plugins.
    """
    for name in types:
        if name in _SERVED:
            return _SERVED[name]
        kind = _KINDS.get(name)
        if kind and not knows_kind(kind):
            return f"this kernel has no {kind} links: modprobe {kind}, or try it on a machine that has them"
    return None


def ipam_type(ipam: Any) -> str | None:  # noqa: ANN401  # any JSON value
    """The type of the plugin that addresses come from.

    Args:
        ipam: The value of the key ``ipam``.
    """
    name = ipam.get("type") if isinstance(ipam, dict) else None
    return name if isinstance(name, str) and name else None
