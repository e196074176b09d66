"""Reads what ``nft`` and ``iptables-save`` print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cnictl.netns.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.netns.fact import Details


class Saved(NamedTuple):
    """What ``iptables-save`` printed.

    Attributes:
        facts: Chains and rules.
        tables: The names of the tables.
        is_nft: Whether they are tables of nftables in truth.
    """

    facts: tuple[Fact, ...]
    tables: frozenset[str]
    is_nft: bool


def read_saved(kind: str, printed: str, prefix: str = "") -> Saved:
    """Chains and rules of ``iptables-save``, without counters.

    Args:
        kind: ``iptables`` or ``ip6tables``.
        printed: What it printed.
        prefix: What is to stand before the names of tables.
    """
    facts, tables, table = [], set(), ""
    for line in printed.splitlines():
        if line.startswith("*"):
            table = prefix + line[1:]
            tables.add(line[1:])
        elif line.startswith(":"):
            facts.append(_chain(kind, table, line))
        elif "-A " in line:
            facts.append(Fact(kind, f"{table} {line[line.index('-A ') :]}"))
    return Saved(tuple(facts), frozenset(tables), "(nf_tables)" in printed.partition("\n")[0])


def _chain(kind: str, table: str, line: str) -> Fact:
    name, policy, *_ = [*line[1:].split(), ""]
    details: Details = {} if policy in ("-", "") else {"policy": policy}
    return Fact(kind, f"{table} chain {name}", details)


_STATE = re.compile(r"packets \d+ bytes \d+|\bused \d+ \w+|\bexpires \S+?(?=[\s,}]|$)")
"""Counters and timers: what changes by itself."""
_HOOK = re.compile(r"type \w+ hook .*")
_ELEMENTS = "elements = {"


def read_nft(printed: str, without: frozenset[tuple[str, str]] = frozenset()) -> Iterator[Fact]:
    """Tables, chains, rules, sets and their elements of ``nft list ruleset``.

    Args:
        printed: What it printed.
        without: Family and name of the tables to leave out.
    """
    place: list[str] = []
    for line in _lines(printed):
        if line == "}":
            del place[-1:]
        elif line.endswith("{") and _ELEMENTS not in line:
            place.append(line.removesuffix("{").strip())
            if not _left_out(place[0], without):
                yield _block(place)
        elif place and not _left_out(place[0], without):
            yield from _entry(place, line)


def _lines(printed: str) -> Iterator[str]:
    """The lines without comments, counters and timers; what goes over several becomes one."""
    begun = ""
    for raw in printed.splitlines():
        line = " ".join(_STATE.sub("", f"{begun} {raw}".strip()).split())
        begun = ""
        if _ELEMENTS in line and not line.endswith("}"):
            begun = line
        elif line and not line.startswith("#"):
            yield line


def _left_out(table: str, without: frozenset[tuple[str, str]]) -> bool:
    family, _, name = table.removeprefix("table ").partition(" ")
    return (family, name) in without


def _block(place: list[str]) -> Fact:
    return Fact("nftables", " ".join((place[0].removeprefix("table "), *place[1:])) if place[1:] else place[0])


def _entry(place: list[str], line: str) -> Iterator[Fact]:
    where = " ".join((place[0].removeprefix("table "), *place[1:]))
    if line.startswith(_ELEMENTS):
        inner = line.removeprefix(_ELEMENTS).removesuffix("}")
        yield from (Fact("nftables", f"{where} element {element}") for element in _split(inner))
    elif _HOOK.match(line):
        yield Fact("nftables", f"{where} hook", {"hook": line}, key=(where, "hook"))
    else:
        yield Fact("nftables", f"{where} {line}")


def _split(elements: str) -> list[str]:
    """The elements of a set; what stands in quotes or braces may hold commas."""
    found = re.findall(r'(?:"[^"]*"|\{[^}]*\}|[^,])+', elements)
    return [element.strip() for element in found if element.strip()]
