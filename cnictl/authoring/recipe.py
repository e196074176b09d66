"""What a network config is to be, in the words of those who want one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a config is to be.

    Attributes:
        name: The network's name.
        kind: The type of the plugin that makes the interface.
        settings: Keys of that plugin, which win over its defaults.
        capabilities: Capabilities that the plugin declares, so that the runtime gives it values for each pod.
        subnets: Where addresses come from: networks with prefix lengths, each also as ``CIDR,FIRST-LAST`` for a piece
            of it. Of several subnets of a family the second is used when the first is full.
        one_of_each: Whether a pod gets an address of every subnet instead.
        addresses: The very addresses that the pod gets, with prefix lengths; for a network with a single pod.
        gateways: Gateways, each for the subnets or addresses that it is in; the plugin's choice without.
        routes: Destinations as ``CIDR`` or ``CIDR,GATEWAY``; ``None`` for a default route of each family.
        ipam: The type of the IPAM plugin, or ``none``; what fits the rest when ``None``.
        ipam_settings: Keys of the IPAM plugin.
        portmap: Whether to forward the ports that pods ask for with ``hostPort``.
        bandwidth: Whether to limit the bandwidth of pods that ask for it.
        firewall: Whether to let the pods' traffic pass the host's packet filter.
        tuning: Sysctls of the pod, and keys of the plugin tuning such as ``mtu``.
        sbr: Whether to route by source address, which a second interface of a pod needs.
        cni_version: The spec version; the newest up to 1.0.0 that all the plugins speak when ``None``.
    """

    name: str
    kind: str = "bridge"
    settings: Mapping[str, Any] = field(default_factory=dict)
    capabilities: Sequence[str] = ()
    subnets: Sequence[str] = ()
    one_of_each: bool = False
    addresses: Sequence[str] = ()
    gateways: Sequence[str] = ()
    routes: Sequence[str] | None = None
    ipam: str | None = None
    ipam_settings: Mapping[str, Any] = field(default_factory=dict)
    portmap: bool = False
    bandwidth: bool = False
    firewall: bool = False
    tuning: Mapping[str, str] = field(default_factory=dict)
    sbr: bool = False
    cni_version: str | None = None
