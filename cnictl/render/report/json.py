"""A report as JSON: ``cnictl.report/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl import __version__
from cnictl.render.shape import error_shape, finding_shape, write_json
from cnictl.report.report import count

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.report import Report


def render(report: Report, paper: Paper) -> None:
    """Writes the report as one JSON document (``schemas/output/report.schema.json``)."""
    files = [
        {
            "file": file.source.name,
            **file.facts,
            "findings": [finding_shape(finding) for finding in file.findings],
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
