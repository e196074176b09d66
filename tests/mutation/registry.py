"""What a kind of mutation is, and where all kinds are."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from cnictl.report.finding import Finding, Severity
from cnictl.text.source import Source
from cnictl.validate.engine import judge
from tests.mutation.configs import Change, Good, own_configs, real_configs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MODULES = ("text", "structure", "names", "chain", "keys", "values", "addresses", "routes")
MOST = 40
"""So many broken configs are tried of each kind, chosen by chance but always the same."""

Breaker: TypeAlias = "Callable[[Good], Iterator[Change]]"


@dataclass(frozen=True)
class Kind:
    """One way to break a config.

    Attributes:
        name: What is done.
        breaker: Yields the broken configs that it makes of a good one.
        least: How severe a finding must be at least.
        everywhere: Whether it breaks any config; else it is done to the own ones only.
        errors: How many errors one change may give, when the fault has several places.
    """

    name: str
    breaker: Breaker
    least: Severity
    everywhere: bool
    errors: int

    def changes(self) -> list[tuple[Good, Change]]:
        """The broken configs, with the good ones they were made of."""
        goods = (*own_configs(), *(real_configs() if self.everywhere else ()))
        every = [(good, change) for good in goods for change in self.breaker(good)]
        chance = random.Random(self.name)
        return every if len(every) <= MOST else chance.sample(every, MOST)


@dataclass(frozen=True)
class Outcome:
    """What was found in a broken config.

    Attributes:
        change: The broken config.
        found: The errors, warnings and notes that were not there before.
        placed: Those of them at the place that was broken.
        hits: Those of these that are severe enough.
    """

    change: Change
    found: tuple[Finding, ...]
    placed: tuple[Finding, ...]
    hits: tuple[Finding, ...]

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.found if finding.severity is Severity.ERROR]

    @property
    def loud(self) -> list[Finding]:
        """Errors and warnings."""
        return [finding for finding in self.found if finding.severity is not Severity.NOTE]

    def __str__(self) -> str:
        found = [f"{one.severity} {one.code} at {one.location.pointer!r}: {one.message}" for one in self.found]
        return f"{self.change.name}: {self.change.deed}\n      " + ("\n      ".join(found) or "nothing found")


_KINDS: dict[str, Kind] = {}
_ORDER = list(Severity)


def kind(
    name: str, least: Severity = Severity.ERROR, *, everywhere: bool = False, errors: int = 1
) -> Callable[[Breaker], Breaker]:
    """Makes a generator of broken configs a kind of mutation."""

    def decorate(breaker: Breaker) -> Breaker:
        assert name not in _KINDS, name
        _KINDS[name] = Kind(name, breaker, least, everywhere, errors)
        return breaker

    return decorate


@cache
def all_kinds() -> tuple[Kind, ...]:
    """Every kind there is."""
    for module in MODULES:
        import_module(f"tests.mutation.kinds.{module}")
    return tuple(_KINDS.values())


@cache
def outcomes(which: Kind) -> tuple[Outcome, ...]:
    """What is found in each broken config of a kind."""
    return tuple(_outcome(which, good, change) for good, change in which.changes())


def _outcome(which: Kind, good: Good, change: Change) -> Outcome:
    old = {(finding.code, finding.location.pointer) for finding in _before(good)}
    every = judge(Source(change.name, change.data)).findings
    found = [one for one in every if (one.code, one.location.pointer) not in old or one.severity is Severity.ERROR]
    placed = [one for one in found if _is_placed(change, one)]
    hits = [one for one in placed if _ORDER.index(one.severity) <= _ORDER.index(which.least)]
    return Outcome(change, tuple(found), tuple(placed), tuple(hits))


@cache
def _before(good: Good) -> tuple[Finding, ...]:
    return tuple(judge(Source(good.name, good.text.encode())).findings)


def _is_placed(change: Change, finding: Finding) -> bool:
    if change.pointers:
        return finding.location.pointer in change.pointers
    return not change.lines or finding.location.line in change.lines
