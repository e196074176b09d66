"""What is written is judged first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cnictl.errors import UsageError
from cnictl.report.finding import Severity
from cnictl.text.source import Source
from cnictl.validate.engine import AS_DECLARED, judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnictl.report.finding import Finding
    from cnictl.validate.engine import How

_SERIOUS = (Severity.ERROR, Severity.WARNING)


def require_accepted(text: str) -> None:
    """Refuses a config in which ``cnictl validate --strict`` would find something.

    Args:
        text: The config.

    Raises:
        UsageError: It would.
    """
    for finding in serious(judge(Source("generated.conflist", text.encode())).findings):
        message = f"such a config would not do: {finding.message} ({finding.code})"
        raise UsageError(message, hint=finding.fix.description if finding.fix else None)


def serious(findings: Iterable[Finding]) -> list[Finding]:
    """The errors, and then the warnings."""
    return sorted(
        (finding for finding in findings if finding.severity in _SERIOUS),
        key=lambda finding: finding.severity is not Severity.ERROR,
    )


def brought(before: Source, after: Source, kind: str | None = None, how: How = AS_DECLARED) -> list[Finding]:
    """The errors and warnings that a change brings to a config.

    Args:
        before: The config as it was.
        after: The config as it is to be.
        kind: The kind of the Kubernetes object that it stands in; ``None`` for a file of its own.
        how: How to judge it.
    """
    known = Counter(map(_identity, judge(before, how, kind).findings))
    new: list[Finding] = []
    for finding in serious(judge(after, how, kind).findings):
        known[_identity(finding)] -= 1
        if known[_identity(finding)] < 0:
            new.append(finding)
    return new


def _identity(finding: Finding) -> tuple[str, str]:
    """What a finding is about, wherever it stands: a change moves lines and indexes."""
    return finding.code, finding.message
