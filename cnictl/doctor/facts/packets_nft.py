"""What may become of a packet in a table of nftables; see `cnictl.doctor.facts.packets`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.doctor.facts.packets import (
    ACCEPT,
    CONTINUE,
    DROP,
    MASQUERADE,
    RETURN,
    Match,
    Packet,
    Step,
    all_of,
    in_network,
    is_link,
    is_port,
    outcomes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cnictl.foreign.nft import NftTable

_IPV4 = 4
_PROTOCOLS = frozenset({"tcp", "udp", "sctp", "dccp", "icmp", "icmpv6", "igmp", "esp", "ah"})
_TOKEN = re.compile(r'"[^"]*"|\{[^}]*\}|[^\s"{]+')
_NFT_FAMILIES: Mapping[int, frozenset[str]] = {4: frozenset({"ip", "inet"}), 6: frozenset({"ip6", "inet"})}
_NFT_VERDICTS: Mapping[str, tuple[str, ...]] = {
    "accept": (ACCEPT,),
    "drop": (DROP,),
    "reject": (DROP,),
    "return": (RETURN,),
    "continue": (CONTINUE,),
    "queue": (ACCEPT, DROP),
    "masquerade": (MASQUERADE,),
    "snat": (MASQUERADE,),
}


def outcomes_in_nft(table: NftTable, chain: str, packet: Packet) -> frozenset[str]:
    """What may become of a packet that enters a base chain of nftables; ``{"accept"}`` when it is of another family."""
    if table.family not in _NFT_FAMILIES[packet.family]:
        return frozenset({ACCEPT})

    def read(name: str) -> Iterable[Step]:
        rules = table.chains[name].rules if name in table.chains else ()
        return (_nft_step(_tokens(table, rule), packet) for rule in rules)

    return outcomes(read, chain, DROP if table.chains[chain].policy == "drop" else ACCEPT)


def _tokens(table: NftTable, rule: str) -> list[str]:
    """The words of a rule; a set that has a name is replaced by what is in it."""
    words = _TOKEN.findall(rule)
    return [f"{{{table.sets[word[1:]]}}}" if word[1:] in table.sets and word[0] == "@" else word for word in words]


def _nft_step(tokens: list[str], packet: Packet) -> Step:
    matches: list[Match] = []
    while tokens:
        word = tokens.pop(0)
        if word in _NFT_VERDICTS:
            return Step(all_of(matches), _NFT_VERDICTS[word])
        if word in ("jump", "goto") and tokens:
            return Step(all_of(matches), (f"{word} {tokens[0]}",))
        if "vmap" in (word, *tokens):
            matches.append(_vmap(word, tokens))
            return Step(all_of(matches), (ACCEPT, DROP, CONTINUE))
        matches += _nft_match(word, tokens, packet)
    return Step(all_of(matches), (CONTINUE,))


def _vmap(word: str, tokens: list[str]) -> Match:
    """Whether a map of verdicts has one for the packet: that of connections' states has none for new ones often."""
    words = [word, *tokens]
    if words[:3] == ["ct", "state", "vmap"] and words[3:]:
        return None if re.search(r"\bnew\b", words[3]) else False
    return None


def _nft_match(word: str, tokens: list[str], packet: Packet) -> list[Match]:
    """What a match comes to; its words are taken from the rule, those of one that is not understood are left there."""
    if word in ("counter", "log"):
        while tokens[:1] and tokens[0] in ("packets", "bytes", "prefix", "level", "flags", "group"):
            del tokens[:2]
        return []
    if word == "comment":
        del tokens[:1]
        return []
    if word in ("iifname", "oifname", "iif", "oif"):
        link = packet.incoming if word.startswith("i") else packet.outgoing
        return [_compared(tokens, lambda value: is_link(link, value))]
    compare = _field((word, tokens[0]), packet) if tokens else None
    if compare is None:
        return [None]
    del tokens[0]
    return [_compared(tokens, compare)]


def _field(field: tuple[str, str], packet: Packet) -> Callable[[str], Match] | None:  # noqa: PLR0911  # one for each
    """Compares a field of the packet with a value; ``None`` for a field that is not understood."""
    family, what = field
    if family in ("ip", "ip6") and what in ("saddr", "daddr"):
        if family != ("ip" if packet.family == _IPV4 else "ip6"):
            return lambda _: False
        address = packet.source if what == "saddr" else packet.target
        return lambda value: in_network(address, value)
    if field == ("ct", "state"):
        return lambda value: value == "new"
    if field == ("ct", "status"):
        return lambda _: False
    if field in (("meta", "l4proto"), ("ip", "protocol"), ("ip6", "nexthdr")):
        return lambda value: None if packet.protocol is None else value == packet.protocol
    if field == ("meta", "nfproto"):
        return lambda value: value == f"ipv{packet.family}"
    if family in _PROTOCOLS and packet.protocol is not None and family != packet.protocol:
        return lambda _: False
    if family in ("tcp", "udp", "th") and what == "dport":
        of_protocol = True if packet.protocol or family == "th" else None
        return lambda value: all_of((of_protocol, is_port(packet.port, value)))
    return None


def _compared(tokens: list[str], is_one: Callable[[str], Match]) -> Match:
    """Compares with one value or a set of them; the words are taken from the rule."""
    negated = tokens[:1] in (["!="], ["!"])
    if tokens[:1] in (["!="], ["!"], ["=="]):
        del tokens[0]
    if not tokens:
        return None
    value = tokens.pop(0)
    if value.startswith("@"):
        return None
    values = value.strip("{} ").split(",")
    found = {is_one(each.strip().strip('"')) for each in values}
    match = True if True in found else None if None in found else False
    return match if match is None or not negated else not match
