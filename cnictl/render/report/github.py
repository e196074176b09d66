"""A report as annotations of GitHub Actions, which are shown at the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.report.finding import Severity
from cnictl.text.printable import printable

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.report import Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, paper: Paper) -> None:
    """Writes a workflow command for each finding and each file that could not be read.

    Their form is described in GitHub's documentation, "Workflow commands for GitHub Actions".
    """
    for finding in report.findings():
        paper.stream.write(annotation(finding))
    for error in report.errors:
        text = f"{error.message}. {error.hint}" if error.hint else error.message
        paper.stream.write(f"::error::{_data(text)}\n")


def annotation(finding: Finding) -> str:
    """The workflow command that shows a finding at its line."""
    location = finding.location
    properties = {
        "file": location.file,
        "line": location.line,
        "endLine": location.end_line,
        "col": location.column,
        "endColumn": location.end_column,
        "title": f"{finding.code} {finding.name}",
    }
    if location.line != location.end_line:
        del properties["col"], properties["endColumn"]  # GitHub takes columns for a place in one line only
    pairs = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value is not None)
    parts = [finding.message, finding.why, f"Fix: {finding.fix.description}" if finding.fix else ""]
    return f"::{_COMMANDS[finding.severity]} {pairs}::{_data(chr(10).join(filter(None, parts)))}\n"


def _data(text: str) -> str:
    """A text without anything that a terminal or GitHub would take for a command."""
    lines = (printable(line) for line in text.replace("%", "%25").split("\n"))
    return "%0A".join(lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
