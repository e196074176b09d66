"""A checkup as JSON: ``cnictl.doctor/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render.moment import utc
from cnictl.render.repairs.json import repair_shape
from cnictl.render.shape import finding_shape, write_json

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.report import Cause, CheckResult, Checkup


def render(checkup: Checkup, paper: Paper, *, verbose: bool = False) -> None:
    """Writes the checkup as one JSON document (``schemas/output/doctor.schema.json``); it always holds everything."""
    del verbose
    document = {
        "schema": "cnictl.doctor/1",
        "began": utc(checkup.began),
        "seconds": checkup.seconds,
        "node": dict(checkup.node),
        "causes": [_cause_shape(cause) for cause in checkup.causes],
        "checks": [_check_shape(check) for check in checkup.checks],
        "symptoms": [symptom._asdict() for symptom in checkup.symptoms],
        "repairs": [repair_shape(repair) for repair in checkup.repairs],
        "summary": {"checks": len(checkup.checks), **checkup.counts()},
    }
    write_json(document, paper.stream)


def _cause_shape(cause: Cause) -> dict[str, Any]:
    return {
        "code": cause.code,
        "message": cause.message,
        "command": cause.command,
        "explains": list(cause.explains),
        "finding": cause.finding or cause.code,
    }


def _check_shape(check: CheckResult) -> dict[str, Any]:
    return {
        "code": check.code,
        "name": check.name,
        "category": check.category,
        "status": check.status.value,
        "summary": check.summary,
        "findings": [finding_shape(finding) for finding in check.findings],
        "milliseconds": check.milliseconds,
    }
