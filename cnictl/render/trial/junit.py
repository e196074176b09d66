"""A trial as JUnit XML, which most pipelines show as a list of tests: a suite for the config, a test for each step."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from cnictl.report.finding import Status
from cnictl.text.printable import printable

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.trial import StepResult, Trial


def render(trial: Trial, paper: Paper, *, verbose: bool = False) -> None:
    """Writes a test for each step: one that failed says why, what was skipped says the reason."""
    del verbose
    counts = trial.counts()
    numbers = {"tests": str(len(trial.steps)), "failures": str(counts["fail"]), "errors": str(counts["error"])}
    time = {"time": f"{trial.seconds:.3f}"}
    root = ET.Element("testsuites", {"name": "cnictl try", **numbers, **time})
    suite = {"name": printable(trial.file), **numbers, "skipped": str(counts["skip"]), **time}
    element = ET.SubElement(root, "testsuite", suite)
    for step in trial.steps:
        _case(element, step)
    ET.indent(root)
    paper.stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    paper.stream.write(ET.tostring(root, encoding="unicode") + "\n")


def _case(suite: ET.Element, step: StepResult) -> None:
    time = f"{step.milliseconds / 1000:.3f}"
    case = ET.SubElement(suite, "testcase", classname="cnictl.try", name=f"{step.code} {step.title}", time=time)
    summary = printable(step.summary)
    if step.status is Status.FAIL:
        text = "\n\n".join(map(_finding, step.findings))
        ET.SubElement(case, "failure", message=summary, type=step.code).text = text
    elif step.status is Status.ERROR:
        ET.SubElement(case, "error", message=summary, type=step.code)
    elif step.status is Status.SKIP:
        ET.SubElement(case, "skipped", message=summary)
    else:
        ET.SubElement(case, "system-out").text = "\n".join(map(printable, step.evidence)) or summary


def _finding(finding: Finding) -> str:
    location = finding.location
    place = f"{location.file}:{location.line}:{location.column}" if location.line else location.file
    lines = (
        f"{finding.severity}: {finding.message}",
        f"At: {place}",
        f"Why: {finding.why}" if finding.why else "",
        f"Fix: {finding.fix.description}" if finding.fix else "",
    )
    return "\n".join(printable(line) for line in lines if line)
