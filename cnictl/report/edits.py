"""The edits of fixes in the file that the user wrote, for programs that apply them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.report.finding import Location
from cnictl.text.parser import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.report.finding import Finding
    from cnictl.report.report import FileReport
    from cnictl.text.edit import Edit
    from cnictl.text.source import Source


class PlacedEdit(NamedTuple):
    """A change of a file."""

    place: Location
    """What is replaced; empty where something is put between two characters."""
    replacement: str
    """What stands there afterwards."""


def with_edits(file: FileReport) -> Iterator[tuple[Finding, list[PlacedEdit]]]:
    """The findings of a file, each with what its fix changes there, all of which belongs together.

    There is nothing where the file must be renamed too, and where it is not certain that the text is as it was meant.
    """
    found = [(finding, _edits_alone(finding, file.source)) for finding in file.findings]
    certain = any(edits for _, edits in found) and is_certain(file)
    for finding, edits in found:
        yield finding, [_placed(edit, file.source.outermost) for edit in edits] if certain else []


def is_certain(file: FileReport) -> bool:
    """Whether the places of findings are those of the mistakes, so that fixes may be applied."""
    if file.source.outermost.bad_bytes is not None:
        return False
    return bool(file.facts.get("template")) or parse(file.source).certain


def outer_edits(finding: Finding, source: Source) -> list[Edit] | None:
    """What a finding's fix changes in the file; ``None`` when no program may or can apply it.

    Args:
        finding: The finding.
        source: The text that it is about: the file, or a config in it.
    """
    if finding.fix is None or not finding.fix.automatic:
        return None
    edits = [source.outer_edit(edit) for edit in finding.fix.edits]
    known = [edit for edit in edits if edit is not None]
    text = source.outermost.text
    changes = finding.fix.suffix or any(text[slice(*edit.span)] != edit.text for edit in known)
    return known if changes and len(known) == len(edits) else None


def _edits_alone(finding: Finding, source: Source) -> list[Edit]:
    """The edits where they are all there is to do."""
    renames = finding.fix is not None and finding.fix.suffix is not None
    return [] if renames else outer_edits(finding, source) or []


def _placed(edit: Edit, source: Source) -> PlacedEdit:
    return PlacedEdit(Location.in_text(source, edit.span), edit.text)
