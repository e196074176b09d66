"""Takes the rules of nftables and iptables into a snapshot, as the tools of the system show them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cnictl.netns.fact import collect
from cnictl.netns.firewall import read_nft, read_saved
from cnictl.netns.kernel import generation

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnictl.netns.fact import Fact
    from cnictl.netns.snapshot import Snapshot

RULESETS = ("nftables", "iptables", "ip6tables")
"""The kinds of facts that are taken here."""


class ToolOutput(Protocol):
    """What came of a tool; see `cnictl.invoke.tools.Shown`."""

    @property
    def text(self) -> str | None:
        """What it printed."""

    @property
    def trouble(self) -> str | None:
        """Why it did not; ``None`` when it is not installed."""


def take_rulesets(shot: Snapshot, show: Callable[..., ToolOutput], previous: Snapshot | None) -> None:
    """Looks at the rules in the network namespace that the calling thread is in.

    Args:
        shot: Where to put them.
        show: Runs a tool: its name, then its arguments.
        previous: The last snapshot of the same namespace; rules that have not changed since are taken from it.
    """
    _take_nftables(shot, show, previous)
    _take_legacy(shot, show)


_BY_IPTABLES = frozenset({"filter", "nat", "mangle", "raw", "security"})
_SAVERS = {"ip": ("iptables", "iptables-nft-save"), "ip6": ("ip6tables", "ip6tables-nft-save")}


def _take_nftables(shot: Snapshot, show: Callable[..., ToolOutput], previous: Snapshot | None) -> None:
    """The rules in nftables; those that iptables made there are shown as iptables shows them."""
    shot.generation = generation()
    if shot.generation is None:
        return
    if previous is not None and previous.generation == shot.generation:
        _carry_over(shot, previous)
        return
    nft = show("nft", "--stateless", "list", "ruleset")
    by_iptables = _take_saved(shot, show, nft.text)
    if nft.text is not None:
        shot.facts |= collect(read_nft(nft.text, by_iptables))
    else:
        _lose(shot, "nftables", nft.trouble or "nft is not installed, so rules of nftables are not seen")


def _lose(shot: Snapshot, kind: str, reason: str) -> None:
    shot.unseen[kind] = reason
    shot.lost.add(kind)


def _carry_over(shot: Snapshot, previous: Snapshot) -> None:
    shot.facts |= {key: fact for key, fact in previous.facts.items() if _is_of_nftables(fact)}
    for kind in RULESETS:
        if kind in previous.unseen:
            shot.unseen[kind] = previous.unseen[kind]
    shot.lost |= previous.lost & set(RULESETS)


def _is_of_nftables(fact: Fact) -> bool:
    return fact.kind in RULESETS and not fact.what.startswith(_LEGACY)


def _take_saved(shot: Snapshot, show: Callable[..., ToolOutput], listed: str | None) -> frozenset[tuple[str, str]]:
    """Takes what iptables-nft made, and gives the tables in which it lies."""
    tables: set[tuple[str, str]] = set()
    for family, (kind, tool) in _SAVERS.items():
        if listed is not None and not any(f"table {family} {name} {{" in listed for name in _BY_IPTABLES):
            continue
        saved = show(tool)
        if saved.text is not None:
            content = read_saved(kind, saved.text)
            shot.facts |= collect(content.facts)
            tables |= {(family, name) for name in content.tables}
        elif saved.trouble is not None:
            _lose(shot, kind, saved.trouble)
    return frozenset(tables)


_LEGACY = "legacy "
_LEGACY_SAVERS = {
    "ip_tables_names": ("iptables", "iptables-legacy-save", "iptables-save"),
    "ip6_tables_names": ("ip6tables", "ip6tables-legacy-save", "ip6tables-save"),
}


def _take_legacy(shot: Snapshot, show: Callable[..., ToolOutput]) -> None:
    """The rules of iptables in kernels and tools from before nftables; the kernel says whether there are tables."""
    for names, (kind, *tools) in _LEGACY_SAVERS.items():
        if not _lines(Path("/proc/thread-self/net", names)):
            continue
        output = _first_installed(show, tools)
        content = read_saved(kind, output.text or "", _LEGACY)
        if output.text is not None and not content.is_nft:
            shot.facts |= collect(content.facts)
        else:
            shot.unseen[f"legacy {kind}"] = output.trouble or f"{tools[0]} is not installed, so its rules are not seen"
            shot.lost |= {kind} if output.trouble else set()


def _first_installed(show: Callable[..., ToolOutput], tools: list[str]) -> ToolOutput:
    first, *others = tools
    output = show(first)
    if output.text is None and output.trouble is None and others:
        return _first_installed(show, others)
    return output


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []
