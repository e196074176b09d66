"""What shapes and redirects the traffic of links (``tc``) in a network namespace."""

from __future__ import annotations

import socket
import zlib
from typing import TYPE_CHECKING

from pyroute2.netlink.rtnl import TC_H_INGRESS, TC_H_ROOT
from pyroute2.netlink.rtnl.tcmsg.act_mirred import MIRRED_EACTIONS
from pyroute2.netlink.rtnl.tcmsg.cls_u32 import options as u32
from pyroute2.netlink.rtnl.tcmsg.common import TIME_UNITS_PER_SEC, tick_in_usec

from cnictl.netns.fact import Fact
from cnictl.netns.kernel import dump, link_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyroute2 import IPRoute
    from pyroute2.netlink import nla, nlmsg

    from cnictl.netns.fact import Details
    from cnictl.netns.kernel import LinkNamer

_DIRECTIONS = {0xFFFFFFF2: "ingress", 0xFFFFFFF3: "egress"}
"""TC_H_MIN_INGRESS and TC_H_MIN_EGRESS, as parents of filters."""
_CLASSFUL = frozenset({"htb", "hfsc", "qfq", "drr"})
_WITHOUT_FILTERS = frozenset({"tbf", "netem", "pfifo", "bfifo", "fq", "red"})


def traffic_facts(netlink: IPRoute, names: LinkNamer) -> Iterator[Fact]:
    """The qdiscs, classes and filters. Those that the kernel gives to each link have no handle and are left out."""
    for qdisc in dump(netlink.get_qdiscs):
        if not qdisc["handle"]:
            continue
        index, device = qdisc["index"], f"dev {link_name(names, qdisc['index'])}"
        yield _fact("qdisc", qdisc, device)
        if _kind(qdisc) in _CLASSFUL:
            yield from (_fact("class", found, device) for found in dump(netlink.get_classes, index=index))
        for parent in _filter_places(qdisc):
            for found in dump(netlink.get_filters, index=index, parent=parent):
                yield from _filter(found, device, names)


def _kind(queue: nlmsg) -> str:
    return str(queue.get_attr("TCA_KIND"))


def _filter_places(qdisc: nlmsg) -> tuple[int, ...]:
    """Where filters of a qdisc hang: clsact has one place for each direction."""
    if _kind(qdisc) in _WITHOUT_FILTERS:
        return ()
    return tuple(_DIRECTIONS) if _kind(qdisc) == "clsact" else (qdisc["handle"],)


def _fact(kind: str, queue: nlmsg, device: str) -> Fact:
    what = f"{_kind(queue)} {_handle(queue['handle'])} {device} {_place(queue['parent'])}".rstrip()
    return Fact(kind, what, _options(_kind(queue), queue.get_attr("TCA_OPTIONS")))


def _handle(handle: int) -> str:
    minor = handle & 0xFFFF
    return f"{handle >> 16:x}:" + (f"{minor:x}" if minor else "")


def _place(parent: int) -> str:
    return {TC_H_ROOT: "root", TC_H_INGRESS: "", 0: ""}.get(parent, f"parent {_handle(parent)}")


def _options(kind: str, options: nla | None) -> Details:
    """What a qdisc or class was told; of kinds that are not known here only whether it is still the same."""
    if kind in {"ingress", "clsact"} or not options:
        return {}
    if kind == "tbf":
        told = options.get_attr("TCA_TBF_PARMS")
        return {"rate": _bits(told["rate"]), "burst": _bytes(told["rate"], told["buffer"]), "limit": told["limit"]}
    if kind == "htb":
        return _htb(options)
    return {"options": f"{zlib.crc32(str(options).encode()):08x}"}


