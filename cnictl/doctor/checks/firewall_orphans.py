"""Chains of containers that are gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.checks.firewall_forward import RULES
from cnictl.doctor.facts.host_ports import ENTRY, NFT_TABLE
from cnictl.doctor.facts.pods import Fate
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.finding import Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.rules import Ruleset
    from cnictl.doctor.node import Node
    from cnictl.foreign.iptables import Owner, SavedRule

_OF_CONTAINERS = re.compile(r"CNI-(?:DN-|SN-)?[0-9a-f]{21,24}")
_MOST = 20
"""So many are told one by one."""


class Orphan(NamedTuple):
    """A chain of a container that is gone.

    Attributes:
        ruleset: Where it is.
        owner: Whose it was.
        rules: The rules that lead to it.
        chain: Its name.
    """

    ruleset: Ruleset
    owner: Owner
    rules: list[SavedRule]
    chain: str

    @property
    def removal(self) -> str:
        """How to remove it, as a command."""
        nat = f"{self.ruleset.tool} -t nat"
        jumps = [f"{nat} -D {rule.chain} {rule.text}" for rule in self.rules]
        return " && ".join((*jumps, f"{nat} -F {self.chain}", f"{nat} -X {self.chain}"))


@check(
    "CNI874",
    "orphan-chains",
    Severity.WARNING,
    "firewall",
    reads="the chains of CNI plugins in iptables, portmap's table in nftables, and which containers there are",
    well="each chain belongs to a container that is there",
    follows=("leak", "del-fails"),
    symptoms=(
        r"Chain 'CNI-[0-9a-zA-Z-]+' does not exist",
        r"running \[\S+ -t nat -D POSTROUTING .*exit status [12]",
    ),
)
def orphan_chains(node: Node) -> Iterator[Hit]:
    """Chains of iptables are left of containers that are gone, or of another backend of portmap.

    Why:
        Packets pass through ever more rules, and an address that is given to a new container is masqueraded as the old
        one's was. DEL does not always remove them: the bridge plugin leaves its chain when the network namespace has
        gone before. In a log: "Chain 'CNI-...' does not exist" on a second try.
    Bad:
        -A POSTROUTING -s 10.88.0.5/32 -j CNI-04d58f87919ef35b212ba6e0, and the container of its comment is gone
    Good:
        a rule for each container that is there
    Fix:
        Remove the rule that leads to the chain, empty the chain and delete it: `iptables -t nat -S | grep CHAIN` shows
        the rule, `iptables -t nat -D` with its own words behind -A removes it, then `iptables -t nat -F CHAIN` and
        `iptables -t nat -X CHAIN`.
    Reference:
        plugins, pkg/ip/ipmasq_iptables_linux.go and plugins/meta/portmap/portmap_iptables.go
    """
    rulesets = node.rules.rulesets
    yield from _both_backends(node)
    orphans = [orphan for ruleset in rulesets for orphan in _orphans(node, ruleset)]
    for orphan in orphans[:_MOST]:
        message = (
            f"the chain {orphan.chain} of {orphan.ruleset.tool} is left of the container "
            f"{orphan.owner.container_id[:13]} of the network {orphan.owner.network}, which is gone"
        )
        evidence: dict[str, object] = {"container": orphan.owner.container_id, "network": orphan.owner.network}
        yield Hit(RULES, message, Fix(f"`{orphan.removal}`"), evidence)
    if len(orphans) > _MOST:
        message = f"{len(orphans) - _MOST} more chains belonged to containers that are gone"
        fix = Fix("`cnictl doctor --select orphan-chains --format json` has the commands, under evidence")
        yield Hit(RULES, message, fix, {"commands": [orphan.removal for orphan in orphans[_MOST:]]})
    if not orphans and node.pods.trouble and _has_chains(rulesets):
        raise Skip(node.pods.trouble)


def _has_chains(rulesets: tuple[Ruleset, ...]) -> bool:
    return any(map(_OF_CONTAINERS.fullmatch, (name for ruleset in rulesets for name in ruleset.chains_of("CNI-"))))


def _orphans(node: Node, ruleset: Ruleset) -> Iterator[Orphan]:
    """The chains whose owner is certainly gone; where it is in the cache, removing it is the cache's matter."""
    jumps: dict[str, tuple[Owner, list[SavedRule]]] = {}
    for name in ("POSTROUTING", ENTRY):
        for rule in ruleset.saved.chain("nat", name).rules:
            owner = rule.owner if _OF_CONTAINERS.fullmatch(rule.target) else None
            if owner is not None:
                jumps.setdefault(rule.target, (owner, []))[1].append(rule)
    for chain, (owner, rules) in jumps.items():
        known = node.state.attachments_of(owner.container_id)
        if not known and node.host_ports.fate_of(owner.container_id) is Fate.GONE:
            yield Orphan(ruleset, owner, rules, chain)


def _both_backends(node: Node) -> Iterator[Hit]:
    """portmap that has changed its backend: what it made before is its own no more."""
    table = node.rules.nft_table(NFT_TABLE)
    old = next((each for each in node.rules.rulesets if each.saved.chain("nat", ENTRY).rules), None)
    if old is not None and table is not None and any(chain.rules for chain in table.chains.values()):
        count = len(old.saved.chain("nat", ENTRY).rules)
        message = f"portmap's hostPorts are in {old.tool} ({count} rules) and in the nftables table {NFT_TABLE}"
        fix = Fix('set "backend" of portmap to one of the two, and recreate the pods whose hostPorts are in the other')
        yield Hit(RULES, message, fix, {"tool": old.tool, "rules": count})
