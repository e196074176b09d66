"""A report as GitLab's Code Quality, which merge requests show at the lines of their changes."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from cnictl.errors import SourceError
from cnictl.render.shape import write_json
from cnictl.report.baseline import identity
from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnictl.errors import InputError
    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.report import Report

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(report: Report, paper: Paper) -> None:
    """Writes a list of issues, one for each finding and each file that could not be read.

    Their form is described in GitLab's documentation, "Code Quality", section "Code Quality report format". Files are
    named as seen from the current directory, which in a pipeline is the repository.
    """
    issues = [*_found(report.findings()), *map(_unread, report.errors)]
    write_json(issues, paper.stream)


def _found(findings: Iterable[Finding]) -> Iterator[dict[str, Any]]:
    """The issues of findings; those that are alike are told apart by their number."""
    seen: Counter[tuple[object, ...]] = Counter()
    for finding in findings:
        known_by = identity(finding)
        seen[known_by] += 1
        fix = f" Fix: {finding.fix.description}." if finding.fix else ""
        yield _issue(
            f"{finding.message}.{fix}",
            f"{finding.code} {finding.name}",
            _SEVERITIES[finding.severity],
            (known_by[0], finding.location.line or 1),
            (*known_by, seen[known_by]),
        )


def _unread(error: InputError) -> dict[str, Any]:
    path = error.path if isinstance(error, SourceError) else "-"
    text = f"{error.message}. {error.hint}" if error.hint else error.message
    return _issue(text, "not read", "blocker", (path, 1), ("not read", error.message))


def _issue(
    description: str, check: str, severity: str, place: tuple[str, int], known_by: tuple[object, ...]
) -> dict[str, Any]:
    """An issue.

    Args:
        description: What is wrong.
        check: What has found it.
        severity: One of GitLab's words for it.
        place: The file and the line.
        known_by: What stays as it is when other things in the file change.
    """
    fingerprint = hashlib.sha256(repr(known_by).encode()).hexdigest()
    path, line = place
    location = {"path": path, "lines": {"begin": line}}
    return {
        "description": description,
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": location,
    }
