"""Tells what is wrong with a node by itself from what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.registry import place_of
from cnictl.report.finding import Severity, Status
from cnictl.report.report import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.doctor.registry import Check
    from cnictl.report.finding import Finding
    from cnictl.report.report import CheckResult


def find_causes(checks: Sequence[Check], results: Sequence[CheckResult]) -> tuple[Cause, ...]:
    """What is wrong by itself, the most likely root cause first.

    What a check finds may be nothing but a sign of an effect (`Check.follows`). When another check has found something
    that has this effect (`Check.leads_to`), it is explained by that one; otherwise it stands for itself. A failure is
    explained by failures alone.

    Args:
        checks: The checks that were made.
        results: What they came to.
    """
    by_code = {check.code: check for check in checks}
    wrong = [result for result in results if result.status in (Status.FAIL, Status.WARN)]
    explained = {result.code: _explaining(result, wrong, by_code) for result in wrong}
    roots = [result for result in wrong if not explained[result.code]]
    causes = [
        (result, tuple(code for code, because in explained.items() if result.code in because)) for result in roots
    ]
    causes.sort(key=lambda cause: _rank(cause[0], len(cause[1]), by_code))
    return tuple(_cause(result, consequences) for result, consequences in causes)


def _explaining(result: CheckResult, wrong: Sequence[CheckResult], by_code: Mapping[str, Check]) -> set[str]:
    """The codes of the checks whose findings bring about what a check has found."""
    signs = set(by_code[result.code].follows)
    return {
        other.code
        for other in wrong
        if signs & set(by_code[other.code].leads_to)
        and other.code != result.code
        and not (result.status is Status.FAIL and other.status is Status.WARN)
        and not set(by_code[other.code].follows) & set(by_code[result.code].leads_to)
    }


def _rank(result: CheckResult, consequences: int, by_code: Mapping[str, Check]) -> tuple[bool, int, int, str]:
    """What sorts causes: failures first, then by what is likely to come first, then those that explain most."""
    return result.status is not Status.FAIL, place_of(by_code[result.code].category), -consequences, result.code


def _cause(result: CheckResult, consequences: tuple[str, ...]) -> Cause:
    worst = _worst(result.findings)
    command = worst.fix.description if worst.fix else f"`cnictl explain {worst.code}`"
    return Cause(result.code, worst.message, command, consequences, worst.code if worst.code != result.code else "")


def _worst(findings: Sequence[Finding]) -> Finding:
    return min(findings, key=lambda finding: list(Severity).index(finding.severity))
