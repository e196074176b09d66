"""Rules as ``iptables-save`` prints them."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_TARGET = re.compile(r"(?:^| )-[jg] (\S+)")
_OWNER = re.compile(r'name: \\"(?P<network>[^"\\]+)\\" id: \\"(?P<id>[^"\\]+)\\"')


class Owner(NamedTuple):
    """Whose rule it is, as the reference plugins write it into its comment."""

    network: str
    container_id: str


class SavedRule(NamedTuple):
    """A rule.

    Attributes:
        chain: The chain that it is in.
        text: All that is printed behind the chain's name.
        line: Its line in what was printed, from 1.
    """

    chain: str
    text: str
    line: int

    @property
    def words(self) -> list[str]:
        """Its arguments; where quotes are not closed, what stands between spaces."""
        if '"' not in self.text and "'" not in self.text and "\\" not in self.text:
            return self.text.split()
        try:
            return shlex.split(self.text)
        except ValueError:
            return self.text.split()

    @property
    def target(self) -> str:
        """Where it leads, such as ``ACCEPT`` or a chain; empty when it only counts."""
        bare = _QUOTED.sub("", self.text) if '"' in self.text else self.text
        match = _TARGET.search(bare)
        return match[1] if match else ""

    @property
    def owner(self) -> Owner | None:
        """Whose it is; ``None`` when it does not say, or its comment is cut short."""
        match = _OWNER.search(self.text)
        return Owner(match["network"], match["id"]) if match else None


class SavedChain(NamedTuple):
    """A chain.

    Attributes:
        policy: What becomes of packets at its end; empty for one that is only jumped to.
        line: The line that declares it, from 1; 0 when none does.
        rules: Its rules.
    """

    policy: str
    line: int
    rules: list[SavedRule]


SavedTable = dict[str, SavedChain]
"""A table: its chains by their names."""


class SavedRules(NamedTuple):
    """All that one tool printed.

    Attributes:
        tables: The tables by their names, such as ``nat``.
        is_nft: Whether they are tables of nftables in truth.
        size: How many rules there are.
    """

    tables: dict[str, SavedTable]
    is_nft: bool
    size: int

    def chain(self, table: str, name: str) -> SavedChain:
        """A chain; an empty one when it is not there."""
        return self.tables.get(table, {}).get(name) or SavedChain("", 0, [])

    def rules(self, table: str) -> Iterator[SavedRule]:
        """The rules of a table."""
        for chain in self.tables.get(table, {}).values():
            yield from chain.rules

    def chains(self) -> Iterator[tuple[str, str]]:
        """The table and name of every chain."""
        for table, chains in self.tables.items():
            for name in chains:
                yield table, name


def read_saved_rules(printed: str) -> SavedRules:
    """Reads what ``iptables-save`` printed, or a file with it; lines that are none of it are left out."""
    tables: dict[str, SavedTable] = {}
    table: SavedTable = {}
    count = 0
    for number, line in enumerate(printed.splitlines(), 1):
        if line.startswith("*"):
            table = tables.setdefault(line[1:].strip(), {})
        elif line.startswith(":"):
            name, policy, *_ = [*line[1:].split(), "", ""]
            table[name] = SavedChain("" if policy == "-" else policy, number, [])
        else:
            start = line.find("-A ", 0, 60)  # counters may stand before it
            if start >= 0:
                name, _, text = line[start + 3 :].partition(" ")
                table.setdefault(name, SavedChain("", 0, [])).rules.append(SavedRule(name, text, number))
                count += 1
    return SavedRules(tables, "(nf_tables)" in printed.partition("\n")[0], count)