def _htb(options: nla) -> Details:
    """What a class was told; htb itself, which has no such parameters, was told nothing that is shown."""
    told = options.get_attr("TCA_HTB_PARMS")
    if told is None:
        return {}
    rate = options.get_attr("TCA_HTB_RATE64", told["rate"])
    ceiling = options.get_attr("TCA_HTB_CEIL64", told["ceil"])
    return {
        "rate": _bits(rate),
        "ceil": _bits(ceiling),
        "burst": _bytes(rate, told["buffer"]),
        "cburst": _bytes(ceiling, told["cbuffer"]),
    }


def _bits(rate: int) -> str:
    return f"{rate * 8}bit"


def _bytes(rate: int, ticks: int) -> int:
    """The bytes that pass at a rate in a time: the kernel keeps a burst as the time that it takes."""
    return int(rate * ticks / tick_in_usec / TIME_UNITS_PER_SEC)


_PROTOCOLS = {0x0003: "all", 0x0800: "ip", 0x86DD: "ipv6", 0x0806: "arp", 0x8100: "802.1Q"}
_ACTIONS = {
    "u32": "TCA_U32_ACT",
    "matchall": "TCA_MATCHALL_ACT",
    "bpf": "TCA_BPF_ACT",
    "basic": "TCA_BASIC_ACT",
    "fw": "TCA_FW_ACT",
}


def _filter(found: nlmsg, device: str, names: LinkNamer) -> Iterator[Fact]:
    kind, options = _kind(found), found.get_attr("TCA_OPTIONS")
    table_of_u32 = kind == "u32" and not found["handle"] & 0xFFF
    if not found["handle"] or table_of_u32:
        return  # what the filters of one priority have in common
    protocol = socket.ntohs(found["info"] & 0xFFFF)
    place = _DIRECTIONS.get(found["parent"], f"parent {_handle(found['parent'])}")
    words = [kind, device, place, f"pref {found['info'] >> 16}"]
    words += [f"protocol {_PROTOCOLS.get(protocol, f'{protocol:#06x}')}"]
    if kind in _ACTIONS and options:
        words += [*_matches(kind, options), *_actions(options.get_attr(_ACTIONS[kind]), names)]
    yield Fact("filter", " ".join(words))


def _matches(kind: str, options: nla) -> Iterator[str]:
    """What packets u32 takes, and the name of a program of bpf."""
    if kind == "u32" and (selector := options.get_attr("TCA_U32_SEL")) is not None:
        for key in _keys(selector):
            yield f"match {key['key_val']:08x}/{key['key_mask']:08x} at {key['key_off']}"
    if kind == "bpf" and (name := options.get_attr("TCA_BPF_NAME")) is not None:
        yield name


_BEFORE_KEYS, _KEY = 20, 16
"""Bytes: the attribute's header and the selector (struct tc_u32_sel), and each of the keys that follow."""


def _keys(selector: nla) -> Iterator[nlmsg]:
    """The keys of a selector, read anew: pyroute2 0.9 forgets the header and takes each from four bytes too early."""
    for number in range(selector["nkeys"]):
        place = selector.offset + _BEFORE_KEYS + number * _KEY
        key = u32.u32_sel.u32_key(data=selector.data, offset=place)
        key.decode()
        yield key


def _actions(actions: nla | None, names: LinkNamer) -> Iterator[str]:
    for _, action in actions["attrs"] if actions else ():
        name = action.get_attr("TCA_ACT_KIND")
        mirred = action.get_nested("TCA_ACT_OPTIONS", "TCA_MIRRED_PARMS") if name == "mirred" else None
        yield f"action {name}" if mirred is None else _mirred(mirred["eaction"], mirred["ifindex"], names)


_WAYS = {number: words for words, number in MIRRED_EACTIONS.items()}


def _mirred(way: int, index: int, names: LinkNamer) -> str:
    direction, action = _WAYS.get(way, ("egress", "send"))
    word = f"{action} to {'ingress of ' if direction == 'ingress' else ''}"
    return f"{word}{link_name(names, index) if index else 'a link that is gone'}"
