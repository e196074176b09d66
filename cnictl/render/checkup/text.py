"""A checkup for people: what is wrong, worst first; quiet about what is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.paper import plural
from cnictl.report.finding import Status

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.report import CheckResult, Checkup

_WORST_FIRST = (Status.FAIL, Status.ERROR, Status.WARN, Status.OK)
_STYLE = {Status.ERROR: "error", Status.FAIL: "fail", Status.WARN: "warn", Status.OK: "ok", Status.SKIP: "skip"}


def render(checkup: Checkup, paper: Paper, *, verbose: bool = False) -> None:
    """Writes the node, what is wrong with it, and a summary.

    Args:
        checkup: The outcome.
        paper: Where to write.
        verbose: Whether to name the checks that found nothing, too.
    """
    _node(checkup, paper)
    for status in _WORST_FIRST:
        for check in checkup.checks:
            if check.status is status:
                _check(check, paper, verbose)
    _skipped(checkup, paper)
    counts = ", ".join(f"{number} {status}" for status, number in checkup.counts().items() if number)
    paper.line((f"{plural(len(checkup.checks), 'check')}: ", "bold"), counts or "none")


def _node(checkup: Checkup, paper: Paper) -> None:
    facts = checkup.node
    configs, bin_dirs, runtimes = (_strings(facts.get(key)) for key in ("configs", "binDirs", "runtimes"))
    names = [path.rsplit("/", 1)[-1] for path in configs]
    paper.paragraph(("configs  ", "dim"), f"{facts.get('confDir')}: {', '.join(names) or 'none'}")
    paper.paragraph(("plugins  ", "dim"), ", ".join(bin_dirs))
    kubelet = [*runtimes, "kubelet"] if facts.get("kubelet") else runtimes
    paper.paragraph(("runs     ", "dim"), ", ".join(kubelet) or "no sign of a container runtime or kubelet")
    paper.blank()


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _skipped(checkup: Checkup, paper: Paper) -> None:
    """The checks that could not be made: one paragraph for each reason."""
    reasons: dict[str, list[str]] = {}
    for check in checkup.checks:
        if check.status is Status.SKIP:
            reasons.setdefault(check.summary, []).append(check.code)
    for reason, codes in reasons.items():
        paper.paragraph(("skip  ", "skip"), f"{', '.join(codes)}: {reason}")
    if reasons:
        paper.blank()


def _check(check: CheckResult, paper: Paper, verbose: bool) -> None:
    head = f"{check.status.value:<5} {check.code}  "
    if not check.findings:
        if verbose or check.status is Status.ERROR:
            paper.paragraph((head, _STYLE[check.status]), f"{check.name}: {check.summary}")
            paper.blank()
        return
    for number, finding in enumerate(check.findings):
        style = "note" if check.status is Status.OK else _STYLE[check.status]
        paper.paragraph((head if check.status is not Status.OK else f"note  {check.code}  ", style), finding.message)
        _finding(finding, paper, first=number == 0)
        paper.blank()


def _finding(finding: Finding, paper: Paper, *, first: bool) -> None:
    location = finding.location
    place = f"{location.file}:{location.line}:{location.column}" if location.line else location.file
    paper.paragraph(("at:  ", "dim"), place, indent=6)
    if first:
        paper.paragraph(("why: ", "dim"), finding.why, indent=6)
    if finding.fix:
        paper.paragraph(("fix: ", "dim"), finding.fix.description, indent=6)
