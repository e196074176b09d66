"""In which order a checkup of doctor is told: causes before what follows from them, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.report.finding import Status
from cnictl.report.report import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.report.report import CheckResult, Checkup

WORST_FIRST = (Status.FAIL, Status.ERROR, Status.WARN, Status.OK, Status.SKIP)
_WRONG = (Status.FAIL, Status.ERROR, Status.WARN)


class Category(NamedTuple):
    """The checks of one category, the worst first."""

    name: str
    checks: tuple[CheckResult, ...]

    @property
    def status(self) -> Status:
        """That of its worst check."""
        return self.checks[0].status


def by_category(checkup: Checkup) -> list[Category]:
    """The checks in their categories: the worst first, then those with the causes, then what lies deeper."""
    members: dict[str, list[CheckResult]] = {}
    for check in checkup.checks:
        members.setdefault(check.category, []).append(check)
    categories = [Category(name, tuple(sorted(checks, key=_badness))) for name, checks in members.items()]
    places = {cause.code: place for place, cause in enumerate(checkup.causes)}
    order = {name: place for place, name in enumerate(checkup.categories)}
    return sorted(
        categories,
        key=lambda each: (_badness(each), _first_place(each, places), order.get(each.name, len(order))),
    )


def _badness(one: Category | CheckResult) -> int:
    return WORST_FIRST.index(one.status)


def _first_place(category: Category, places: Mapping[str, int]) -> int:
    """The place of its first cause among all causes; behind all of them when it has none."""
    return min((places[check.code] for check in category.checks if check.code in places), default=len(places))


def is_well(checkup: Checkup) -> bool:
    """Whether nothing that could be looked at is wrong."""
    return not any(check.status in _WRONG for check in checkup.checks)


def likely_causes(checkup: Checkup) -> Sequence[Cause]:
    """What is wrong by itself, the most likely root cause first.

    Where nobody has looked for causes, each check that failed stands for itself.
    """
    if checkup.causes:
        return checkup.causes
    return [_by_itself(check) for check in checkup.checks if check.status is Status.FAIL]


def _by_itself(check: CheckResult) -> Cause:
    fixes = (finding.fix.description for finding in check.findings if finding.fix)
    return Cause(check.code, check.summary, next(fixes, ""))


def consequences(checkup: Checkup) -> Mapping[str, str]:
    """For each code of what follows from something else, the code of its cause."""
    found: dict[str, str] = {}
    for cause in checkup.causes:
        for code in cause.explains:
            if code != cause.code:
                found.setdefault(code, cause.code)
    return found
