"""A report as JUnit XML, which most pipelines show as a list of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from cnictl.text.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.errors import InputError
    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.report import FileReport, Report


def render(report: Report, paper: Paper) -> None:
    """Writes a suite for each file, with a test for each finding, or one that passes.

    A test fails when its finding makes the exit status 1: for errors, and with ``--strict`` for warnings. Files that
    could not be read are errors.
    """
    root = ET.Element("testsuites", name="cnictl validate")
    for file in report.files:
        _suite(root, file, report)
    if report.errors:
        _unread(root, report.errors)
    ET.indent(root)
    paper.stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    paper.stream.write(ET.tostring(root, encoding="unicode") + "\n")


def _suite(root: ET.Element, file: FileReport, report: Report) -> None:
    name = printable(file.source.name)
    failing = [finding for finding in file.findings if report.policy.refuses(finding.severity)]
    tests, failures = str(len(file.findings) or 1), str(len(failing))
    suite = ET.SubElement(root, "testsuite", name=name, tests=tests, failures=failures, errors="0")
    if not file.findings:
        ET.SubElement(suite, "testcase", classname=name, name="no problems")
    for finding in file.findings:
        place = f"{finding.location.line}:{finding.location.column} " if finding.location.line else ""
        case = ET.SubElement(suite, "testcase", classname=name, name=f"{place}{finding.code} {finding.name}")
        text = _text(finding)
        if finding in failing:
            message = printable(finding.message)
            ET.SubElement(case, "failure", message=message, type=finding.severity.value).text = text
        else:
            ET.SubElement(case, "system-out").text = text


def _text(finding: Finding) -> str:
    fix = f"Fix: {finding.fix.description}" if finding.fix else ""
    lines = [f"{finding.severity}: {finding.message}", finding.why, fix]
    return "\n".join(printable(line) for line in lines if line)


def _unread(root: ET.Element, errors: Sequence[InputError]) -> None:
    count = str(len(errors))
    suite = ET.SubElement(root, "testsuite", name="files that were not read", tests=count, failures="0", errors=count)
    for error in errors:
        message = printable(error.message)
        case = ET.SubElement(suite, "testcase", classname="not read", name=message)
        ET.SubElement(case, "error", message=message).text = printable(error.hint or "")
