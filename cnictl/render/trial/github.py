"""A trial as annotations of GitHub Actions, which are shown at the lines of the config that are to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.report.github import annotation

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.trial import Trial


def render(trial: Trial, paper: Paper, *, verbose: bool = False) -> None:
    """Writes a workflow command for each finding; what passed or was skipped has none."""
    del verbose
    for finding in trial.findings():
        paper.stream.write(annotation(finding))
