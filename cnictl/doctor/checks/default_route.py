"""The way out of the node."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.netns.survey import Route

_MAIN = 254
_EVERYWHERE = ("0.0.0.0/0", "::/0")
_VIRTUALBOX = re.compile(r"10\.0\.2\.15/")
"""The address that VirtualBox gives to every machine behind its NAT."""
_DETECTING = ("flannel", "calico")
_HOW = {
    "flannel": "in flannel's arguments, --iface=",
    "calico": "for calico-node, IP_AUTODETECTION_METHOD=interface=",
}
"""Network products that take the link of the default route when they are not told otherwise."""


@check(
    "CNI891",
    "default-route",
    Severity.WARNING,
    "links and routes",
    reads="every config, and the node's links, addresses and routes",
    well="the node has a default route, over the link that other nodes reach it by",
    leads_to=("unreachable",),
    symptoms=(
        r"[Uu]nable to find default route",
        r"unable to select an IP from default routes",
        r"no default routes found in",
    ),
)
def default_route(node: Node) -> Iterator[Hit]:
    """The node has no default route, or one over the wrong link.

    Why:
        Network products that are not told which link to use take that of the default route. Without one they stop:
        flannel says "failed to get default interface: Unable to find default route", kubeadm "unable to select an IP
        from default routes". In virtual machines of VirtualBox and Vagrant the default route leads through a NAT in
        which every machine has the address 10.0.2.15: the nodes send packets for each other to themselves. `ip route
        show default` shows it.
    Bad:
        the default route leads over eth0 with 10.0.2.15, and the nodes know each other by eth1
    Good:
        one default route, over the link with the node's address
    Fix:
        Add a default route; or tell the product the link, such as "--iface=eth1" in flannel's arguments or
        IP_AUTODETECTION_METHOD=interface=eth1 for Calico.
    Reference:
        flannel documentation, "Troubleshooting", section "Vagrant"
    """
    if not node.has_kubelet:
        message = "there is no kubelet, so no network product looks for a link by itself"
        raise Skip(message)
    routes = [route for route in node.survey.routes if route.target in _EVERYWHERE and route.kind == "unicast"]
    best = min((route for route in routes if route.table == _MAIN), key=lambda route: route.metric, default=None)
    if not routes:
        message = "the node has no default route, so network products cannot tell which link leads to other nodes"
        fix = Fix(
            "add one, `ip route add default via ROUTER` with the address of your router, and write it into the "
            "node's network configuration"
        )
        yield Hit(Location("/proc/net/route"), message, fix)
    elif best is not None:
        yield from _behind_nat(node, best)


def _behind_nat(node: Node, best: Route) -> Iterator[Hit]:
    """Whether the link of the default route is one on which the nodes do not see each other."""
    product = next((each for each in _DETECTING if each in node.promised.types), None)
    here = [each for each in node.survey.addresses if each.link == best.link and _VIRTUALBOX.match(each.address)]
    names = {link.name for link in node.survey.links if link.kind in ("", "bond", "vlan") and link.name != "lo"}
    others = [
        each
        for each in node.survey.addresses
        if each.link in names - {best.link} and each.scope == "global" and ":" not in each.address
    ]
    if product and here and others:
        message = (
            f"the default route leads over {best.link} with 10.0.2.15, which every virtual machine has behind "
            f"VirtualBox's NAT, and {product} takes that link when it is not told another"
        )
        address = others[0].address.partition("/")[0]
        fix = Fix(
            f"if that is not done yet, tell {product} to use {others[0].link} ({address}): "
            f"{_HOW[product]}{others[0].link}"
        )
        yield Hit(Location("/proc/net/route"), message, fix, {"link": best.link, "other": others[0].link})
