"""The test of a plugin as annotations of GitHub Actions, which are shown with the job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.report.github import annotation

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.conformance import Conformance


def render(conformance: Conformance, paper: Paper, *, verbose: bool = False) -> None:
    """Writes a workflow command for each finding; what passed or was skipped has none."""
    del verbose
    for finding in conformance.findings():
        paper.stream.write(annotation(finding))
