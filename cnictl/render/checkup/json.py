"""A checkup as JSON: ``cnictl.doctor/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.shape import finding_shape, write_json

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.report import Checkup


def render(checkup: Checkup, paper: Paper, *, verbose: bool = False) -> None:
    """Writes the checkup as one JSON document (``schemas/output/doctor.schema.json``); it always holds everything."""
    del verbose
    checks = [
        {
            "code": check.code,
            "name": check.name,
            "category": check.category,
            "status": check.status.value,
            "summary": check.summary,
            "findings": [finding_shape(finding) for finding in check.findings],
            "milliseconds": check.milliseconds,
        }
        for check in checkup.checks
    ]
    document = {
        "schema": "cnictl.doctor/1",
        "node": dict(checkup.node),
        "checks": checks,
        "summary": {"checks": len(checks), **checkup.counts()},
    }
    write_json(document, paper.stream)
