"""A checkup for people: the root cause and what to do first, then what is wrong; quiet about what is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.order import by_category, consequences, is_well, likely_causes
from cnictl.render.paper import plural
from cnictl.render.repairs.text import render as render_repairs
from cnictl.report.finding import Severity, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.render.order import Category
    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.report import CheckResult, Checkup

_STYLE = {Status.ERROR: "error", Status.FAIL: "fail", Status.WARN: "warn", Status.OK: "ok", Status.SKIP: "skip"}
_MANY_CAUSES = 6
"""How many causes are shown: whoever has more mends the first ones and looks again."""
_MANY_FINDINGS = 5
"""How many findings of one check are shown unless everything is wanted: a leak can have hundreds."""
_MANY_CODES = 4
"""How many checks that were skipped for the same reason are named one by one."""
_MANY_REASONS = 5
"""For how many reasons to skip there is a paragraph."""

_LONG_LINE = 200
"""Characters of a line of a log that are shown."""


def render(checkup: Checkup, paper: Paper, *, verbose: bool = False) -> None:
    """Writes the most likely root cause, what to do about it, the node, what is wrong with it, and a summary.

    Args:
        checkup: The outcome.
        paper: Where to write.
        verbose: Whether to name all that was looked at, too, and every finding and skipped check.
    """
    if checkup.repairs:
        render_repairs(checkup.repairs, paper)
        paper.blank()
    if is_well(checkup):
        _all_is_well(checkup, paper)
        if not verbose and checkup.counts()["ok"]:
            return
    _causes(checkup, paper, verbose)
    _symptoms(checkup, paper)
    _node(checkup, paper)
    marks = consequences(checkup)
    for category in by_category(checkup):
        _category(category, marks, paper, verbose)
    _skipped(checkup, paper, verbose)
    if not is_well(checkup):
        paper.line((f"{plural(len(checkup.checks), 'check')}: ", "bold"), _counted(checkup))


def _all_is_well(checkup: Checkup, paper: Paper) -> None:
    seen = checkup.counts()["ok"]
    said = "everything that could be looked at is well" if seen else "nothing could be looked at"
    notes = len(checkup.findings())
    more = f"; {plural(notes, 'note')}, shown with -v" if notes else ""
    paper.paragraph((f"{said}: ", "ok" if seen else "warn"), f"{_counted(checkup)}{more}")
    if not seen:
        paper.blank()


def _counted(checkup: Checkup) -> str:
    return ", ".join(f"{number} {status}" for status, number in checkup.counts().items() if number) or "no checks"


def _causes(checkup: Checkup, paper: Paper, verbose: bool) -> None:
    """The root cause and what to do first, and apart from it what else is wrong by itself."""
    causes = likely_causes(checkup)
    statuses = {check.code: check.status for check in checkup.checks}
    shown = causes if verbose else causes[:_MANY_CAUSES]
    told: dict[str, str] = {}
    for number, cause in enumerate(shown):
        style = _STYLE[statuses.get(cause.code, Status.FAIL)]
        code = cause.finding or cause.code
        paper.paragraph((f"{'also' if number else 'cause':<9}", style), f"{cause.message} ({code})")
        if cause.command:
            before = told.get(cause.command)
            paper.paragraph(("next     ", "bold"), f"the same as for {before}" if before else cause.command)
            told.setdefault(cause.command, code)
        if number in (0, len(shown) - 1):
            paper.blank()
    if len(shown) < len(causes):
        paper.paragraph((f"{'also':<9}", "dim"), f"{len(causes) - len(shown)} more, shown with -v")
        paper.blank()


def _symptoms(checkup: Checkup, paper: Paper) -> None:
    """What programs said, and which check explains it."""
    for symptom in checkup.symptoms:
        often = f", {symptom.times} times" if symptom.times > 1 else ""
        paper.paragraph(("said     ", "dim"), f'"{_short(symptom.line)}" ({symptom.code}{often})')
    if checkup.symptoms:
        paper.blank()


def _short(line: str) -> str:
    return line if len(line) <= _LONG_LINE else f"{line[:_LONG_LINE]}..."


def _node(checkup: Checkup, paper: Paper) -> None:
    facts = checkup.node
    configs, bin_dirs, runtimes = (_strings(facts.get(key)) for key in ("configs", "binDirs", "runtimes"))
    names = [path.rsplit("/", 1)[-1] for path in configs]
    if facts.get("hostname"):
        paper.paragraph(("node     ", "dim"), str(facts["hostname"]))
    paper.paragraph(("configs  ", "dim"), f"{facts.get('confDir')}: {', '.join(names) or 'none'}")
    paper.paragraph(("plugins  ", "dim"), ", ".join(bin_dirs))
    kubelet = [*runtimes, "kubelet"] if facts.get("kubelet") else runtimes
    paper.paragraph(("runs     ", "dim"), ", ".join(kubelet) or "no sign of a container runtime or kubelet")
    paper.blank()


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _category(category: Category, marks: Mapping[str, str], paper: Paper, verbose: bool) -> None:
    """The checks of a category that have something to say, below its name."""
    shown = [check for check in category.checks if _is_shown(check, verbose)]
    if not shown:
        return
    paper.line((category.name, "bold"))
    for check in shown:
        if check.findings:
            _found(check, marks.get(check.code), paper, verbose)
        else:
            paper.paragraph((_head(check.status.value, check.code), _STYLE[check.status]), _outcome(check))
    if not shown[-1].findings:
        paper.blank()


def _is_shown(check: CheckResult, verbose: bool) -> bool:
    """Skips have paragraphs of their own at the end; notes of a check that is well are for who wants to know all."""
    return check.status not in (Status.OK, Status.SKIP) or (verbose and check.status is Status.OK)


def _head(word: str, code: str) -> str:
    return f"{word:<5} {code}  "


def _outcome(check: CheckResult) -> str:
    return f"{check.name}: {check.summary}"


def _found(check: CheckResult, cause: str | None, paper: Paper, verbose: bool) -> None:
    shown = check.findings if verbose else check.findings[:_MANY_FINDINGS]
    before = None
    for finding in shown:
        is_note = finding.severity is Severity.NOTE
        word, style = ("note", "note") if is_note else (check.status.value, _STYLE[check.status])
        paper.paragraph((_head(word, finding.code), style), finding.message)
        _finding(finding, cause, before, paper)
        paper.blank()
        before = finding
    left = len(check.findings) - len(shown)
    if left:
        paper.paragraph((_head("", check.code), "dim"), f"and {left} more like these, shown with -v")
        paper.blank()


def _finding(finding: Finding, cause: str | None, before: Finding | None, paper: Paper) -> None:
    """What there is to say of a finding that has not been said of the one before it."""
    location = finding.location
    place = f"{location.file}:{location.line}:{location.column}" if location.line else location.file
    if cause:
        paper.paragraph("", f"because of {cause}", indent=6)
    if place:
        paper.paragraph(("at:  ", "dim"), place, indent=6)
    if finding.why and not before:
        paper.paragraph(("why: ", "dim"), finding.why, indent=6)
    if finding.fix and not (before and before.fix and before.fix.description == finding.fix.description):
        paper.paragraph(("fix: ", "dim"), finding.fix.description, indent=6)


def _skipped(checkup: Checkup, paper: Paper, verbose: bool) -> None:
    """The checks that could not be made: a paragraph for each reason, most of them first."""
    reasons: dict[str, list[str]] = {}
    for check in checkup.checks:
        if check.status is Status.SKIP:
            reasons.setdefault(check.summary, []).append(check.code)
    ordered = sorted(reasons.items(), key=lambda entry: -len(entry[1]))
    shown = ordered if verbose else ordered[:_MANY_REASONS]
    for reason, codes in shown:
        who = ", ".join(codes) if verbose or len(codes) <= _MANY_CODES else plural(len(codes), "check")
        paper.paragraph(("skip  ", "skip"), f"{who}: {reason}")
    rest = ordered[len(shown) :]
    if rest:
        paper.paragraph(("skip  ", "skip"), _rest([codes for _, codes in rest]))
    if reasons:
        paper.blank()


def _rest(codes: Sequence[Sequence[str]]) -> str:
    number = sum(map(len, codes))
    return f"{plural(number, 'more check')} for {plural(len(codes), 'other reason')}, shown with -v"
