"""Programs that plugins of network products need on their node, and where they meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cnictl.model.view import string_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.doctor.facts.uses import Use
    from cnictl.model.view import PluginView
    from cnictl.text.node import ObjectNode


@dataclass(frozen=True)
class Agent:
    """What must be there for a plugin.

    Attributes:
        called: What to call the one who makes it.
        file: A file or socket; empty when there is none.
        address: Where it listens on the loopback interface, as ``HOST:PORT``; empty when it does not.
        key: The key of the plugin's config that names another place.
        name: What is appended to the value of that key.
        in_ipam: Whether that key stands in ``ipam``.
        only_if: A key that must be there for anything to be needed.
        unless: A key that says that nothing is needed when it is true.
        fix: What to do.
    """

    called: str
    file: str = ""
    address: str = ""
    key: str = ""
    name: str = ""
    in_ipam: bool = False
    only_if: str = ""
    unless: str = ""
    fix: str = ""


def _pod(name: str) -> str:
    return f"see why {name} does not run on this node: `kubectl get pods -A -o wide | grep {name}`, then `kubectl logs`"


_CALICO = Agent(
    "calico-node",
    "/var/lib/calico/nodename",
    key="nodename_file",
    unless="nodename_file_optional",
    fix=_pod("calico-node"),
)
_AZURE = Agent("azure-cns", address="127.0.0.1:10090", fix=_pod("azure-cns"))
_READY = Agent(
    "the pods' default network",
    only_if="readinessindicatorfile",
    key="readinessindicatorfile",
    fix="see why the pod of the default network has not written this file: `kubectl get pods -A -o wide`; multus waits "
    "for it",
)

AGENTS: Mapping[str, tuple[Agent, ...]] = {
    "flannel": (Agent("flanneld", "/run/flannel/subnet.env", key="subnetFile", fix=_pod("kube-flannel")),),
    "calico": (_CALICO,),
    "cilium-cni": (Agent("cilium-agent", "/var/run/cilium/cilium.sock", fix=_pod("cilium")),),
    "weave-net": (Agent("weave", address="127.0.0.1:6784", fix=_pod("weave-net")),),
    "aws-cni": (Agent("ipamd of aws-node", address="127.0.0.1:50051", fix=_pod("aws-node")),),
    "azure-ipam": (_AZURE,),
    "azure-cns": (_AZURE,),
    "antrea": (Agent("antrea-agent", "/var/run/antrea/cni.sock", fix=_pod("antrea-agent")),),
    "ovn-k8s-cni-overlay": (
        Agent("ovnkube-node", "/var/run/ovn-kubernetes/cni/ovn-cni-server.sock", fix=_pod("ovnkube-node")),
    ),
    "kube-ovn": (
        Agent("kube-ovn-cni", "/run/openvswitch/kube-ovn-daemon.sock", key="server_socket", fix=_pod("kube-ovn-cni")),
    ),
    "multus": (_READY,),
    "multus-shim": (
        Agent(
            "multus' daemon", "/run/multus/multus.sock", key="daemonSocketDir", name="multus.sock", fix=_pod("multus")
        ),
        _READY,
    ),
    "dhcp": (
        Agent(
            "the daemon of the dhcp plugin",
            "/run/cni/dhcp.sock",
            key="daemonSocketPath",
            in_ipam=True,
            fix="start the dhcp plugin with the argument `daemon` as a service, such as /opt/cni/bin/dhcp daemon, "
            "after removing "
            "an old socket",
        ),
    ),
}
"""What plugins need, by their type: taken from their sources and from what they say when it is missing."""

PROGRAMS: Mapping[str, tuple[str, str]] = {
    "flannel": ("flanneld", "kube-flannel"),
    "calico": ("calico-node", "calico-node"),
    "cilium-cni": ("cilium-agent", "cilium-agent"),
    "weave-net": ("weaver", "weave"),
    "aws-cni": ("aws-k8s-agent", "aws-node"),
    "antrea": ("antrea-agent", "antrea-agent"),
}
"""The program that runs on a node for a plugin, and the name of its container."""


class Need(NamedTuple):
    """Something that a plugin in use needs.

    Attributes:
        use: The plugin.
        agent: Who makes it.
        path: The file or socket; empty for an address.
    """

    use: Use
    agent: Agent
    path: str


def needs_of(use: Use) -> Iterator[Need]:
    """What a plugin needs, with the places that its config names."""
    if use.place.value != use.type:  # another plugin runs it, and its config is made then
        return
    for agent in AGENTS.get(use.type, ()):
        holder = _holder(use.plugin, agent, use.type)
        told = string_at(holder, agent.key) if agent.key else None
        if agent.only_if and not string_at(holder, agent.only_if):
            continue
        switch = holder.folded(agent.unless) if agent.unless else None
        if switch is not None and switch.node.value is True:
            continue
        path = f"{told.rstrip('/')}/{agent.name}" if told and agent.name else told or agent.file
        yield Need(use, agent, path)


def _holder(plugin: PluginView, agent: Agent, kind: str) -> ObjectNode:
    in_ipam = agent.in_ipam or (plugin.ipam_type == kind and plugin.type != kind)
    return plugin.ipam if in_ipam and plugin.ipam is not None else plugin.node
