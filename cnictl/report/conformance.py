"""What the test of a plugin against the CNI spec came to, case by case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cnictl.report.finding import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.report.finding import Finding
    from cnictl.report.trial import StepResult


class CaseResult(NamedTuple):
    """What a case came to in a version of the spec.

    Attributes:
        version: The version.
        result: What it came to.
    """

    version: str
    result: StepResult


@dataclass(frozen=True)
class Conformance:
    """The test of a plugin.

    Attributes:
        plugin: Its type.
        path: Its executable.
        network: The config that it was tested with, as the user named it; ``None`` for one that was made.
        role: What it is in there: ``interface``, ``chained`` or ``ipam``.
        spoken: The versions that it says it speaks.
        cases: What each case came to, version by version.
        seconds: How long all took.
    """

    plugin: str
    path: str
    network: str | None
    role: str
    spoken: Sequence[str] = ()
    cases: Sequence[CaseResult] = ()
    seconds: float = 0.0

    def versions(self) -> list[str]:
        """The versions that were spoken with it."""
        return list(dict.fromkeys(case.version for case in self.cases))

    def findings(self) -> list[Finding]:
        """The findings of all cases."""
        return [finding for case in self.cases for finding in case.result.findings]

    def counts(self) -> dict[str, int]:
        """How many cases ended in each status, zeros included."""
        counted = Counter(case.result.status for case in self.cases)
        return {status.value: counted[status] for status in Status}

    def ended(self, *statuses: Status) -> bool:
        """Whether a case ended in one of these."""
        return any(case.result.status in statuses for case in self.cases)

    @property
    def conforms(self) -> bool:
        """Whether something was tested, and the plugin does all that it must."""
        return self.ended(Status.OK, Status.WARN) and not self.ended(Status.FAIL, Status.ERROR)
