"""Applies the fixes that a program may apply, and nothing else in the file changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnictl.report.finding import Severity
from cnictl.text.edit import Edit, apply_edits
from cnictl.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnictl.report.finding import Finding
    from cnictl.report.report import FileReport

    Judge = Callable[[Source], Sequence[FileReport]]

_ROUNDS = 20
"""One fix can make room for another: a config is readable once its comma is gone. Real files need three rounds."""


@dataclass(frozen=True)
class Fixed:
    """A file after its fixes.

    Attributes:
        text: What it holds now.
        count: How many findings were mended.
        suffix: What its name must end in; ``None`` when it stays.
    """

    text: str
    count: int
    suffix: str | None


def fix(source: Source, judge: Judge) -> Fixed:
    """Mends a file as far as a program may.

    Args:
        source: The file.
        judge: What judges it, and leaves out what the user does not want to hear of.

    Returns:
        Its new text, which is the old one when there is nothing to do. It never has more errors than before.
    """
    text, count, suffix = source.text, 0, None
    for _ in range(_ROUNDS):
        reports = judge(Source(source.path, text.encode()))
        edits, mended, wanted = _round(reports)
        new = apply_edits(text, edits)
        if not mended or _errors(judge(Source(source.path, new.encode()))) > _errors(reports):
            break
        text, count, suffix = new, count + mended, wanted or suffix
        if new == source.text or not edits:
            break
    return Fixed(text, count, suffix)


def _round(reports: Sequence[FileReport]) -> tuple[list[Edit], int, str | None]:
    """The edits of as many findings as do not get into each other's way, and the new end of the file's name."""
    edits: list[Edit] = []
    mended = 0
    suffix = None
    for report in reports:
        for finding in report.findings:
            own = _edits(finding, report.source)
            if own is not None and not any(_touch(one, other) for one in own for other in edits):
                edits += own
                mended += 1
                suffix = suffix or (finding.fix.suffix if finding.fix else None)
    return edits, mended, suffix


def _edits(finding: Finding, source: Source) -> list[Edit] | None:
    """What a finding's fix changes in the file; ``None`` when no program may or can apply it."""
    if finding.fix is None or not finding.fix.automatic:
        return None
    edits = [source.outer_edit(edit) for edit in finding.fix.edits]
    return None if None in edits else [edit for edit in edits if edit is not None]


def _touch(one: Edit, other: Edit) -> bool:
    """Whether two edits change the same characters, or put something at the same place."""
    if one.span == other.span:
        return True
    return one.span.start < other.span.end and other.span.start < one.span.end


def _errors(reports: Sequence[FileReport]) -> int:
    return sum(finding.severity is Severity.ERROR for report in reports for finding in report.findings)
