"""Steps that were made in a throwaway node, in each format: those of a trial and the cases of conformance."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from cnictl.render.paper import plural
from cnictl.render.shape import finding_shape
from cnictl.report.finding import Status
from cnictl.text.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.trial import StepResult

_STYLE = {Status.OK: "ok", Status.WARN: "warn", Status.FAIL: "fail", Status.SKIP: "skip", Status.ERROR: "error"}
_LONG = 160
"""Characters of the evidence of a step that passed, unless everything is wanted."""


def place_of(finding: Finding) -> str:
    """Where a finding is, as editors write it."""
    location = finding.location
    return f"{location.file}:{location.line}:{location.column}" if location.line else location.file


def write_step(
    step: StepResult, paper: Paper, source: Callable[[Finding], tuple[str, str]], *, verbose: bool = False
) -> None:
    """Writes a step for people: a line, and below it what was seen, or what is wrong, why, and what to do.

    Args:
        step: The step.
        paper: Where to write.
        source: A heading and a text that say where a finding comes from.
        verbose: Whether to show all the evidence, and what was seen before something failed.
    """
    time = f"{step.milliseconds:.0f} ms"
    head = (f"{step.status.value:<5} {step.code}  ", _STYLE[step.status])
    paper.paragraph(head, f"{step.title} ", (f"({time})", "dim"))
    told: list[tuple[str, str]] = []
    for finding in step.findings:
        paper.paragraph("", f"{finding.message} ({finding.code})", indent=6)
        more = [pair for pair in _lines(finding, source) if pair not in told]
        for label, text in more:
            paper.paragraph((label, "dim"), text, indent=6)
        told += more
    if verbose and step.evidence:
        for line in step.evidence:
            paper.paragraph(("seen: ", "dim"), line, indent=6)
    elif not step.findings:
        paper.paragraph("", step.summary if verbose else _short(step.summary), indent=6)


def _short(text: str) -> str:
    return textwrap.shorten(text, _LONG, placeholder=" ...")


def _lines(finding: Finding, source: Callable[[Finding], tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What there is to say about a finding; what has been said of another one of the step is not said again."""
    yield source(finding)
    if finding.why:
        yield "why: ", finding.why
    if finding.fix:
        yield "fix: ", finding.fix.description


def write_sum(number: int, noun: str, seconds: float, counts: Mapping[str, int], paper: Paper) -> None:
    """Writes how many steps there were, and how many ended in each status.

    Args:
        number: How many.
        noun: What they are called.
        seconds: How long they took.
        counts: How many ended in each status.
        paper: Where to write.
    """
    ended = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    paper.line((f"{plural(number, noun)} in {seconds:.1f} s: ", "bold"), ended or "none was made")


def step_shape(step: StepResult) -> dict[str, Any]:
    """A step as JSON data."""
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


def junit_suite(root: ET.Element, name: str, steps: list[StepResult], **more: str) -> ET.Element:
    """Adds a suite of JUnit with a test for each step.

    Args:
        root: What it is added to.
        name: Its name.
        steps: The steps.
        more: Attributes of its own.
    """
    numbers = {"tests": str(len(steps))}
    for attribute, status in (("failures", Status.FAIL), ("errors", Status.ERROR), ("skipped", Status.SKIP)):
        numbers[attribute] = str(sum(step.status is status for step in steps))
    return ET.SubElement(root, "testsuite", {"name": printable(name), **numbers, **more})


def junit_case(suite: ET.Element, step: StepResult, classname: str) -> None:
    """Adds a test of JUnit to a suite: one that failed says why, what was skipped says the reason.

    Args:
        suite: The suite.
        step: The step.
        classname: What it is a test of.
    """
    time = f"{step.milliseconds / 1000:.3f}"
    case = ET.SubElement(suite, "testcase", classname=classname, name=f"{step.code} {step.title}", time=time)
    summary = printable(step.summary)
    if step.status is Status.FAIL:
        text = "\n\n".join(map(_in_words, step.findings))
        ET.SubElement(case, "failure", message=summary, type=step.code).text = text
    elif step.status is Status.ERROR:
        ET.SubElement(case, "error", message=summary, type=step.code)
    elif step.status is Status.SKIP:
        ET.SubElement(case, "skipped", message=summary)
    else:
        ET.SubElement(case, "system-out").text = "\n".join(map(printable, step.evidence)) or summary


def _in_words(finding: Finding) -> str:
    lines = (
        f"{finding.severity}: {finding.message}",
        f"At: {place_of(finding)}",
        f"Why: {finding.why}" if finding.why else "",
        f"Fix: {finding.fix.description}" if finding.fix else "",
    )
    return "\n".join(printable(line) for line in lines if line)


def write_xml(root: ET.Element, paper: Paper) -> None:
    """Writes a document of XML."""
    ET.indent(root)
    paper.stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    paper.stream.write(ET.tostring(root, encoding="unicode") + "\n")
