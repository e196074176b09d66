"""The neighbours of a network namespace (``ip neigh``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyroute2.netlink.rtnl.ndmsg import NTF_PROXY, NUD_PERMANENT

from cnictl.netns.fact import Fact
from cnictl.netns.kernel import dump, link_name
from cnictl.netns.routes import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyroute2 import IPRoute

    from cnictl.netns.fact import Details
    from cnictl.netns.kernel import LinkNamer


def neighbour_facts(netlink: IPRoute, names: LinkNamer) -> Iterator[Fact]:
    """The neighbours that somebody wrote down; those that the kernel has learnt come and go by themselves."""
    for neighbour in dump(netlink.get_neighbours):
        if neighbour["family"] in FAMILIES and neighbour["state"] & NUD_PERMANENT:
            mac = neighbour.get_attr("NDA_LLADDR")
            details: Details = {} if mac is None else {"mac": mac}
            device = link_name(names, neighbour["ifindex"])
            yield Fact("neighbour", f"{neighbour.get_attr('NDA_DST')} dev {device}", details)
    # pyroute2 passes the flags on only when it is told to leave nothing out of the answer itself.
    for proxy in dump(netlink.neigh, "dump", dump_filter={}, flags=NTF_PROXY):
        if proxy["family"] in FAMILIES and proxy["flags"] & NTF_PROXY:
            yield Fact("neighbour", f"proxy {proxy.get_attr('NDA_DST')} dev {link_name(names, proxy['ifindex'])}")
