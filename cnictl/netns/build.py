"""Makes and changes links, addresses and routes in the network namespace that the calling thread is in."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyroute2 import IPRoute

_NO_DAD = 0x02
"""IFA_F_NODAD: an IPv6 address can be used at once."""


@contextmanager
def _netlink() -> Iterator[IPRoute]:
    """A netlink socket whose refusals are what they are everywhere else.

    Raises:
        OSError: The kernel refuses.
    """
    from pyroute2.netlink.exceptions import NetlinkError

    from cnictl.netns.kernel import open_netlink

    try:
        with open_netlink() as netlink:
            yield netlink
    except NetlinkError as error:
        raise OSError(error.code, os.strerror(error.code)) from error


def set_up(link: str) -> None:
    """Sets a link up.

    Raises:
        OSError: There is no such link, or the kernel refuses.
    """
    with _netlink() as netlink:
        netlink.link("set", index=_index(netlink, link), state="up")


def _index(netlink: IPRoute, link: str) -> int:
    found = netlink.link_lookup(ifname=link)
    if not found:
        raise OSError(errno.ENODEV, "there is no such link", link)
    index: int = found[0]
    return index


def make_veth(name: str, peer: str, netns: Path) -> None:
    """Makes a pair of links, one end in this namespace and the other in another.

    Args:
        name: This end.
        peer: The other end.
        netns: The namespace that the other end is in.

    Raises:
        OSError: The kernel has no such links, or a name is taken.
    """
    with netns.open("rb") as file, _netlink() as netlink:
        netlink.link("add", ifname=name, kind="veth", peer={"ifname": peer, "net_ns_fd": file.fileno()})


def add_address(link: str, address: str) -> None:
    """Gives a link an address with its prefix length.

    Raises:
        OSError: The kernel refuses.
    """
    text, _, length = address.partition("/")
    with _netlink() as netlink:
        flags = {"IFA_FLAGS": _NO_DAD} if ":" in text else {}
        netlink.addr("add", index=_index(netlink, link), address=text, prefixlen=int(length), **flags)


def remove_address(link: str, address: str) -> None:
    """Takes an address with its prefix length from a link.

    Raises:
        OSError: The link does not have it.
    """
    text, _, length = address.partition("/")
    with _netlink() as netlink:
        netlink.addr("delete", index=_index(netlink, link), address=text, prefixlen=int(length))


def rename_link(link: str, name: str) -> None:
    """Gives a link another name; it is down for a moment, as older kernels want it.

    Args:
        link: The name that it has.
        name: The name that it gets.
    """
    with _netlink() as netlink:
        index = _index(netlink, link)
        netlink.link("set", index=index, state="down")
        netlink.link("set", index=index, ifname=name)
        netlink.link("set", index=index, state="up")


def add_default_route(gateway: str) -> None:
    """Sends what is for nobody near to a gateway.

    Raises:
        OSError: The kernel refuses.
    """
    family, target = (socket.AF_INET6, "::/0") if ":" in gateway else (socket.AF_INET, "0.0.0.0/0")
    with _netlink() as netlink:
        netlink.route("add", family=family, dst=target, gateway=gateway)


class Hop(NamedTuple):
    """Where a packet goes first.

    Attributes:
        link: The number of the link.
        gateway: The next hop; empty when the target is at the link itself.
    """

    link: int
    gateway: str


def route_to(target: str) -> Hop | None:
    """Where a packet to an address would go; ``None`` when nowhere."""
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    try:
        with _netlink() as netlink:
            [answer] = netlink.route("get", family=family, dst=target)
    except OSError:
        return None
    gateway: str = answer.get_attr("RTA_GATEWAY") or ""
    link = answer.get_attr("RTA_OIF")
    return Hop(link, gateway) if link else None


def knows_kind(kind: str) -> bool:
    """Whether the kernel has links of a kind, such as ``vlan``, or loads what brings them."""
    try:
        with _netlink() as netlink:
            netlink.link("add", ifname="cnictl-probe", kind=kind)
            netlink.link("delete", index=_index(netlink, "cnictl-probe"))
    except OSError as error:
        return error.errno != errno.EOPNOTSUPP  # others say that it needs to be told more
    return True
