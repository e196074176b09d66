"""A checkup as JUnit XML, which most pipelines show as a list of tests: a suite for each category, a test a check."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from cnictl.render.moment import utc
from cnictl.report.finding import Status
from cnictl.text.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.report import CheckResult, Checkup

_COUNTED = {"failures": Status.FAIL, "errors": Status.ERROR, "skipped": Status.SKIP}


def render(checkup: Checkup, paper: Paper, *, verbose: bool = False) -> None:
    """Writes a test for each check: warnings pass and say what they have to say, what was skipped says why."""
    del verbose
    root = ET.Element("testsuites", {"name": "cnictl doctor", **_counts(checkup.checks)})
    del root.attrib["skipped"]  # Jenkins knows it of a suite only (xunit-plugin, junit-10.xsd)
    for category in dict.fromkeys(check.category for check in checkup.checks):
        _suite(root, category, checkup)
    ET.indent(root)
    paper.stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    paper.stream.write(ET.tostring(root, encoding="unicode") + "\n")


def _counts(checks: Sequence[CheckResult]) -> dict[str, str]:
    counted = Counter(check.status for check in checks)
    numbers = {name: str(counted[status]) for name, status in _COUNTED.items()}
    seconds = sum(check.milliseconds for check in checks) / 1000
    return {"tests": str(len(checks)), **numbers, "time": f"{seconds:.3f}"}


def _suite(root: ET.Element, category: str, checkup: Checkup) -> None:
    checks = [check for check in checkup.checks if check.category == category]
    suite = ET.SubElement(root, "testsuite", {"name": printable(category), **_counts(checks)})
    when, hostname = utc(checkup.began), checkup.node.get("hostname")
    if when:
        suite.set("timestamp", when.removesuffix("Z"))  # JUnit's has no time zone
    if hostname:
        suite.set("hostname", printable(str(hostname)))
    for check in checks:
        _case(suite, check)


def _case(suite: ET.Element, check: CheckResult) -> None:
    where = f"cnictl.doctor.{printable(check.category).replace(' ', '-').replace('.', '-')}"
    time = f"{check.milliseconds / 1000:.3f}"
    case = ET.SubElement(suite, "testcase", classname=where, name=f"{check.code} {check.name}", time=time)
    summary = printable(check.summary)
    if check.status is Status.FAIL:
        ET.SubElement(case, "failure", message=summary, type=check.code).text = _findings(check)
    elif check.status is Status.ERROR:
        ET.SubElement(case, "error", message=summary, type=check.code)
    elif check.status is Status.SKIP:
        ET.SubElement(case, "skipped", message=summary)
    elif check.findings:
        ET.SubElement(case, "system-out").text = _findings(check)


def _findings(check: CheckResult) -> str:
    reasons = dict.fromkeys(finding.why for finding in check.findings)
    texts = [*map(_finding, check.findings), *(printable(reason) for reason in reasons if reason)]
    return "\n\n".join(texts)


def _finding(finding: Finding) -> str:
    location = finding.location
    place = f"{location.file}:{location.line}:{location.column}" if location.line else location.file
    lines = (
        f"{finding.severity}: {finding.message}",
        f"At: {place}" if place else "",
        f"Fix: {finding.fix.description}" if finding.fix else "",
    )
    return "\n".join(printable(line) for line in lines if line)
