"""A trial as JSON: ``cnictl.trial/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.shape import write_json
from cnictl.render.steps import step_shape

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.trial import Trial


def render(trial: Trial, paper: Paper, *, verbose: bool = False) -> None:
    """Writes the trial as one JSON document (``schemas/output/trial.schema.json``); it always holds everything."""
    del verbose
    document = {
        "schema": "cnictl.trial/1",
        "file": trial.file,
        "seconds": trial.seconds,
        **trial.facts,
        "steps": [step_shape(step) for step in trial.steps],
        "summary": {"steps": len(trial.steps), **trial.counts()},
    }
    write_json(document, paper.stream)
