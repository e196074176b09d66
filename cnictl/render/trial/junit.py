"""A trial as JUnit XML, which most pipelines show as a list of tests: a suite for the config, a test for each step."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from cnictl.render.steps import junit_case, junit_suite, write_xml

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.trial import Trial


def render(trial: Trial, paper: Paper, *, verbose: bool = False) -> None:
    """Writes a test for each step: one that failed says why, what was skipped says the reason."""
    del verbose
    counts = trial.counts()
    numbers = {"tests": str(len(trial.steps)), "failures": str(counts["fail"]), "errors": str(counts["error"])}
    time = f"{trial.seconds:.3f}"
    root = ET.Element("testsuites", {"name": "cnictl try", **numbers, "time": time})
    suite = junit_suite(root, trial.file, list(trial.steps), time=time)
    for step in trial.steps:
        junit_case(suite, step, "cnictl.try")
    write_xml(root, paper)
