"""A report for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.paper import plural
from cnictl.report.report import count

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.report import FileReport, Report


def render(report: Report, paper: Paper) -> None:
    """Writes every finding with the piece of the file that it is about, and a summary."""
    explained: set[str] = set()
    for file in report.files:
        for finding in file.findings:
            _finding(finding, file, paper, explained)
    for file in report.files:
        _choice(file, paper)
    paper.line(_summary(report))


def _finding(finding: Finding, file: FileReport, paper: Paper, explained: set[str]) -> None:
    location = finding.location
    label = f"{finding.severity}[{finding.code}]"
    paper.paragraph((label, finding.severity.value), f": {finding.message}")
    place = f"{location.file}:{location.line}:{location.column}" if location.line else location.file
    paper.paragraph(("--> ", "dim"), f"{place}{_within(file)}", indent=2)
    if location.line is not None:
        from cnictl.render.frame import draw_frame

        draw_frame(paper, file.source, location, masked=finding.masked)
    # The reason is the same for every finding of a code: once is enough.
    if finding.why and finding.code not in explained:
        paper.paragraph(("= why: ", "bold"), finding.why, indent=2)
        explained.add(finding.code)
    if finding.fix:
        paper.paragraph(("= fix: ", "bold"), finding.fix.description, indent=2)
    paper.blank()


def _choice(file: FileReport, paper: Paper) -> None:
    """Says that a runtime takes a file, and why it takes this one."""
    verdict = file.facts.get("verdict")
    if isinstance(verdict, dict) and verdict["status"] == "taken":
        paper.paragraph("", f"{verdict['runtime']} takes {file.source.name}: {verdict['reason']}")


def _within(file: FileReport) -> str:
    """The Kubernetes object that a config stands in."""
    within = file.facts.get("within")
    if not isinstance(within, dict):
        return ""
    words = [str(within[key]) for key in ("kind", "name") if key in within]
    return f" ({' '.join(words)})" if words else ""


def _summary(report: Report) -> str:
    names = report.names
    if not names:
        return f"{plural(len(report.errors), 'file')} not read" if report.errors else "no network config found"
    counts = [plural(number, severity) for severity, number in count(report.findings()).items() if number]
    found = ", ".join(counts) or "no problems"
    hidden = f" ({report.suppressed} not shown)" if report.suppressed else ""
    unread = f", {len(report.errors)} not read" if report.errors else ""
    within = [file for file in report.files if "within" in file.facts]
    configs = f" with {plural(len(within), 'config')} inside" if within else ""
    return f"{plural(len(names), 'file')}{configs}: {found}{hidden}{unread}"
