"""Where a packet is certainly dropped, and who has seen to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.facts.packets import DROP, Packet, outcomes_in
from cnictl.doctor.facts.packets_nft import outcomes_in_nft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.placement import Placement
    from cnictl.doctor.facts.rules import Rules, Ruleset
    from cnictl.doctor.node import Node
    from cnictl.foreign.nft import NftTable

FIREWALLD, UFW, DOCKER = "firewalld", "ufw", "docker"


class Dropped(NamedTuple):
    """A place where a packet is dropped.

    Attributes:
        where: The chain, in words.
        command: How a command begins that adds a rule at the beginning of it; empty when there is a better way.
        by: Who makes these rules: ``firewalld``, ``ufw`` or ``docker``; empty when it is not known.
    """

    where: str
    command: str
    by: str = ""


def drops(rules: Rules, hook: str, packet: Packet) -> Iterator[Dropped]:
    """Where a packet is dropped, whatever is not known of it.

    Args:
        rules: The rules.
        hook: ``forward`` or ``input``.
        packet: The packet.
    """
    certain = frozenset({DROP})
    chain = hook.upper()
    for ruleset in rules.rulesets:
        table = ruleset.saved.tables.get("filter", {})
        if ruleset.family == packet.family and outcomes_in(table, chain, packet) == certain:
            policy = " (policy DROP)" if table[chain].policy == "DROP" else ""
            where = f"the chain {chain} of {ruleset.tool}{policy}"
            yield Dropped(where, f"{ruleset.tool} -I {chain}", _maker(ruleset))
    for other in rules.nft:
        for base in other.chains.values():
            if base.hook == hook and outcomes_in_nft(other, base.name, packet) == certain:
                where = f"the chain {base.name} of the nftables table {other.title}"
                yield Dropped(where, f"nft insert rule {other.title} {base.name}", _maker_of(other))


def _maker(ruleset: Ruleset) -> str:
    if ruleset.chains_of("ufw-"):
        return UFW
    if ruleset.chains_of("FWD_", "FORWARD_ZONES"):
        return FIREWALLD
    return DOCKER if "DOCKER-USER" in ruleset.chains_of("DOCKER") else ""


def _maker_of(table: NftTable) -> str:
    return FIREWALLD if table.name == "firewalld" else ""


def first_packet(node: Node, place: Placement) -> Packet | None:
    """What a pod sends to somewhere beyond the node; ``None`` when too little is known of it.

    The plugin firewall lets the addresses of pods pass one by one, so an address that no pod has yet tells nothing.

    Raises:
        Unanswered: The node's routes cannot be known here.
    """
    has_firewall = any(plugin.type == "firewall" for plugin in place.plugin.network.plugins)
    uplink = node.placements.uplink(place.family)
    if uplink is None or (has_firewall and not place.is_held):
        return None
    return Packet(place.family, place.link, uplink, place.address, protocol="tcp")
