"""Entries of the settings and of a baseline that silence nothing any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.report.finding import Location
from cnictl.report.report import FileReport
from cnictl.text.source import Source
from cnictl.validate.engine import NO_CONFIG, finding_of
from cnictl.validate.registry import DirectoryHit, all_rules, manual

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.report.baseline import Baseline
    from cnictl.report.finding import Finding
    from cnictl.report.overrides import FileIgnores
    from cnictl.validate.registry import Rule

_CODE = "CNI021"


def stale_entries(
    judged: Sequence[str], settings: str | None, ignores: FileIgnores, baseline: Baseline | None, baseline_name: str
) -> list[FileReport]:
    """What can go from the settings and from the baseline, as findings about these files.

    Args:
        judged: The files that were judged; nothing is known about others.
        settings: The settings file.
        ignores: Its entries, after they have been asked about every finding.
        baseline: What is known, after it has been compared with every finding.
        baseline_name: The baseline's file.
    """
    rule = next(rule for rule in all_rules() if rule.code == _CODE)
    notes: list[FileReport] = []
    if settings is not None:
        unused = [
            _note(rule, settings, f'"{entry.glob}" silences nothing', getattr(entry, "line", None))
            for entry in ignores.unused(judged)
        ]
        notes += _report(settings, unused)
    if baseline is not None:
        known = [
            _note(rule, baseline_name, f"{entry.code} in {entry.file} is found no more: {entry.message}")
            for entry in baseline.stale_in(judged)
        ]
        notes += _report(baseline_name, known)
    return notes


def _report(path: str, findings: list[Finding]) -> list[FileReport]:
    if not findings:
        return []
    return [FileReport(Source(path, b""), NO_CONFIG, tuple(findings))]


def _note(rule: Rule, path: str, message: str, line: int | None = None) -> Finding:
    location = Location(path, line, 1, line, 1) if line else Location(path)
    return finding_of(rule, DirectoryHit(path, message, fix=manual("remove the entry")), location)
