"""What the kernel throws away because of its addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.facts.keeping import live_place, set_and_keep
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.foreign.sysctl_d import of_link
from cnictl.report.action import WriteFile
from cnictl.report.finding import Applicable, Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node

_STRICT = "1"
_LXC, _SOME_LXC = "net.ipv4.conf.lxc*.rp_filter", "net.ipv4.conf.lxc0.rp_filter"
"""The setting of Cilium's links, and that of one which is not there yet."""
_CILIUM_FILE = "/etc/sysctl.d/99-cnictl-cilium.conf"
_ALL_RP_FILTER = "net.ipv4.conf.all.rp_filter"
_ALL_LOCALNET = "net.ipv4.conf.all.route_localnet"


@check(
    "CNI864",
    "martian-packets-dropped",
    Severity.ERROR,
    "kernel",
    reads="rp_filter of the links of Cilium and Amazon's plugin, now and at boot, and route_localnet for hostPorts",
    well="the kernel takes no packets of pods for misdirected ones",
    leads_to=("unreachable", "host-port-dead"),
    symptoms=(r"martian (?:source|destination) \S+ from \S+", r"Kernel's RPF check is set to '\w+'"),
)
def martian_packets_dropped(node: Node) -> Iterator[Hit]:
    """The kernel takes packets of pods for misdirected ones and drops them.

    Two settings decide that: rp_filter, which with 1 drops what comes in by another link than the answer would leave
    by, and route_localnet, without which nothing from 127.0.0.1 leaves the node.

    Why:
        Nothing says so, unless log_martians is on: "IPv4: martian source ..."; `nstat -az TcpExtIPReversePathFilter`
        counts them. With Cilium pods reach nothing outside the node, since systemd sets rp_filter on each new link;
        with Amazon's plugin NodePorts do not answer for pods on further network cards; and a hostPort does not answer
        at 127.0.0.1.
    Bad:
        net.ipv4.conf.lxc1a2b3c4d5e6f.rp_filter = 1
    Good:
        net.ipv4.conf.lxc1a2b3c4d5e6f.rp_filter = 0
    Fix:
        Give the setting the other value, in a file that is read after the one that sets it.
    Reference:
        Linux kernel documentation, "IP Sysctl", rp_filter and route_localnet; cilium issue 10645; the portmap plugin's
        manual
    """
    if not node.placements.uses("cilium-cni", "aws-cni", "portmap"):
        message = "no plugin in use depends on these settings"
        raise Skip(message)
    if node.placements.uses("cilium-cni"):
        yield from _of_cilium(node)
    if node.placements.uses("aws-cni"):
        yield from _of_amazon(node)
    if node.placements.uses("portmap"):
        yield from _of_host_ports(node)


def _of_cilium(node: Node) -> Iterator[Hit]:
    links = sorted(link for link in node.placements.link_names() if link.startswith("lxc") and link != "lxc_health")
    strict = [link for link in links if _effective(node, link) == _STRICT]
    if strict:
        of_all = node.sysctl(_ALL_RP_FILTER) == _STRICT
        name = _ALL_RP_FILTER if of_all else of_link(4, strict[0], "rp_filter")
        message = (
            f"rp_filter is 1 for {len(strict)} of Cilium's links, such as {strict[0]}: what comes from it is dropped"
        )
        fix = set_and_keep(node, name, "0", safe=False) if of_all else _for_each_link()
        yield Hit(live_place(name), message, fix, {"links": strict})
    setting = node.boot.setting_of(_SOME_LXC)
    if setting is not None and setting.value == _STRICT:
        message = (
            f"{setting.name} is set to 1, also for each new link of Cilium (lxc*), whose packets may be dropped then"
        )
        yield Hit(setting.location, message, _for_each_link(), {"setting": setting.name}, Severity.WARNING)


def _for_each_link() -> Fix:
    content = f"{_LXC} = 0"
    command = f"`echo '{content}' > {_CILIUM_FILE} && systemctl restart systemd-sysctl`"
    return Fix(command, Applicable.UNSAFE, actions=(WriteFile(_CILIUM_FILE, f"{content}\n"),))


def _effective(node: Node, link: str) -> str | None:
    """What counts for a link: the larger number of its own setting and the general one."""
    values = [node.sysctl(_ALL_RP_FILTER), node.sysctl(of_link(4, link, "rp_filter"))]
    return max((value for value in values if value is not None), default=None)


def _of_amazon(node: Node) -> Iterator[Hit]:
    uplink = node.placements.uplink(4)
    if uplink is not None and _effective(node, uplink) == _STRICT:
        name = of_link(4, uplink, "rp_filter")
        message = f"rp_filter of {uplink} is 1, so NodePorts do not answer for pods on further network cards"
        fix = set_and_keep(node, name, "2", safe=False)
        yield Hit(live_place(name), message, fix, {"link": uplink}, Severity.WARNING)


def _of_host_ports(node: Node) -> Iterator[Hit]:
    """hostPorts at 127.0.0.1, for which portmap sets route_localnet of the link to the container."""
    targets = {port.target for port in node.host_ports.all if port.marks_local}
    for link in sorted({link for target in targets if (link := node.placements.link_to(target))}):
        name = of_link(4, link, "route_localnet")
        if node.sysctl(name) == "0" and node.sysctl(_ALL_LOCALNET) != "1":
            message = f"{name} is 0, so hostPorts of the pods on {link} do not answer at 127.0.0.1"
            fix = Fix(
                f"`sysctl -w {name}=1`, and find out who sets it to 0: portmap sets it for each pod with a hostPort"
            )
            yield Hit(live_place(name), message, fix, {"link": link}, Severity.WARNING)
