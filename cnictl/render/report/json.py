"""A report as JSON: ``cnictl.report/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl import __version__
from cnictl.render.shape import error_shape, finding_shape, write_json
from cnictl.report.edits import with_edits
from cnictl.report.report import count

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.edits import PlacedEdit
    from cnictl.report.finding import Finding
    from cnictl.report.report import Report


def render(report: Report, paper: Paper) -> None:
    """Writes the report as one JSON document (``schemas/output/report.schema.json``)."""
    files = [
        {
            "file": file.source.name,
            **file.facts,
            "findings": [_finding_shape(finding, edits) for finding, edits in with_edits(file)],
        }
        for file in report.files
    ]
    document = {
        "schema": "cnictl.report/1",
        "tool": {"name": "cnictl", "version": __version__},
        "files": files,
        "errors": [error_shape(error) for error in report.errors],
        "summary": {"files": len(report.names), **count(report.findings()), "suppressed": report.suppressed},
    }
    write_json(document, paper.stream)


def _finding_shape(finding: Finding, edits: list[PlacedEdit]) -> dict[str, Any]:
    shape = finding_shape(finding)
    if edits:
        shape["fix"]["edits"] = [_edit_shape(edit) for edit in edits]
    return shape


def _edit_shape(edit: PlacedEdit) -> dict[str, Any]:
    return {
        "startLine": edit.place.line,
        "startColumn": edit.place.column,
        "endLine": edit.place.end_line,
        "endColumn": edit.place.end_column,
        "replacement": edit.replacement,
    }
