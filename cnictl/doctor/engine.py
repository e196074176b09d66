"""Runs checks, each with its share of the time; none can hang or break the others."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from cnictl.doctor.causes import find_causes
from cnictl.doctor.registry import Check, Hit, Skip
from cnictl.host.api import Unanswered
from cnictl.report.finding import Finding, Severity, Status
from cnictl.report.report import CheckResult, Checkup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.doctor.node import Node
    from cnictl.validate.registry import Rule

DEFAULT_TIMEOUT = 30.0
"""Seconds for a whole examination."""


def examine(node: Node, checks: Sequence[Check], timeout: float = DEFAULT_TIMEOUT) -> Checkup:
    """Examines a node.

    Args:
        node: The node.
        checks: What to look at.
        timeout: Seconds for all of it. A check may take half of what is left, and the last one all of it; one that is
            not done by then is reported, and left alone.
    """
    deadline = time.monotonic() + timeout
    results = tuple(_in_time(check, node, _share(deadline, check is checks[-1])) for check in checks)
    facts: dict[str, object] = {}
    _run_until(lambda: facts.update(node.facts()), deadline)
    return Checkup(facts, results, find_causes(checks, results))


def _share(deadline: float, last: bool) -> float:
    """Until when a check may go on, so that one that hangs leaves time for those after it."""
    now = time.monotonic()
    return deadline if last else now + (deadline - now) / 2


def _in_time(check: Check, node: Node, deadline: float) -> CheckResult:
    began = time.monotonic()
    results: list[CheckResult] = []
    _run_until(lambda: results.append(_outcome(check, node, began)), deadline)
    if results:
        return results[0]
    summary = "it did not end in time; something that it asked does not answer"
    return _result(check, Status.ERROR, summary, (), began)


def _run_until(work: object, deadline: float) -> None:
    """Runs something in a thread and waits for it until the deadline; then it is left to itself.

    A read from a dead network file system cannot be interrupted, so waiting for it is all that can be avoided.
    """
    thread = threading.Thread(target=work, daemon=True)  # type: ignore[arg-type]
    thread.start()
    thread.join(max(deadline - time.monotonic(), 0.01))


def _outcome(check: Check, node: Node, began: float) -> CheckResult:
    findings: list[Finding] = []
    try:
        for hit in check.run(node):
            findings.append(_finding(check, hit))  # noqa: PERF401  # what was found before a skip is kept
    except (Skip, Unanswered) as skip:
        if not findings:
            return _result(check, Status.SKIP, str(skip), (), began)
    except Exception as error:  # noqa: BLE001  # one broken check must not keep the others from being read
        return _result(check, Status.ERROR, f"the check broke: {type(error).__name__}: {error}", (), began)
    status = _status(findings)
    worst = [finding for finding in findings if finding.severity is not Severity.NOTE] or findings
    summary = worst[0].message if worst else check.well
    if len(worst) > 1:
        summary += f" (and {len(worst) - 1} more)"
    return _result(check, status, summary, findings, began)


def _status(findings: Sequence[Finding]) -> Status:
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return Status.FAIL
    return Status.WARN if Severity.WARNING in severities else Status.OK


def _finding(check: Check, hit: Hit) -> Finding:
    about = _rule(hit.code) if hit.code else check
    return Finding(
        code=about.code,
        name=about.name,
        severity=hit.severity or check.severity,
        message=hit.message,
        location=hit.location,
        why=about.explanation.why,
        fix=hit.fix,
        evidence=hit.evidence,
        reference=about.explanation.reference,
    )


def _rule(code: str) -> Rule:
    """The rule of ``validate`` of which a check reports a finding."""
    from cnictl.validate.registry import all_rules

    return next(rule for rule in all_rules() if rule.code == code)


def _result(check: Check, status: Status, summary: str, findings: Sequence[Finding], began: float) -> CheckResult:
    milliseconds = round((time.monotonic() - began) * 1000, 1)
    return CheckResult(check.code, check.name, check.category, status, summary, tuple(findings), milliseconds)
