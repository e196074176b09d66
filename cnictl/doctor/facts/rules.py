"""The rules of the packet filter, by the two backends of iptables and nftables' own tables."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.registry import Skip
from cnictl.foreign.iptables import read_saved_rules
from cnictl.foreign.nft import read_nft_ruleset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.iptables import SavedRules
    from cnictl.foreign.nft import NftTable

_LEGACY_TABLES = "/proc/1/net/ip_tables_names"
"""The tables of the old backend that the kernel has."""
_CANARIES = frozenset({"KUBE-KUBELET-CANARY", "KUBE-PROXY-CANARY", "KUBE-IPTABLES-HINT"})
_FAMILIES = {"iptables": 4, "ip6tables": 6}


class Ruleset(NamedTuple):
    """What one tool of iptables shows.

    Attributes:
        tool: Its name, such as ``iptables-nft``; commands that change these rules begin with it.
        family: 4 or 6.
        backend: ``nft`` or ``legacy``.
        saved: The rules.
    """

    tool: str
    family: int
    backend: str
    saved: SavedRules

    def chains_of(self, *beginnings: str) -> list[str]:
        """The names of chains that begin so, each once; those that only show who has been here are left out."""
        names = dict.fromkeys(name for _, name in self.saved.chains() if name.startswith(beginnings))
        return [name for name in names if name not in _CANARIES]

    @property
    def matters(self) -> bool:
        """Whether it changes what becomes of packets: there are rules, or something is dropped at the end."""
        policies = {chain.policy for table in self.saved.tables.values() for chain in table.values()}
        return self.saved.size > 0 or "DROP" in policies


class Rules:
    """All rules.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def rulesets(self) -> tuple[Ruleset, ...]:
        """What the tools of iptables show, those that show nothing included; each backend of each family once.

        Raises:
            Unanswered: The rules cannot be known here.
        """
        found = dict(self._read())
        return tuple(found.values())

    def _read(self) -> Iterator[tuple[tuple[int, str], Ruleset]]:
        texts = self.node.rulesets
        # The tool without a backend in its name is one of the two others, and counts where those are not installed.
        for suffix in ("", "-legacy", "-nft"):
            for tool, family in _FAMILIES.items():
                text = texts.get(f"{tool}{suffix}")
                if text is not None:
                    saved = read_saved_rules(text)
                    backend = suffix[1:] or ("nft" if saved.is_nft else "legacy")
                    yield (family, backend), Ruleset(f"{tool}{suffix}", family, backend, saved)

    @cached_property
    def nft(self) -> tuple[NftTable, ...]:
        """The tables of nftables that iptables has not made.

        Raises:
            Unanswered: The rules cannot be known here.
        """
        return tuple(table for table in read_nft_ruleset(self.node.rulesets.get("nft", "")) if not table.by_iptables)

    @cached_property
    def unseen(self) -> str | None:
        """Why some rules may not be seen; ``None`` when all are."""
        texts = self.node.rulesets
        failed = next((reason for tool, reason in texts.items() if tool.endswith("!")), None)
        if failed:
            return failed
        backends = {ruleset.backend for ruleset in self.rulesets}
        if (self.node.text(_LEGACY_TABLES) or "").strip() and "legacy" not in backends:
            return "iptables-legacy-save is not installed, and there are rules that only it shows"
        if "nft" in texts and "nft" in backends:
            return None
        return "nft and the iptables of nftables are not both installed, so some rules may not be seen"

    def required(self) -> tuple[Ruleset, ...]:
        """The rulesets, where all that there is can be seen.

        Raises:
            Skip: Some rules may not be seen.
            Unanswered: The rules cannot be known here.
        """
        if self.unseen:
            raise Skip(self.unseen)
        return self.rulesets

    def has_chain(self, *names: str) -> bool:
        """Whether iptables has one of these chains in any table."""
        return any(
            name in table for ruleset in self.rulesets for table in ruleset.saved.tables.values() for name in names
        )

    def nft_table(self, name: str) -> NftTable | None:
        """A table of nftables of this name, of any family."""
        return next((table for table in self.nft if table.name == name), None)
