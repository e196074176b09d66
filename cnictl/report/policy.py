"""What the user wants to hear: applied once, between the engine and the renderer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable


class Coded(Protocol):
    """Anything with a code and a name: a finding, a rule, a check."""

    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Policy:
    """Which findings count, and how much.

    Attributes:
        select: Beginnings of codes, or whole names, to report; empty means all.
        ignore: Beginnings of codes, or whole names, not to report; wins over ``select``.
        strict: Whether warnings make the answer "no", as errors do.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False

    def wants(self, thing: Coded) -> bool:
        """Whether a finding, rule or check is selected and not ignored."""
        if any(matches(pattern, thing) for pattern in self.ignore):
            return False
        return not self.select or any(matches(pattern, thing) for pattern in self.select)

    def refuses(self, severity: Severity) -> bool:
        """Whether a finding of this severity makes the answer "no"."""
        return severity is Severity.ERROR or (self.strict and severity is Severity.WARNING)

    def unmatched(self, things: Iterable[Coded]) -> list[str]:
        """The patterns that match none of all the things there are: typing mistakes, most likely."""
        everything = list(things)
        patterns = (*self.select, *self.ignore)
        return [pattern for pattern in patterns if not any(matches(pattern, thing) for thing in everything)]


def matches(pattern: str, thing: Coded) -> bool:
    """Whether a pattern is the beginning of the thing's code, or its whole name."""
    return thing.code.startswith(pattern.upper()) or thing.name == pattern.lower()
