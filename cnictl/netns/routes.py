"""The routes of a network namespace."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from pyroute2.netlink.rtnl import rt_proto, rt_type

from cnictl.netns.addresses import scope_word
from cnictl.netns.fact import Fact
from cnictl.netns.kernel import dump, link_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyroute2 import IPRoute
    from pyroute2.netlink import nla, nlmsg

    from cnictl.netns.kernel import LinkNamer

FAMILIES = frozenset({socket.AF_INET, socket.AF_INET6})
"""The families that are looked at."""
TABLES = {255: "local", 254: "main", 253: "default"}
"""The routing tables that the kernel itself makes."""
_CLONED = 0x200
"""RTM_F_CLONED: what the kernel has noted of another route."""
_OF_ADDRESSES = frozenset({"local", "broadcast", "anycast", "multicast"})
"""The types of routes that the kernel makes for each address."""


def route_facts(netlink: IPRoute, names: LinkNamer) -> Iterator[Fact]:
    """The routes of all tables, without those that the kernel makes for each address."""
    for route in dump(netlink.get_routes):
        kind, protocol = rt_type.get(route["type"], ""), rt_proto.get(route["proto"], route["proto"])
        of_address = protocol == "kernel" and kind in _OF_ADDRESSES
        if route["family"] in FAMILIES and not route["flags"] & _CLONED and not of_address:
            words = ["" if kind == "unicast" else kind, prefix(route, "RTA_DST", route["dst_len"])]
            words += [f"from {prefix(route, 'RTA_SRC', route['src_len'])}"] if route["src_len"] else []
            words += [*_hops(route, names), *_settings(route, protocol)]
            yield Fact("route", " ".join(filter(None, words)))


def prefix(message: nlmsg, attribute: str, length: int) -> str:
    """Addresses as ``ip`` shows them: ``default`` for all, and no length for a single one."""
    single = length == (32 if message["family"] == socket.AF_INET else 128)
    address = message.get_attr(attribute, "default")
    return address if single or not length else f"{address}/{length}"


def _hops(route: nlmsg, names: LinkNamer) -> Iterator[str]:
    yield from _hop(route, route.get_attr("RTA_OIF"), names)
    for path in route.get_attr("RTA_MULTIPATH", ()):
        yield from ("nexthop", *_hop(path, path["oif"], names), f"weight {path['hops'] + 1}")


def _hop(found: nla, index: int | None, names: LinkNamer) -> Iterator[str]:
    if (gateway := found.get_attr("RTA_GATEWAY")) is not None:
        yield f"via {gateway}"
    elif (other := found.get_attr("RTA_VIA")) is not None:
        yield f"via {'inet6' if other['family'] == socket.AF_INET6 else 'inet'} {other['addr']}"
    if index:
        yield f"dev {link_name(names, index)}"


def _settings(route: nlmsg, protocol: str | int) -> Iterator[str]:
    table = route.get_attr("RTA_TABLE", route["table"])
    if TABLES.get(table) != "main":
        yield f"table {TABLES.get(table, table)}"
    if protocol not in ("unspec", "boot"):
        yield f"proto {protocol}"
    if route["scope"] and route["family"] == socket.AF_INET:
        yield f"scope {scope_word(route['scope'])}"
    yield from _told(route, {"RTA_PREFSRC": "src", "RTA_PRIORITY": "metric"})
    if (metrics := route.get_attr("RTA_METRICS")) is not None:
        yield from _told(metrics, {"RTAX_MTU": "mtu", "RTAX_ADVMSS": "advmss"})


def _told(found: nla, names: dict[str, str]) -> Iterator[str]:
    for attribute, name in names.items():
        if (value := found.get_attr(attribute)) is not None:
            yield f"{name} {value}"
