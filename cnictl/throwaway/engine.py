"""Makes the steps one after the other; none can break those that follow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from cnictl.errors import CNIError
from cnictl.report.finding import Finding, Fix, Severity, Status
from cnictl.report.trial import StepResult
from cnictl.throwaway.step import Flaw, Seen, Skip, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cnictl.report.finding import Location

_PASSED = frozenset({Status.OK, Status.WARN})

_STATUS = {Severity.ERROR: Status.FAIL, Severity.WARNING: Status.WARN, Severity.NOTE: Status.OK}
_BADNESS = (Status.FAIL, Status.WARN, Status.OK)


class Workbench(Protocol):
    """What steps work with, as far as the engine is concerned."""

    def place(self, flaw: Flaw) -> Location:
        """Where the cause of a flaw is."""

    def failure(self, error: CNIError) -> Flaw:
        """The flaw that an error is."""


def make_steps(steps: Iterable[Step], bench: Workbench, tell: Callable[[StepResult], object]) -> None:
    """Makes every step, or skips it.

    Args:
        steps: The steps, in their order.
        bench: What the steps work with.
        tell: Is given each step's result as soon as it is there.
    """
    results: dict[str, StepResult] = {}
    for step in steps:
        began = time.monotonic()
        obstacle = step.obstacle(bench) or _obstacle(step, results)
        run = _Run(step, bench)
        result = run.skipped(obstacle) if obstacle else run.result()
        milliseconds = round((time.monotonic() - began) * 1000, 1)
        results[step.name] = StepResult(**{**vars(result), "milliseconds": milliseconds})
        tell(results[step.name])


def _obstacle(step: Step, results: Mapping[str, StepResult]) -> str | None:
    """Why a step makes no sense after what became of those that it needs."""
    for name in step.needs:
        before = results.get(name)
        if before is not None and before.status not in _PASSED:
            return f"{before.title} did not pass ({before.code})"
    return None


class _Run:
    """One step, being made."""

    def __init__(self, step: Step, bench: Workbench) -> None:
        self.step = step
        self.bench = bench
        self.seen: list[str] = []
        self.flaws: list[Flaw] = []

    def result(self) -> StepResult:
        """Makes the step."""
        try:
            for found in self.step.run(self.bench):
                self._note(found)
        except Skip as reason:
            if not self.flaws:
                return self.skipped(str(reason))
            self.seen.append(f"the rest was skipped: {reason}")
        except CNIError as error:
            self.flaws.append(self.bench.failure(error))
        except Exception as error:  # noqa: BLE001  # a broken step must not keep the others from being made
            return self._result(Status.ERROR, f"the step broke: {type(error).__name__}: {error}")
        if not self.flaws and not self.seen:
            return self.skipped("there was nothing to try")
        return self._judged()

    def _note(self, found: Seen | Flaw) -> None:
        if isinstance(found, Flaw):
            self.flaws.append(found)
        else:
            self.seen.append(found.text)

    def _judged(self) -> StepResult:
        if not self.flaws:
            return self._result(Status.OK, "; ".join(self.seen))
        findings = [self._finding(flaw) for flaw in self.flaws]
        status = min((_STATUS[finding.severity] for finding in findings), key=_BADNESS.index)
        return self._result(status, "; ".join(finding.message for finding in findings), findings)

    def _finding(self, flaw: Flaw) -> Finding:
        if flaw.finding is not None:
            return flaw.finding
        text = self.step.explanation
        return Finding(
            code=self.step.code,
            name=self.step.name,
            severity=flaw.severity,
            message=flaw.message,
            location=self.bench.place(flaw),
            why=text.why,
            fix=Fix(flaw.fix or text.fix),
            evidence=flaw.evidence,
            reference=text.reference,
        )

    def skipped(self, reason: str) -> StepResult:
        """The step, not made."""
        return self._result(Status.SKIP, reason)

    def _result(self, status: Status, summary: str, findings: list[Finding] | None = None) -> StepResult:
        step = self.step
        return StepResult(step.code, step.name, step.title, status, summary, tuple(self.seen), tuple(findings or ()))
