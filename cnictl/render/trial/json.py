"""A trial as JSON: ``cnictl.trial/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render.shape import finding_shape, write_json

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.trial import StepResult, Trial


def render(trial: Trial, paper: Paper, *, verbose: bool = False) -> None:
    """Writes the trial as one JSON document (``schemas/output/trial.schema.json``); it always holds everything."""
    del verbose
    document = {
        "schema": "cnictl.trial/1",
        "file": trial.file,
        "seconds": trial.seconds,
        **trial.facts,
        "steps": [_step_shape(step) for step in trial.steps],
        "summary": {"steps": len(trial.steps), **trial.counts()},
    }
    write_json(document, paper.stream)


def _step_shape(step: StepResult) -> dict[str, Any]:
    return {
        "code": step.code,
        "name": step.name,
        "title": step.title,
        "status": step.status.value,
        "summary": step.summary,
        "evidence": list(step.evidence),
        "findings": [finding_shape(finding) for finding in step.findings],
        "milliseconds": step.milliseconds,
    }
