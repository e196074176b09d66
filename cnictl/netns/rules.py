"""The rules of a network namespace that say which routing table counts (``ip rule``)."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from pyroute2.netlink.rtnl.fibmsg import FR_ACT_BLACKHOLE, FR_ACT_GOTO, FR_ACT_NOP, FR_ACT_PROHIBIT, FR_ACT_UNREACHABLE

from cnictl.netns.fact import Fact
from cnictl.netns.kernel import dump
from cnictl.netns.routes import FAMILIES, TABLES, prefix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyroute2 import IPRoute
    from pyroute2.netlink import nlmsg

_INVERTED = 0x2
"""FIB_RULE_INVERT."""
_WHOLE = 0xFFFFFFFF
"""A mask that leaves nothing out, and a length that stands for none."""


def rule_facts(netlink: IPRoute) -> Iterator[Fact]:
    """The rules."""
    for rule in dump(netlink.get_rules):
        if rule["family"] in FAMILIES:
            words = ["inet6" if rule["family"] == socket.AF_INET6 else ""]
            words += [f"{rule.get_attr('FRA_PRIORITY', 0)}:", "not" if rule["flags"] & _INVERTED else ""]
            words += [*_ends(rule), *_conditions(rule), _action(rule)]
            yield Fact("rule", " ".join(filter(None, words)))


def _ends(rule: nlmsg) -> Iterator[str]:
    yield f"from {prefix(rule, 'FRA_SRC', rule['src_len']) if rule['src_len'] else 'all'}"
    if rule["dst_len"]:
        yield f"to {prefix(rule, 'FRA_DST', rule['dst_len'])}"


_CONDITIONS = {"FRA_IIFNAME": "iif", "FRA_OIFNAME": "oif", "FRA_IP_PROTO": "ipproto"}
_RANGES = {"FRA_UID_RANGE": "uidrange", "FRA_SPORT_RANGE": "sport", "FRA_DPORT_RANGE": "dport"}


def _conditions(rule: nlmsg) -> Iterator[str]:
    if rule["tos"]:
        yield f"tos {rule['tos']:#04x}"
    if (mark := rule.get_attr("FRA_FWMARK")) is not None:
        mask = rule.get_attr("FRA_FWMASK", _WHOLE)
        yield f"fwmark {mark:#x}" + (f"/{mask:#x}" if mask != _WHOLE else "")
    for attribute, name in _CONDITIONS.items():
        if (value := rule.get_attr(attribute)) is not None:
            yield f"{name} {value}"
    for attribute, name in _RANGES.items():
        if (span := rule.get_attr(attribute)) is not None:
            yield f"{name} {span.replace(':', '-')}"


_ACTIONS = {
    FR_ACT_NOP: "nop",
    FR_ACT_BLACKHOLE: "blackhole",
    FR_ACT_UNREACHABLE: "unreachable",
    FR_ACT_PROHIBIT: "prohibit",
}


def _action(rule: nlmsg) -> str:
    if rule["action"] == FR_ACT_GOTO:
        return f"goto {rule.get_attr('FRA_GOTO')}"
    if rule["action"] in _ACTIONS:
        return _ACTIONS[rule["action"]]
    table = rule.get_attr("FRA_TABLE", rule["table"])
    target = "[l3mdev-table]" if rule.get_attr("FRA_L3MDEV") else TABLES.get(table, table)
    suppressed = rule.get_attr("FRA_SUPPRESS_PREFIXLEN", _WHOLE)
    return f"lookup {target}" + ("" if suppressed == _WHOLE else f" suppress_prefixlength {suppressed}")
