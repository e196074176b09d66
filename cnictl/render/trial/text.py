"""A trial for people: a line for each step, and below those that failed why, and what to do."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from cnictl.render.paper import plural
from cnictl.report.finding import Status

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.trial import StepResult, Trial

_STYLE = {Status.OK: "ok", Status.WARN: "warn", Status.FAIL: "fail", Status.SKIP: "skip", Status.ERROR: "error"}
_LONG = 160
"""Characters of the evidence of a step that passed, unless everything is wanted."""


def render(trial: Trial, paper: Paper, *, verbose: bool = False) -> None:
    """Writes each step with what was seen, or with what is wrong, and a summary.

    Args:
        trial: The outcome.
        paper: Where to write.
        verbose: Whether to show all the evidence, and what was seen before something failed.
    """
    plugins = trial.facts.get("plugins")
    types = ", ".join(map(str, plugins)) if isinstance(plugins, list) else ""
    paper.paragraph(("network  ", "bold"), f"{trial.facts.get('network') or trial.file}: {types}")
    paper.blank()
    for step in trial.steps:
        _step(step, paper, verbose)
    paper.blank()
    counts = ", ".join(f"{number} {status}" for status, number in trial.counts().items() if number)
    paper.line((f"{plural(len(trial.steps), 'step')} in {trial.seconds:.1f} s: ", "bold"), counts or "none was made")


def _step(step: StepResult, paper: Paper, verbose: bool) -> None:
    time = f"{step.milliseconds:.0f} ms"
    head = (f"{step.status.value:<5} {step.code}  ", _STYLE[step.status])
    paper.paragraph(head, f"{step.title} ", (f"({time})", "dim"))
    if step.findings:
        for finding in step.findings:
            _finding(finding, paper)
        if verbose:
            _evidence(step, paper)
    elif verbose and step.evidence:
        _evidence(step, paper)
    else:
        paper.paragraph("", _short(step.summary, verbose), indent=6)


def _evidence(step: StepResult, paper: Paper) -> None:
    for line in step.evidence:
        paper.paragraph(("seen: ", "dim"), line, indent=6)


def _short(text: str, verbose: bool) -> str:
    return text if verbose else textwrap.shorten(text, _LONG, placeholder=" ...")


def _finding(finding: Finding, paper: Paper) -> None:
    location = finding.location
    place = f"{location.file}:{location.line}:{location.column}" if location.line else location.file
    paper.paragraph("", f"{finding.message} ({finding.code})", indent=6)
    paper.paragraph(("at:  ", "dim"), place, indent=6)
    if finding.why:
        paper.paragraph(("why: ", "dim"), finding.why, indent=6)
    if finding.fix:
        paper.paragraph(("fix: ", "dim"), finding.fix.description, indent=6)
