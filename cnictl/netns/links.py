"""The links of a network namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyroute2.config import AF_BRIDGE
from pyroute2.netlink.rtnl.ifinfmsg import (
    BRIDGE_VLAN_INFO_PVID,
    BRIDGE_VLAN_INFO_RANGE_BEGIN,
    BRIDGE_VLAN_INFO_RANGE_END,
    BRIDGE_VLAN_INFO_UNTAGGED,
    IFF_ALLMULTI,
    IFF_PROMISC,
)

from cnictl.netns.fact import Fact
from cnictl.netns.kernel import dump, link_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyroute2 import IPRoute
    from pyroute2.netlink import nla, nlmsg

    from cnictl.netns.fact import Details
    from cnictl.netns.kernel import LinkNamer

_ETHERNET = 1
_COMPRESSED_VLANS = 4
"""RTEXT_FILTER_BRVLAN_COMPRESSED: a range is told by its ends."""


def link_facts(netlink: IPRoute, links: list[nlmsg], names: LinkNamer) -> Iterator[Fact]:
    """The links.

    Args:
        netlink: Where the VLANs of bridge ports are asked for.
        links: What the kernel says of them.
        names: Their names.
    """
    described = {link["index"]: _details(link, names) for link in links}
    if any("vlan_filtering" in details for details in described.values()):
        for index, vlans in _port_vlans(netlink):
            described.get(index, {})["vlans"] = vlans
    for link in links:
        yield Fact("link", _full_name(link, names), described[link["index"]], link["index"])


def _full_name(link: nlmsg, names: LinkNamer) -> str:
    """The name as ``ip link`` shows it: ``eth0@if5`` for a veth whose other end is elsewhere."""
    name, lower = names[link["index"]], link.get_attr("IFLA_LINK")
    if not lower or lower == link["index"]:
        return name
    elsewhere = link.get_attr("IFLA_LINK_NETNSID") is not None
    return f"{name}@{f'if{lower}' if elsewhere else link_name(names, lower)}"


def _details(link: nlmsg, names: LinkNamer) -> Details:
    details: Details = {"name": names[link["index"]], **_of_kind(link), "state": link["state"]}
    details |= _told(link, _PLAIN if link["ifi_type"] == _ETHERNET else _WITHOUT_MAC)
    details |= {name: "on" for name, flag in _FLAGS.items() if link["flags"] & flag}
    if (master := link.get_attr("IFLA_MASTER")) is not None:
        details["master"] = link_name(names, master)
    details |= _of_port(link)
    if (others := link.get_attr("IFLA_PROP_LIST")) is not None:
        details["altnames"] = " ".join(others.altnames())
    if program := link.get_nested("IFLA_XDP", "IFLA_XDP_PROG_ID"):
        details["xdp"] = program
    return details


_PLAIN = {"IFLA_MTU": "mtu", "IFLA_ADDRESS": "mac", "IFLA_TXQLEN": "txqlen", "IFLA_IFALIAS": "alias"}
_WITHOUT_MAC = {attribute: name for attribute, name in _PLAIN.items() if name != "mac"}
_FLAGS = {"promisc": IFF_PROMISC, "allmulti": IFF_ALLMULTI}
_OF_KIND = {
    "vlan": {"IFLA_VLAN_ID": "id"},
    "vxlan": {"IFLA_VXLAN_ID": "id"},
    "geneve": {"IFLA_GENEVE_ID": "id"},
    "vrf": {"IFLA_VRF_TABLE": "table"},
    "macvlan": {"IFLA_MACVLAN_MODE": "mode"},
    "macvtap": {"IFLA_MACVTAP_MODE": "mode"},
}
_IPVLAN_MODES = {0: "l2", 1: "l3", 2: "l3s"}
_BRIDGE_SWITCHES = {"IFLA_BR_STP_STATE": "stp", "IFLA_BR_VLAN_FILTERING": "vlan_filtering"}
_PORT_SWITCHES = {
    "IFLA_BRPORT_MODE": "hairpin",
    "IFLA_BRPORT_LEARNING": "learning",
    "IFLA_BRPORT_NEIGH_SUPPRESS": "neigh_suppress",
    "IFLA_BRPORT_ISOLATED": "isolated",
}
_USUALLY_ON = frozenset({"learning"})


def _told(found: nla, names: Mapping[str, str]) -> Details:
    """The attributes that are there, under the names that they have here."""
    told = {name: found.get_attr(attribute) for attribute, name in names.items()}
    return {name: value for name, value in told.items() if value is not None}


def _unusual(found: nla, switches: Mapping[str, str]) -> Details:
    """The switches that are not as nearly every link has them."""
    told = _told(found, switches)
    return {name: "on" if on else "off" for name, on in told.items() if bool(on) != (name in _USUALLY_ON)}


def _of_kind(link: nlmsg) -> Details:
    kind = link.get_nested("IFLA_LINKINFO", "IFLA_INFO_KIND")
    if kind is None:
        return {}
    details: Details = {"kind": kind}
    found = link.get_nested("IFLA_LINKINFO", "IFLA_INFO_DATA")
    if kind == "bridge":
        details |= _unusual(found, _BRIDGE_SWITCHES)
    elif kind == "ipvlan":
        mode = found.get_attr("IFLA_IPVLAN_MODE")
        details["mode"] = _IPVLAN_MODES.get(mode, mode)
    elif kind in _OF_KIND:
        details |= _told(found, _OF_KIND[kind])
    return details


def _of_port(link: nlmsg) -> Details:
    """What only ports of a bridge have."""
    if link.get_nested("IFLA_LINKINFO", "IFLA_INFO_SLAVE_KIND") != "bridge":
        return {}
    return _unusual(link.get_nested("IFLA_LINKINFO", "IFLA_INFO_SLAVE_DATA"), _PORT_SWITCHES)


def _port_vlans(netlink: IPRoute) -> Iterator[tuple[int, str]]:
    """The VLANs of the ports of bridges, such as ``1 pvid untagged, 100-110``."""
    for port in dump(netlink.link, "dump", family=AF_BRIDGE, ext_mask=_COMPRESSED_VLANS):
        found = port.get_attr("IFLA_AF_SPEC")
        if found is not None and (vlans := found.get_attrs("IFLA_BRIDGE_VLAN_INFO")):
            yield port["index"], vlan_words(vlans)


def vlan_words(vlans: Iterable[Mapping[str, int]]) -> str:
    """VLANs with what ``bridge vlan`` says of them; of a range, the first and last are given."""
    words, begin = [], 0
    for vlan in vlans:
        flags = vlan["flags"]
        if flags & BRIDGE_VLAN_INFO_RANGE_BEGIN:
            begin = vlan["vid"]
            continue
        span = f"{begin}-{vlan['vid']}" if flags & BRIDGE_VLAN_INFO_RANGE_END else str(vlan["vid"])
        words.append(
            span + " pvid" * bool(flags & BRIDGE_VLAN_INFO_PVID) + " untagged" * bool(flags & BRIDGE_VLAN_INFO_UNTAGGED)
        )
    return ", ".join(words)
