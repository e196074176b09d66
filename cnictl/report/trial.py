"""What the trial of a network config came to, step by step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cnictl.report.finding import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.report.finding import Finding


@dataclass(frozen=True)
class StepResult:
    """What one step came to.

    Attributes:
        code: The code of its findings.
        name: Its name.
        title: What was tried, in a few words.
        status: ``ok``, ``warn``, ``fail`` or ``skip``; ``error`` when the step itself broke.
        summary: What is wrong, or why it was skipped; for a step that passed, what was seen.
        evidence: All that was seen, one line each.
        findings: What is wrong, why, and what to do.
        milliseconds: How long it took.
    """

    code: str
    name: str
    title: str
    status: Status
    summary: str
    evidence: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    milliseconds: float = 0.0


@dataclass(frozen=True)
class Trial:
    """The trial of a config.

    Attributes:
        file: The config, as the user named it.
        facts: What it is: network, version, plugins.
        steps: What each step came to, in the order in which they were made.
        seconds: How long all took.
    """

    file: str
    facts: Mapping[str, object] = field(default_factory=dict)
    steps: Sequence[StepResult] = ()
    seconds: float = 0.0

    def findings(self) -> list[Finding]:
        """The findings of all steps."""
        return [finding for step in self.steps for finding in step.findings]

    def counts(self) -> dict[str, int]:
        """How many steps ended in each status, zeros included."""
        counted = Counter(step.status for step in self.steps)
        return {status.value: counted[status] for status in Status}

    def ended(self, *statuses: Status) -> bool:
        """Whether a step ended in one of these."""
        return any(step.status in statuses for step in self.steps)
