"""Where all cases are: functions in the modules of `cnictl.conformance.cases` with the decorator `case`.

`cnictl.throwaway.step` says what a step is; a case is one that asks a single plugin. What the spec calls a MUST is an
error when it does not hold, and a SHOULD a warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cnictl.model.version import SpecVersion
from cnictl.report.finding import Severity
from cnictl.throwaway.step import Flaw, Seen, Skip, Step, Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnictl.conformance.bench import Bench

__all__ = ["ROLES", "Case", "Flaw", "Seen", "Skip", "all_cases", "case", "should"]

CaseFunction: TypeAlias = "Callable[[Bench], Iterator[Seen | Flaw]]"

ROLES = {
    "interface": "makes an interface",
    "chained": "stands behind another plugin",
    "ipam": "gives out addresses",
}
"""What a plugin may be."""


@dataclass(frozen=True)
class Case(Step):
    """A case.

    Attributes:
        since: The first version of the spec that demands it.
        roles: The roles of `ROLES` that it is about.
    """

    since: SpecVersion = SpecVersion.V0_1_0
    roles: tuple[str, ...] = tuple(ROLES)

    def obstacle(self, bench: Bench) -> str | None:
        """Why it is not about this plugin, or this version."""
        if bench.version < self.since:
            return f"the spec demands it from {self.since} on, and this is {bench.version}"
        if bench.role not in self.roles:
            kinds = " or ".join(ROLES[role] for role in self.roles)
            return f"it is about a plugin that {kinds}, and {bench.request.type} {ROLES[bench.role]}"
        return None


_CASES = Steps[Case]("cnictl.conformance.cases")

all_cases = _CASES.all
"""Every case there is, in the order in which they are made."""


def case(  # each is a fact of its own
    code: str,
    name: str,
    title: str,
    *,
    needs: tuple[str, ...] = (),
    since: str = "0.1.0",
    roles: tuple[str, ...] = tuple(ROLES),
    severity: Severity = Severity.ERROR,
) -> Callable[[CaseFunction], CaseFunction]:
    """Makes a function a case; the arguments are those of `Case`.

    Raises:
        ValueError: The code or the name is taken.
    """

    def decorate(function: CaseFunction) -> CaseFunction:
        entry = Case(code, name, title, needs, function, function.__doc__, severity, SpecVersion(since), roles)
        _CASES.add(entry)
        return function

    return decorate


def should(message: str, fix: str) -> Flaw:
    """The flaw that something is not as the spec says that it should be.

    Args:
        message: What happened, as one sentence.
        fix: What to do.
    """
    return Flaw(message, fix, severity=Severity.WARNING)
