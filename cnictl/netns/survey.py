"""The links, addresses and routes of a network namespace as plain values, for those who judge them."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, NamedTuple

from pyroute2.netlink.exceptions import NetlinkError
from pyroute2.netlink.rtnl import rt_proto, rt_type
from pyroute2.netlink.rtnl.ifinfmsg import IFF_UP

from cnictl.netns.addresses import scope_word
from cnictl.netns.kernel import dump, link_name, open_netlink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyroute2.netlink import nlmsg

    from cnictl.netns.kernel import LinkNamer

_FAMILIES = (socket.AF_INET, socket.AF_INET6)
_CLONED = 0x200
"""RTM_F_CLONED: what the kernel has noted of another route."""


class Link(NamedTuple):
    """A network interface.

    Attributes:
        ifindex: Its number.
        name: Its name.
        kind: What ``ip -d link`` calls its type, such as ``bridge``; empty for hardware.
        up: Whether somebody has set it up.
        state: ``up``, ``down``, ``unknown`` and so on: whether it carries.
        mtu: In bytes.
        mac: Its hardware address; empty when it has none.
        master: The name of the bridge, bond or VRF that it belongs to; empty when none.
        lower: The number of the other end of a veth, or of what a VLAN lies on; 0 when none.
        netns: The kernel's number for the namespace that ``lower`` is in; -1 when it is in this one.
        number: The VLAN's or VXLAN's ID; 0 where there is none.
        port: The UDP port of a VXLAN; 0 where there is none.
        hairpin: Whether a port of a bridge may send a packet back to where it came from.
    """

    ifindex: int
    name: str
    kind: str = ""
    up: bool = True
    state: str = "unknown"
    mtu: int = 1500
    mac: str = ""
    master: str = ""
    lower: int = 0
    netns: int = -1
    number: int = 0
    port: int = 0
    hairpin: bool = False


class Address(NamedTuple):
    """An address of a link.

    Attributes:
        address: With its prefix length, such as ``10.88.0.1/16``.
        link: The link's name.
        scope: ``global``, ``link`` or ``host``.
    """

    address: str
    link: str
    scope: str = "global"


class Route(NamedTuple):
    """A route; those that the kernel adds for each address are left out.

    Attributes:
        target: Such as ``10.88.0.0/16``; ``0.0.0.0/0`` and ``::/0`` for a default route.
        link: The link's name; empty for one that leads nowhere.
        gateway: The next hop; empty when the target is at the link itself.
        table: The number of its table; 254 is the main one.
        metric: Lower ones are preferred.
        protocol: Who made it: ``kernel``, ``ra``, ``dhcp``, ``boot``, ``static``, ``bird`` and so on.
        kind: ``unicast``, ``blackhole``, ``unreachable`` and so on.
    """

    target: str
    link: str = ""
    gateway: str = ""
    table: int = 254
    metric: int = 0
    protocol: str = "boot"
    kind: str = "unicast"


class Survey(NamedTuple):
    """All that is in a network namespace."""

    links: tuple[Link, ...] = ()
    addresses: tuple[Address, ...] = ()
    routes: tuple[Route, ...] = ()


def take_survey() -> Survey:
    """Looks around in the network namespace that the calling thread is in.

    Raises:
        OSError: The kernel cannot be asked, or refuses.
    """
    try:
        return _take()
    except NetlinkError as error:
        raise OSError(error.code, os.strerror(error.code)) from error


def _take() -> Survey:
    with open_netlink() as netlink:
        messages = dump(netlink.get_links)
        names = {link["index"]: link.get_attr("IFLA_IFNAME") for link in messages}
        links = tuple(_link(message, names) for message in messages)
        addresses = tuple(_addresses(dump(netlink.get_addr), names))
        routes = tuple(_routes(dump(netlink.get_routes), names))
    return Survey(links, addresses, routes)


def _link(message: nlmsg, names: LinkNamer) -> Link:
    master, netns = message.get_attr("IFLA_MASTER"), message.get_attr("IFLA_LINK_NETNSID")
    kind = message.get_nested("IFLA_LINKINFO", "IFLA_INFO_KIND") or ""
    return Link(
        ifindex=message["index"],
        name=names[message["index"]],
        kind=kind,
        up=bool(message["flags"] & IFF_UP),
        state=str(message.get_attr("IFLA_OPERSTATE") or "unknown").lower(),
        mtu=message.get_attr("IFLA_MTU") or 0,
        mac=message.get_attr("IFLA_ADDRESS") or "",
        master=link_name(names, master) if master else "",
        lower=message.get_attr("IFLA_LINK") or 0,
        netns=-1 if netns is None else netns,
        hairpin=_is_hairpin(message),
        **_of_kind(message, kind),
    )


def _of_kind(message: nlmsg, kind: str) -> dict[str, int]:
    data = message.get_nested("IFLA_LINKINFO", "IFLA_INFO_DATA") if kind in ("vlan", "vxlan") else None
    if data is None:
        return {}
    if kind == "vlan":
        return {"number": data.get_attr("IFLA_VLAN_ID") or 0}
    return {"number": data.get_attr("IFLA_VXLAN_ID") or 0, "port": data.get_attr("IFLA_VXLAN_PORT") or 0}


def _is_hairpin(message: nlmsg) -> bool:
    if message.get_nested("IFLA_LINKINFO", "IFLA_INFO_SLAVE_KIND") != "bridge":
        return False
    return bool(message.get_nested("IFLA_LINKINFO", "IFLA_INFO_SLAVE_DATA", "IFLA_BRPORT_MODE"))


def _addresses(messages: list[nlmsg], names: LinkNamer) -> Iterator[Address]:
    for message in messages:
        if message["family"] in _FAMILIES:
            local = message.get_attr("IFA_LOCAL", message.get_attr("IFA_ADDRESS"))
            link = link_name(names, message["index"])
            yield Address(f"{local}/{message['prefixlen']}", link, scope_word(message["scope"]))


def _routes(messages: list[nlmsg], names: LinkNamer) -> Iterator[Route]:
    for message in messages:
        kind = str(rt_type.get(message["type"], message["type"]))
        made = str(rt_proto.get(message["proto"], message["proto"]))
        of_address = made == "kernel" and kind in ("local", "broadcast", "anycast", "multicast")
        if message["family"] in _FAMILIES and not message["flags"] & _CLONED and not of_address:
            yield from _hops(message, kind, made, names)


def _hops(message: nlmsg, kind: str, made: str, names: LinkNamer) -> Iterator[Route]:
    """A route for each of its next hops."""
    anywhere = "0.0.0.0" if message["family"] == socket.AF_INET else "::"  # noqa: S104  # a target, not a listener
    target = f"{message.get_attr('RTA_DST', anywhere)}/{message['dst_len']}"
    table = message.get_attr("RTA_TABLE", message["table"])
    metric = message.get_attr("RTA_PRIORITY") or 0
    hops = [(hop, hop["oif"]) for hop in message.get_attr("RTA_MULTIPATH", ())]
    for hop, index in hops or [(message, message.get_attr("RTA_OIF"))]:
        link = link_name(names, index) if index else ""
        yield Route(target, link, hop.get_attr("RTA_GATEWAY") or "", table, metric, made, kind)
