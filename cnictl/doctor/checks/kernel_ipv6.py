"""IPv6 on the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.facts.keeping import live_place, set_and_keep
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.foreign.sysctl_d import of_link
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node

_ALL, _DEFAULT = "net.ipv6.conf.all.disable_ipv6", "net.ipv6.conf.default.disable_ipv6"


@check(
    "CNI860",
    "ipv6-disabled",
    Severity.ERROR,
    "kernel",
    reads=f"every config, {_ALL}, {_DEFAULT} and that of the bridge, and the files that set them at boot",
    well="links of pods with IPv6 addresses may have one",
    leads_to=("add-fails",),
    symptoms=(
        r'could not add IP address to "[^"]+": permission denied',
        r"failed to add IP addr .*: permission denied",
    ),
)
def ipv6_disabled(node: Node) -> Iterator[Hit]:
    """Pods are to get IPv6 addresses, and IPv6 is switched off on the node.

    Why:
        No pod starts: the address of the bridge cannot be set, 'failed to set bridge addr: could not add IP address to
        "cni0": permission denied', or that of the pod's link, "failed to add IP addr ... to veth: permission denied".
        That is not about rights.
    Bad:
        a config with the range fd00:88::/64, and net.ipv6.conf.default.disable_ipv6 = 1
    Good:
        net.ipv6.conf.all.disable_ipv6 = 0 and net.ipv6.conf.default.disable_ipv6 = 0
    Fix:
        `sysctl -w net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0`, and the same in a file of
        /etc/sysctl.d for the next boot; or take the IPv6 range out of the config.
    Reference:
        Linux kernel documentation, "IP Sysctl", disable_ipv6
    """
    subnet = _v6_subnet(node)
    if node.host.status("/proc/sys/net/ipv4") and not node.host.status("/proc/sys/net/ipv6"):
        message = f"pods are to get addresses of {subnet}, and the kernel has no IPv6 at all (ipv6.disable=1?)"
        fix = Fix(
            "take ipv6.disable=1 off the kernel's command line and restart the node, or take the IPv6 range out of "
            "the config"
        )
        yield Hit(Location("/proc/cmdline"), message, fix)
        return
    links = sorted({place.link for place in node.placements.all if place.family == 6} & node.placements.link_names())  # noqa: PLR2004  # IPv6
    try:
        wrong = [name for name in (_ALL, _DEFAULT) if node.sysctl(name) == "1"]
        wrong = wrong or [
            name for name in (of_link(6, link, "disable_ipv6") for link in links) if node.sysctl(name) == "1"
        ]
    except Skip:
        yield from _at_boot(node, subnet)
        raise
    for name in wrong:
        message = f"{name} is 1, so no link can get an address of {subnet}"
        yield Hit(live_place(name), message, set_and_keep(node, name, "0", safe=False), {"setting": name})
    if not wrong:
        yield from _at_boot(node, subnet)


def _v6_subnet(node: Node) -> str:
    next(node.networks())
    found = (subnet for _, plugin in node.placements.plugins for subnet in node.placements.subnets_of(plugin))
    subnet = next((each for each in found if each.version == 6), None)  # noqa: PLR2004  # IPv6
    if subnet is None:
        message = "no config that is in use gives pods IPv6 addresses"
        raise Skip(message)
    return str(subnet)


def _at_boot(node: Node, subnet: str) -> Iterator[Hit]:
    for name in (_ALL, _DEFAULT):
        setting = node.boot.setting_of(name)
        if setting is not None and setting.value == "1":
            message = f"{name} is set to 1 at boot, and then no link can get an address of {subnet}"
            fix = Fix(f"delete the line from {setting.location.file}, or write 0")
            yield Hit(setting.location, message, fix, {"setting": name}, Severity.WARNING)


@check(
    "CNI861",
    "router-advertisements-ignored",
    Severity.WARNING,
    "kernel",
    reads="the IPv6 default route, and accept_ra and forwarding of its link",
    well="the IPv6 default route is kept up",
    leads_to=("unreachable",),
)
def router_advertisements_ignored(node: Node) -> Iterator[Hit]:
    """The IPv6 default route comes from router advertisements, which the kernel ignores because the node forwards.

    Why:
        The kernel of a node that forwards takes itself for a router and passes over what routers say, unless accept_ra
        is 2. The default route stays until its time is over, often half an hour after boot, and IPv6 fails then:
        `ip -6 route show default` says when it expires.
    Bad:
        net.ipv6.conf.eth0.accept_ra = 1 and net.ipv6.conf.all.forwarding = 1
    Good:
        net.ipv6.conf.eth0.accept_ra = 2
    Fix:
        `sysctl -w net.ipv6.conf.eth0.accept_ra=2`, with the link of the finding for eth0, and the same in a file of
        /etc/sysctl.d for the next boot.
    Reference:
        Linux kernel documentation, "IP Sysctl", accept_ra; siderolabs/talos issue 3841; cilium issue 21819
    """
    routes = [route for route in node.survey.routes if route.target == "::/0" and route.protocol == "ra"]
    if not routes:
        # networkd and NetworkManager take advertisements themselves; routes of theirs are said to be theirs.
        message = "the kernel has no IPv6 default route from a router advertisement"
        raise Skip(message)
    for link in sorted({route.link for route in routes}):
        name = of_link(6, link, "accept_ra")
        if node.sysctl(name) == "1" and node.sysctl(of_link(6, link, "forwarding")) == "1":
            message = f"{name} is 1 while the node forwards, so the default route of {link} will expire"
            yield Hit(live_place(name), message, set_and_keep(node, name, "2", safe=False), {"link": link})
