"""What may become of a packet: rules are followed as far as they can be understood.

A match is true, false, or not known. What comes out is everything that may happen, so that ``{"drop"}`` is certain, and
a rule that is not understood never makes anything certain that is not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cnictl.foreign.iptables import SavedRule, SavedTable

Address: TypeAlias = IPv4Address | IPv6Address
Match: TypeAlias = bool | None
"""Whether a rule is for a packet; ``None`` when that is not known."""

ACCEPT, DROP, MASQUERADE, RETURN, CONTINUE = "accept", "drop", "masquerade", "return", "continue"


class Packet(NamedTuple):
    """The first packet of a connection, not to a service or a hostPort; ``None`` is what may be anything.

    Attributes:
        family: 4 or 6.
        incoming: The link that it comes from; empty when it is made here.
        outgoing: The link that it leaves by; empty when it stays here.
        source: Its source address.
        target: Its destination.
        protocol: ``tcp``, ``udp`` and so on.
        port: Its destination port.
    """

    family: int
    incoming: str | None = None
    outgoing: str | None = None
    source: Address | None = None
    target: Address | None = None
    protocol: str | None = None
    port: int | None = None


class Step(NamedTuple):
    """A rule as it concerns one packet.

    Attributes:
        match: Whether it is for the packet.
        verdicts: What it does then; ``jump X`` and ``goto X`` lead to another chain.
    """

    match: Match
    verdicts: tuple[str, ...]


Read: TypeAlias = "Callable[[str], Iterable[Step]]"
"""Gives the rules of a chain, as they concern the packet."""


def outcomes(read: Read, chain: str, policy: str) -> frozenset[str]:
    """What may become of a packet that enters a chain.

    Args:
        read: The rules.
        chain: Where it enters.
        policy: What becomes of it at the end.
    """
    found = _walk(read, chain, {})
    return (found - {RETURN}) | ({policy} if RETURN in found else frozenset())


def _walk(read: Read, chain: str, known: dict[str, frozenset[str]]) -> frozenset[str]:
    if chain not in known:
        known[chain] = frozenset({RETURN})  # a chain that comes to itself is refused by the kernel
        found: set[str] = set()
        for step in read(chain):
            ends = frozenset().union(*(_end(verdict, read, known) for verdict in step.verdicts))
            if step.match is not False:
                found |= ends - {CONTINUE}
            if step.match is True and CONTINUE not in ends:
                break
        else:
            found.add(RETURN)
        known[chain] = frozenset(found)
    return known[chain]


def _end(verdict: str, read: Read, known: dict[str, frozenset[str]]) -> frozenset[str]:
    kind, _, name = verdict.partition(" ")
    if kind == "jump":
        found = _walk(read, name, known)
        return (found - {RETURN}) | {CONTINUE} if RETURN in found else found
    return _walk(read, name, known) if kind == "goto" else frozenset({verdict})


def all_of(matches: Iterable[Match]) -> Match:
    """Whether all are true."""
    found = set(matches)
    return False if False in found else None if None in found else True


_PORT = re.compile(r"[0-9]{1,5}")
_TARGETS: Mapping[str, tuple[str, ...]] = {
    "": (CONTINUE,),
    "ACCEPT": (ACCEPT,),
    "DROP": (DROP,),
    "REJECT": (DROP,),
    "TARPIT": (DROP,),
    "RETURN": (RETURN,),
    "QUEUE": (ACCEPT, DROP),
    "NFQUEUE": (ACCEPT, DROP),
    "MASQUERADE": (MASQUERADE,),
    "SNAT": (MASQUERADE,),
    "NETMAP": (MASQUERADE,),
}
_NO_VALUE = frozenset({"--syn", "--physdev-is-bridged", "--physdev-is-in", "--physdev-is-out", "-f"})
_MARKS_OF_SERVICES = frozenset({"0x4000/0x4000", "0x2000/0x2000", "0x4000", "0x2000"})
"""Marks of kube-proxy and of portmap, which only packets to services and hostPorts have."""


def outcomes_in(table: SavedTable, chain: str, packet: Packet) -> frozenset[str]:
    """What may become of a packet that enters a chain of iptables; ``{"accept"}`` where there is no such chain."""
    if chain not in table:
        return frozenset({ACCEPT})

    def read(name: str) -> Iterable[Step]:
        return (_saved_step(rule, packet, table) for rule in (table[name].rules if name in table else ()))

    return outcomes(read, chain, DROP if table[chain].policy == "DROP" else ACCEPT)


def _saved_step(rule: SavedRule, packet: Packet, table: SavedTable) -> Step:
    target = rule.target
    verdicts = _TARGETS.get(target)
    if verdicts is None:
        going = "goto" if " -g " in f" {rule.text}" else "jump"
        verdicts = (f"{going} {target}",) if target in table else (CONTINUE,)
    return Step(all_of(_saved_matches(rule, packet)), verdicts)


def _saved_matches(rule: SavedRule, packet: Packet) -> Iterable[Match]:
    negated = False
    words = iter(rule.words)
    for word in words:
        if word == "!":
            negated = True
        elif word in ("-j", "-g"):
            return
        elif word.startswith("-"):
            value = "" if word in _NO_VALUE else next(words, "")
            found = _saved_match(word, value, packet)
            yield found if found is None or not negated else not found
            negated = False


def _saved_match(option: str, value: str, packet: Packet) -> Match:  # noqa: PLR0911  # one for each kind
    if option in ("-m", "--comment"):
        return True
    if option in ("-s", "-d"):
        return in_network(packet.source if option == "-s" else packet.target, value)
    if option in ("-i", "-o"):
        return is_link(packet.incoming if option == "-i" else packet.outgoing, value.replace("+", "*"))
    if option == "-p":
        return None if packet.protocol is None else value in (packet.protocol, "all")
    if option in ("--ctstate", "--state"):
        states = set(value.split(","))
        return "NEW" in states
    if option in ("--dport", "--dports"):
        return is_port(packet.port, value.replace(":", "-"))
    if option == "--dst-type" and value == "LOCAL":
        return None if packet.outgoing is None else not packet.outgoing
    if option == "--mark" and value in _MARKS_OF_SERVICES:
        return False
    return None


def in_network(address: Address | None, networks: str) -> Match:
    """Whether an address is in one of some networks, with commas between them."""
    if address is None:
        return True if networks in ("0.0.0.0/0", "::/0") else None
    found = [_network(text) for text in networks.split(",")]
    if any(network is not None and network.version == address.version and address in network for network in found):
        return True
    return None if None in found else False


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def is_link(link: str | None, pattern: str) -> Match:
    """Whether a link has a name; a ``*`` at its end stands for anything."""
    if link is None:
        return True if pattern == "*" else None
    return link.startswith(pattern[:-1]) if pattern.endswith("*") else link == pattern


def is_port(port: int | None, ports: str) -> Match:
    """Whether a port is among some, with commas between them; ``8000-9000`` is a range."""
    if port is None:
        return None
    for part in ports.split(","):
        first, _, last = part.strip().partition("-")
        if not _PORT.fullmatch(first) or not _PORT.fullmatch(last or first):
            return None
        if int(first) <= port <= int(last or first):
            return True
    return False
