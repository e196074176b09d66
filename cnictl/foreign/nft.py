"""Rules as ``nft list ruleset`` prints them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = re.compile(r'^(table|chain|set|map|flowtable|counter|quota|limit|ct|secmark|synproxy)\b[^"]*\{$')
_BASE = re.compile(r"type (\w+) hook (\w+)(?:.*?\bpriority ([^;]+))?")
_POLICY = re.compile(r"\bpolicy (\w+)")
_ELEMENTS = "elements = {"
_QUOTED = re.compile(r'"[^"]*"')
_BY_IPTABLES = frozenset(
    (family, name) for family in ("ip", "ip6") for name in ("filter", "nat", "mangle", "raw", "security")
)


class NftChain(NamedTuple):
    """A chain.

    Attributes:
        name: Its name.
        kind: ``filter``, ``nat`` or ``route``; empty for one that is only jumped to.
        hook: Where packets enter it, such as ``forward``; empty likewise.
        priority: Its place among those of one hook, as it is printed.
        policy: What becomes of packets at its end.
        rules: Its rules.
    """

    name: str
    kind: str
    hook: str
    priority: str
    policy: str
    rules: list[str]


class NftTable(NamedTuple):
    """A table.

    Attributes:
        family: ``ip``, ``ip6``, ``inet`` and so on.
        name: Its name.
        chains: Its chains by their names.
        sets: What is in its sets, as it is printed, by their names.
    """

    family: str
    name: str
    chains: dict[str, NftChain]
    sets: dict[str, str]

    @property
    def by_iptables(self) -> bool:
        """Whether ``iptables-nft`` made it: then ``nft`` cannot show all of it."""
        return (self.family, self.name) in _BY_IPTABLES

    @property
    def title(self) -> str:
        """What to call it in commands."""
        return f"{self.family} {self.name}"


def read_nft_ruleset(printed: str) -> list[NftTable]:
    """Reads what ``nft list ruleset`` printed; what is no table or chain is left out."""
    tables: list[NftTable] = []
    place: list[str] = []
    for line in _whole_lines(printed):
        if line == "}":
            del place[-1:]
        elif _BLOCK.match(line):
            place.append(line[:-1].strip())
            _begin(tables, place)
        elif len(place) == 2 and tables:  # noqa: PLR2004  # in a table, and in something of it
            _take(tables[-1], *place[1].partition(" ")[::2], line)
    return tables


def _begin(tables: list[NftTable], place: list[str]) -> None:
    kind, _, name = place[-1].partition(" ")
    if kind == "table":
        family, _, title = name.partition(" ")
        tables.append(NftTable(family, title, {}, {}))
    elif kind == "set" and tables:
        tables[-1].sets[name] = ""
    elif kind == "chain" and tables:
        tables[-1].chains[name] = NftChain(name, "", "", "", "accept", [])


def _take(table: NftTable, kind: str, name: str, line: str) -> None:
    if kind == "chain":
        _add(table, name, line)
    elif kind == "set" and line.startswith(_ELEMENTS):
        table.sets[name] = line.removeprefix(_ELEMENTS).removesuffix("}").strip()


def _add(table: NftTable, name: str, line: str) -> None:
    base = _BASE.match(line)
    if base is None:
        table.chains[name].rules.append(line)
        return
    policy = _POLICY.search(line)
    table.chains[name] = table.chains[name]._replace(
        kind=base[1], hook=base[2], priority=(base[3] or "").strip(), policy=policy[1] if policy else "accept"
    )


def _whole_lines(printed: str) -> Iterator[str]:
    """The lines without comments; a set that goes over several lines becomes one."""
    begun: list[str] = []
    open_braces = 0
    for raw in printed.splitlines():
        line = raw.strip()
        bare = _QUOTED.sub("", line) if '"' in line else line
        opened = bare.count("{") - bare.count("}")
        if begun or (opened > 0 and not _BLOCK.match(line)):
            begun.append(line)
            open_braces += opened
            if open_braces > 0:
                continue
            line, begun, open_braces = " ".join(begun), [], 0
        if line and not line.startswith("#"):
            yield line
