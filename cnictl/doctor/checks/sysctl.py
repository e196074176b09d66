"""Settings of the kernel without which packets of pods do not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.facts.keeping import BR_NETFILTER, enables_forwarding, live_place, load_and_keep, set_and_keep
from cnictl.doctor.facts.placement import link_of
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.foreign.sysctl_d import of_link
from cnictl.host.api import Unanswered
from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node

_BRIDGE_NF = {4: "net.bridge.bridge-nf-call-iptables", 6: "net.bridge.bridge-nf-call-ip6tables"}
_FORWARDING = {4: "net.ipv4.ip_forward", 6: "net.ipv6.conf.all.forwarding"}


@check(
    "CNI809",
    "bridge-netfilter-off",
    Severity.ERROR,
    "kernel",
    reads=f"every config, {_BRIDGE_NF[4]} and, for pods with IPv6 addresses, {_BRIDGE_NF[6]}",
    well="traffic on the bridge passes through iptables",
    leads_to=("service-unreachable",),
    symptoms=(
        r"bridge-nf-call-ip6?tables(?: does not exist|['\"]?: No such file)",
        r"bridge-nf-call-ip6?tables: no such file",
        r"FileContent--proc-sys-net-bridge-bridge-nf-call-ip6?tables",
    ),
    tags=("dockershim",),
)
def bridge_netfilter_off(node: Node) -> Iterator[Hit]:
    """Pods are on a Linux bridge, and traffic on it does not pass through iptables.

    Why:
        kube-proxy's rules never see packets between two pods on the same node: a Service works from other nodes and
        fails from this one, DNS first of all. `sysctl net.bridge.bridge-nf-call-iptables` shows the setting. Before
        Kubernetes 1.24 the kubelet's own network code set this for you.
    Bad:
        a config with the plugin "bridge", and net.bridge.bridge-nf-call-iptables = 0 or br_netfilter not loaded
    Good:
        net.bridge.bridge-nf-call-iptables = 1
    Fix:
        `modprobe br_netfilter && sysctl -w net.bridge.bridge-nf-call-iptables=1`. Keep both for the next boot with a
        file in /etc/modules-load.d and one in /etc/sysctl.d; `cnictl doctor --fix` does all of it.
    Reference:
        Kubernetes documentation, "Network Plugins", section "Network Plugin Requirements"
    """
    user = bridge_user(node)
    value = node.sysctl(_BRIDGE_NF[4])
    if value is None:
        message = (
            f"{_BRIDGE_NF[4]} does not exist, as the module {BR_NETFILTER} is not loaded: Services may not answer "
            f"pods of this node"
        )
        fix = load_and_keep(node, BR_NETFILTER, "CONFIG_BRIDGE_NETFILTER")
        yield Hit(live_place(_BRIDGE_NF[4]), message, fix, {"value": value})
        return
    for family in (4, *(node.placements.families - {4})):
        name = _BRIDGE_NF[family]
        value = node.sysctl(name)
        if value not in ("1", None):
            message = (
                f"{name} is {value}, and the network {user.title} uses a bridge{_although(node, name, value)}: "
                f"Services may not answer pods of this node"
            )
            yield Hit(live_place(name), message, set_and_keep(node, name, "1"), {"value": value})


def bridge_user(node: Node) -> NodeConfig:
    """The config that puts the node's pods on a Linux bridge.

    Raises:
        Skip: There is none, or nobody needs packets on the bridge to pass through iptables.
    """
    next(node.networks())
    plugins = ((config, plugin) for config, plugin in node.placements.plugins if plugin.type in ("bridge", "flannel"))
    user = next((config for config, plugin in plugins if link_of(plugin) is not None), None)
    if user is None:
        message = "no config that is in use puts pods on a Linux bridge"
        raise Skip(message)
    if node.runtimes == ["podman"] and not node.has_kubelet:
        message = "there is no kubelet, and podman does not need it"
        raise Skip(message)
    return user


def _although(node: Node, name: str, value: str) -> str:
    """What a file says to the contrary: somebody has changed it since."""
    setting = node.boot.setting_of(name)
    if setting is None or setting.value in (None, "", value):
        return ""
    return f", although {setting.location.file}, line {setting.location.line}, sets it to {setting.value}"


@check(
    "CNI810",
    "ip-forward-off",
    Severity.ERROR,
    "kernel",
    reads=f"{_FORWARDING[4]}, for pods with IPv6 addresses {_FORWARDING[6]}, and the same of bridges and uplinks",
    well="the node forwards packets",
    leads_to=("unreachable", "service-unreachable", "host-port-dead"),
    symptoms=(
        r"FileContent--proc-sys-net-ipv(?:4-ip_forward|6-conf-(?:all|default)-forwarding)",
        r"/proc/sys/net/ipv(?:4/ip_forward|6/conf/(?:all|default)/forwarding) contents are not set to 1",
    ),
)
def ip_forward_off(node: Node) -> Iterator[Hit]:
    """The node does not forward packets.

    It is asked for IPv4 and, where pods have such addresses, for IPv6; and of the bridge and the link of the default
    route, as each link has a setting of its own, which networkd and others change.

    Why:
        Pods reach their own node and nothing else; `sysctl net.ipv4.ip_forward` shows the setting. kubeadm refuses such
        a node with "[ERROR FileContent--proc-sys-net-ipv4-ip_forward]".
    Bad:
        net.ipv4.ip_forward = 0
    Good:
        net.ipv4.ip_forward = 1
    Fix:
        `sysctl -w net.ipv4.ip_forward=1`. Keep it for the next boot with the line net.ipv4.ip_forward = 1 in a file of
        /etc/sysctl.d; `cnictl doctor --fix` does both.
    Reference:
        Kubernetes documentation, "Container Runtimes", section "Enable IPv4 packet forwarding"
    """
    if not node.has_kubelet and not node.configs:
        message = "there is neither a kubelet nor a network config, so nothing needs the node to forward packets"
        raise Skip(message)
    if node.sysctl(_FORWARDING[4]) is None:
        message = f"{_FORWARDING[4]} does not exist here, so it cannot be known"
        raise Skip(message)
    families = sorted(node.placements.families | {4})
    off = [family for family in families if node.sysctl(_FORWARDING[family]) == "0"]
    for family in off:
        name, whose = _FORWARDING[family], "pods" if family == 4 else "pods with IPv6 addresses"  # noqa: PLR2004  # IPv4
        message = f"{name} is 0, so {whose} reach nothing beyond this node{_although(node, name, '0')}"
        if _matters(node):
            yield Hit(live_place(name), message, set_and_keep(node, name, "1"), {"value": "0"})
    for family in set(families) - set(off):
        yield from _of_links(node, family)


def _matters(node: Node) -> bool:
    """Whether pods suffer already: without a kubelet, many plugins switch it on for the first container."""
    return node.has_kubelet or bool(node.state.attachments) or not enables_forwarding(node)


def _of_links(node: Node, family: int) -> Iterator[Hit]:
    """Links that do not forward although the node does; where links cannot be seen, nothing more is said."""
    try:
        uplink = node.placements.uplink(family)
    except Unanswered:
        return
    links = {place.link for place in node.placements.all if place.family == family} | {uplink or ""}
    for link in sorted(links & node.placements.link_names()):
        name = of_link(family, link, "forwarding")
        if node.sysctl(name) == "0":
            message = f"{name} is 0: what comes in by {link} is not forwarded, although the node forwards in general"
            yield Hit(live_place(name), message, set_and_keep(node, name, "1"), {"link": link}, Severity.WARNING)
