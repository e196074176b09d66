"""What a run found, file by file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from cnictl.report.finding import Finding, Severity, Status
from cnictl.report.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cnictl.errors import InputError
    from cnictl.report.baseline import Baseline
    from cnictl.report.overrides import FileIgnores
    from cnictl.report.repair import Repair
    from cnictl.report.silence import InlineIgnore
    from cnictl.text.source import Source


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found in one file.

    Attributes:
        source: The file.
        facts: What the file is, for the machine formats.
        findings: What is wrong with it, in the order of the text.
        ignores: What the text itself wants not to be reported.
    """

    source: Source
    facts: Mapping[str, object]
    findings: tuple[Finding, ...]
    ignores: tuple[InlineIgnore, ...] = ()

    def silences(self, finding: Finding) -> bool:
        """Whether the text itself wants a finding not to be reported."""
        return any(ignore.covers(finding) for ignore in self.ignores)

    def without(self, policy: Policy, ignores: FileIgnores | None, baseline: Baseline | None) -> FileReport:
        """The same without what nobody wants to hear; what is ignored does not use up what is known."""
        wanted = [finding for finding in self.findings if policy.wants(finding) and not self.silences(finding)]
        if ignores is not None:
            wanted = [finding for finding in wanted if not ignores.silences(finding)]
        if baseline is not None:
            wanted, _ = baseline.split(wanted)
        return replace(self, findings=tuple(wanted))


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in all files.

    Attributes:
        files: One entry for each file that was judged.
        errors: Files that could not be read.
        suppressed: How many findings the policy took out.
        policy: The policy that it is under.
    """

    files: tuple[FileReport, ...]
    errors: tuple[InputError, ...] = ()
    suppressed: int = 0
    policy: Policy = field(default_factory=Policy)

    def findings(self) -> list[Finding]:
        """The findings of all files."""
        return [finding for file in self.files for finding in file.findings]

    def under(self, policy: Policy, *, ignores: FileIgnores | None = None, baseline: Baseline | None = None) -> Report:
        """The same report without what nobody wants to hear.

        Args:
            policy: What the user wants to hear at all.
            ignores: What is not wanted of some files.
            baseline: What is known already.
        """
        files = tuple(file.without(policy, ignores, baseline) for file in self.files)
        dropped = len(self.findings()) - sum(len(file.findings) for file in files)
        return Report(files, self.errors, self.suppressed + dropped, policy)

    def and_files(self, more: Iterable[FileReport]) -> Report:
        """The same report with more files at its end."""
        return replace(self, files=(*self.files, *more))

    @property
    def names(self) -> list[str]:
        """The files that were judged; one that holds several configs is there once."""
        return list(dict.fromkeys(file.source.name for file in self.files))

    @property
    def refused(self) -> bool:
        """Whether the answer is "no"."""
        return any(self.policy.refuses(finding.severity) for finding in self.findings())


def count(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings there are of each severity, zeros included."""
    counted = Counter(finding.severity for finding in findings)
    return {severity.value: counted[severity] for severity in Severity}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check of a node came to.

    Attributes:
        code: The check's code.
        name: Its name.
        category: Its group in the output.
        status: What became of it.
        summary: One sentence: what is well, what is wrong, or why it was skipped.
        findings: What is wrong.
        milliseconds: How long it took.
    """

    code: str
    name: str
    category: str
    status: Status
    summary: str
    findings: Sequence[Finding] = ()
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that is wrong with a node by itself, not because of something else.

    Attributes:
        code: The code of the check that found it.
        message: What is wrong, in one sentence.
        command: What to run or do next.
        explains: The codes of the checks that found what follows from it.
        finding: The code of the finding that the message is of; empty when it is the check's own.
    """

    code: str
    message: str
    command: str
    explains: tuple[str, ...] = ()
    finding: str = ""


class Symptom(NamedTuple):
    """What programs said that a check explains.

    Attributes:
        code: The code of the check.
        line: The last line in which they said it.
        times: In how many lines they said it.
    """

    code: str
    line: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Checkup:
    """What the examination of a node found.

    Attributes:
        node: Facts about the node.
        checks: Each check's outcome, in the order of their codes.
        causes: What is wrong by itself, the most likely root cause first.
        began: When the examination began, in seconds since 1970; ``None`` when nobody has noted it.
        seconds: How long it took.
        symptoms: What programs said that made these checks be asked for.
        repairs: What was done about what was found, or would be.
        categories: The groups of checks, in the order in which faults are likely to be the cause of others.
    """

    node: Mapping[str, object] = field(default_factory=dict)
    checks: Sequence[CheckResult] = ()
    causes: Sequence[Cause] = ()
    began: float | None = None
    seconds: float = 0.0
    symptoms: Sequence[Symptom] = ()
    repairs: Sequence[Repair] = ()
    categories: Sequence[str] = ()

    def findings(self) -> list[Finding]:
        """The findings of all checks."""
        return [finding for check in self.checks for finding in check.findings]

    def counts(self) -> dict[str, int]:
        """How many checks ended in each status, zeros included."""
        counted = Counter(check.status for check in self.checks)
        return {status.value: counted[status] for status in Status}
