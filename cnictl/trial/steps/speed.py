"""Whether the bandwidth is limited as asked, and not where nobody asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.trial.causes import limits_of, strangled, unreachable
from cnictl.trial.registry import Flaw, Seen, Skip, step
from cnictl.trial.steps.reach import require_addresses
from cnictl.trial.traffic import TOLERANCE, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.trial.bench import Bench
    from cnictl.trial.traffic import Throughput

_LONGEST = 4.0
"""Seconds for one direction; a burst of 512 MB, which containerd asks for, is used up in about one."""
_UNLIMITED = 200e6
"""Bits per second that any link between namespaces carries."""
_SHORT = 0.6


@step("CNI914", "try-bandwidth", "bandwidth in each direction", needs=("try-add", "try-node"))
def bandwidth(bench: Bench) -> Iterator[Seen | Flaw]:
    """The bandwidth that was measured is not the one that was asked for.

    Why:
        One pod takes what others need, or gets less than it was promised.
    Bad:
        {"type": "bandwidth", "ingressRate": 10000000, "ingressBurst": 800}
    Good:
        {"type": "bandwidth", "ingressRate": 10000000, "ingressBurst": 1000000}
    Fix:
        Let bandwidth declare the capability, write rates in bits per second, and a burst of some packets.
    Reference:
        bandwidth plugin's documentation, "Overview"
    """
    require_addresses(bench)
    asked = dict(bench.capability_args.get("bandwidth") or {})
    limits = limits_of(bench)
    yield from _ignored(bench, asked, limits)
    flaw = strangled(bench)
    if flaw is not None:
        yield flaw
        return
    for family in bench.pod.families:
        for way in ("ingress", "egress"):
            yield _direction(bench, way, family, limits)


def _ignored(bench: Bench, asked: dict[str, int], limits: dict[str, int]) -> Iterator[Flaw]:
    if asked and not limits:
        missing = bench.plugin("bandwidth") is None
        message = (
            "a bandwidth was asked for, and no plugin of the chain limits it"
            if missing
            else "bandwidth is told of no limit"
        )
        yield Flaw(message, 'add {"type": "bandwidth", "capabilities": {"bandwidth": true}} at the end')
    elif asked and not bench.declares("bandwidth"):
        fix = 'add "capabilities": {"bandwidth": true} to bandwidth'
        yield Flaw("bandwidth does not declare its capability, so it is not told of the limit", fix, "bandwidth")


def _direction(bench: Bench, way: str, family: int, limits: dict[str, int]) -> Seen | Flaw:
    """Measures what the pod receives (ingress) or sends (egress)."""
    limit = limits.get(f"{way}Rate") or None
    own, other = bench.pod.address(family) or "", bench.node.addresses[family]
    source, target, address = (None, bench.pod.netns, own) if way == "ingress" else (bench.pod.netns, None, other)
    try:
        found = measure(source, target, address, limit, _LONGEST if limit else _SHORT)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return unreachable(bench, bench.pod, other, f"no connection comes about to measure {way} ({reason})")
    return _judged(f"IPv{family} {way}", found, limit, limits.get(f"{way}Burst", 0))


def _judged(what: str, found: Throughput, limit: int | None, burst: int) -> Seen | Flaw:
    """Whether what was measured is what was asked for.

    Raises:
        Skip: The burst is so large that the limit was not reached.
    """
    said = f"{what} {_bits(found.rate)}"
    if limit is None and found.rate >= _UNLIMITED:
        return Seen(f"{said}, without a limit")
    if limit is None:
        return Flaw(f"{said}, although nobody asked for a limit", "see which plugin or queue limits it", "bandwidth")
    if found.steady:
        return Seen(f"{said} of {_bits(limit)}")
    if found.total * 8 < burst:
        message = f"{what}: the burst of {burst} bits was not used up in {_LONGEST:g} s, so the limit was never reached"
        raise Skip(message)
    return _missed(said, found.rate, limit, burst)


def _missed(said: str, rate: float, limit: int, burst: int) -> Flaw:
    evidence = {"bitsPerSecond": round(rate), "limit": limit}
    way = "more" if rate > limit else "less"
    message = f"{said}, {abs(rate / limit - 1):.0%} {way} than the limit of {_bits(limit)}"
    if rate < limit and burst < limit * _TICK:
        message += f": the burst of {burst} bits is too small for this rate"
        return Flaw(message, "write a burst of at least a hundredth of the rate", "bandwidth", evidence=evidence)
    return Flaw(
        message, f"it has to be within {TOLERANCE:.0%}: see `tc qdisc` in the node", "bandwidth", evidence=evidence
    )


_TICK = 0.01
"""Seconds for which a burst should suffice, as the kernel's clock does not let packets go more often than that."""


def _bits(rate: float) -> str:
    for unit, name in ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s")):
        if rate >= unit:
            return f"{rate / unit:.1f} {name}"
    return f"{rate:.0f} bit/s"
