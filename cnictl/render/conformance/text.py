"""The test of a plugin for people: a line for each case, and below those that failed why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.paper import plural
from cnictl.render.steps import write_step, write_sum
from cnictl.report.finding import Status

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.conformance import Conformance
    from cnictl.report.finding import Finding


def render(conformance: Conformance, paper: Paper, *, verbose: bool = False) -> None:
    """Writes each case with what was seen, or with what is wrong, a summary, and the verdict.

    Args:
        conformance: The outcome.
        paper: Where to write.
        verbose: Whether to show all the evidence, and what was seen before something failed.
    """
    spoken = ", ".join(conformance.spoken) or "none that it names"
    paper.paragraph(("plugin   ", "bold"), f"{conformance.plugin}: {conformance.path}")
    paper.paragraph(("network  ", "bold"), conformance.network or "one that was made for it")
    paper.paragraph(("versions ", "bold"), spoken)
    for version in conformance.versions():
        paper.blank()
        paper.line((f"CNI {version}", "bold"))
        for case in conformance.cases:
            if case.version == version:
                write_step(case.result, paper, _source, verbose=verbose)
    paper.blank()
    write_sum(len(conformance.cases), "case", conformance.seconds, conformance.counts(), paper)
    paper.line(_verdict(conformance))


def _source(finding: Finding) -> tuple[str, str]:
    return "spec: ", finding.reference or ""


def _verdict(conformance: Conformance) -> str:
    name, versions = conformance.plugin, ", ".join(conformance.versions())
    if conformance.ended(Status.FAIL):
        return f"{name} does not conform to CNI {versions}"
    if conformance.ended(Status.ERROR):
        return f"{name} could not be tested as a whole"
    if not conformance.conforms:
        return "nothing was tested"
    warnings = conformance.counts()[Status.WARN.value]
    see = f"; see the {plural(warnings, 'warning')}" if warnings else ""
    return f"{name} conforms to CNI {versions} in what was tested{see}"
