"""What is seen in a network namespace, as values that can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

Details = dict[str, "str | int"]
"""What is known about a thing beyond its name."""

KINDS = (
    "link",
    "address",
    "route",
    "rule",
    "neighbour",
    "qdisc",
    "class",
    "filter",
    "iptables",
    "ip6tables",
    "nftables",
    "sysctl",
)
"""What is looked at, in the order in which it is shown."""


class Fact(NamedTuple):
    """One thing in a namespace.

    Attributes:
        kind: One of `KINDS`.
        what: How the tool of this kind shows it, such as ``default via 10.1.0.1 dev eth0``.
        details: What of it can change while it stays the same thing.
        key: What makes it the same thing; ``what`` when ``None``.
    """

    kind: str
    what: str
    details: Mapping[str, str | int] = {}
    key: Hashable = None


Facts = dict["Hashable", Fact]
"""Facts by their kind and key."""


def collect(facts: Iterable[Fact]) -> Facts:
    """Facts as a mapping; of things that are there twice, such as a doubled iptables rule, each is kept."""
    found: Facts = {}
    times: dict[Hashable, int] = {}
    for fact in facts:
        key = (fact.kind, fact.what if fact.key is None else fact.key)
        times[key] = times.get(key, 0) + 1
        found[(*key, times[key])] = fact
    return found
