"""The addresses of a network namespace."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from pyroute2.netlink.rtnl import rt_scope
from pyroute2.netlink.rtnl.ifaddrmsg import IFA_F_NOPREFIXROUTE, IFA_F_PERMANENT

from cnictl.netns.fact import Fact
from cnictl.netns.kernel import dump, link_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyroute2 import IPRoute
    from pyroute2.netlink import nlmsg

    from cnictl.netns.fact import Details
    from cnictl.netns.kernel import LinkNamer


def address_facts(netlink: IPRoute, names: LinkNamer) -> Iterator[Fact]:
    """The addresses. How long they are still valid, and whether they are being tried out, is left out."""
    for address in dump(netlink.get_addr):
        if address["family"] in (socket.AF_INET, socket.AF_INET6):
            remote = address.get_attr("IFA_ADDRESS")
            local = address.get_attr("IFA_LOCAL", remote)
            details = _details(address)
            if local != remote:  # a link between two addresses
                details["peer"] = remote
            device = link_name(names, address["index"])
            yield Fact("address", f"{local}/{address['prefixlen']} dev {device}", details)


def _details(address: nlmsg) -> Details:
    flags = address.get_attr("IFA_FLAGS", address["flags"])
    details: Details = {"scope": scope_word(address["scope"])}
    if not flags & IFA_F_PERMANENT:
        details["lifetime"] = "limited"
    if flags & IFA_F_NOPREFIXROUTE:
        details["noprefixroute"] = "on"
    return details


def scope_word(scope: int) -> str:
    """How far an address or route reaches, as ``ip`` words it."""
    return "global" if scope == rt_scope["universe"] else str(rt_scope.get(scope, scope))
