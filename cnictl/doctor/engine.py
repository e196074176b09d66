"""Runs checks, each with its share of the time; none can hang or break the others."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from cnictl.doctor.causes import find_causes
from cnictl.doctor.registry import CATEGORIES, Check, Hit, Skip
from cnictl.host.api import Unanswered
from cnictl.report.finding import Finding, Severity, Status
from cnictl.report.report import CheckResult, Checkup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnictl.doctor.node import Node
    from cnictl.validate.registry import Rule

DEFAULT_TIMEOUT = 30.0
"""Seconds for a whole examination."""


def examine(node: Node, checks: Sequence[Check], timeout: float = DEFAULT_TIMEOUT) -> Checkup:
    """Examines a node.

    Args:
        node: The node.
        checks: What to look at.
        timeout: Seconds for all of it. A check that is not done in its share of them goes on beside those that follow;
            one that is not done at the end is reported, and left alone.
    """
    deadline = time.monotonic() + timeout
    about = _Facts(node)
    runs = [_Run(check, node) for check in checks]
    for number, run in enumerate(runs):
        run.wait(_share(deadline, len(runs) - number))
    for work in (about, *runs):
        work.wait(deadline - time.monotonic())
    results = tuple(run.result() for run in runs)
    return Checkup(about.facts, results, find_causes(checks, results), categories=CATEGORIES)


_LONGEST = 5.0
"""Seconds for which a single check is waited for before the next one is begun."""


def _share(deadline: float, left: int) -> float:
    """How long to wait for a check before the next is begun: most need much less than an equal share."""
    return min(_LONGEST, 4 * (deadline - time.monotonic()) / (left + 3))


class _Work:
    """Something that is done in a thread of its own; when it hangs, it is left to itself.

    A read from a dead network file system cannot be interrupted, so waiting for it is all that can be avoided.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._thread = threading.Thread(target=work, daemon=True)

    def wait(self, seconds: float) -> None:
        """Begins it if need be, and waits until it is done, or so long."""
        if self._thread.ident is None:
            self._thread.start()
        self._thread.join(max(seconds, 0.01))


class _Facts(_Work):
    """What the node is; empty when it does not tell in time, or cannot."""

    def __init__(self, node: Node) -> None:
        super().__init__(self._ask)
        self.node = node
        self.facts: dict[str, object] = {}

    def _ask(self) -> None:
        with suppress(Exception):  # whatever it is, the checks tell it
            self.facts = self.node.facts()


class _Run(_Work):
    """A check that is made."""

    def __init__(self, check: Check, node: Node) -> None:
        super().__init__(self._make)
        self.check, self.node = check, node
        self._began: float | None = None
        self._result: CheckResult | None = None

    def _make(self) -> None:
        self._began = time.monotonic()
        self._result = _outcome(self.check, self.node, self._began)

    def result(self) -> CheckResult:
        """What it came to, so far."""
        if self._result is not None:
            return self._result
        summary = "it did not end in time; something that it asked does not answer"
        return _result(self.check, Status.ERROR, summary, (), self._began or time.monotonic())


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
