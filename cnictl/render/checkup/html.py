"""A checkup as one page of HTML, for a phone, a desk or a sheet of paper."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING

from cnictl import __version__
from cnictl.render.moment import utc
from cnictl.render.order import by_category, consequences, is_well, likely_causes
from cnictl.render.page import Markup, chips, element, joined, pairs, status_word, write_page
from cnictl.render.paper import plural
from cnictl.report.finding import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cnictl.render.order import Category
    from cnictl.render.paper import Paper
    from cnictl.report.finding import Finding
    from cnictl.report.report import Cause, CheckResult, Checkup

_MANY_FINDINGS = 5
"""How many findings of one check are open to see."""
_OPEN = (Status.FAIL, Status.ERROR, Status.WARN)


def render(checkup: Checkup, paper: Paper, *, verbose: bool = False) -> None:
    """Writes one page with everything in it; what is well is folded away."""
    del verbose
    name = str(checkup.node.get("hostname") or "this node")
    marks = consequences(checkup)
    categories = (_category(category, marks) for category in by_category(checkup))
    parts = chain(_head(checkup, name), _causes(checkup), [element("h2", "Checks")], categories, _foot(checkup))
    write_page(f"{_verdict(checkup)} - {name}", parts, paper.stream)


def _verdict(checkup: Checkup) -> str:
    counts = checkup.counts()
    if counts["fail"]:
        return f"{plural(counts['fail'], 'check')} failed"
    if is_well(checkup):
        return "Everything that could be looked at is well" if counts["ok"] else "Nothing could be looked at"
    return f"{plural(counts['warn'] + counts['error'], 'check')} to look at"


def _head(checkup: Checkup, name: str) -> Iterator[Markup]:
    yield element("p", f"cnictl doctor, {name}", kind="dim")
    yield element("h1", _verdict(checkup))
    counts = ((status, number) for status, number in checkup.counts().items() if number)
    yield chips(joined((element("b", str(number), kind=status), f" {status}")) for status, number in counts)


def _causes(checkup: Checkup) -> Iterator[Markup]:
    failed = {check.code for check in checkup.checks if check.status is Status.FAIL}
    titles = {0: "Most likely cause", 1: "Also wrong"}
    for number, cause in enumerate(likely_causes(checkup)):
        if number in titles:
            yield element("h2", titles[number])
        kind = "card cause failed" if cause.code in failed else "card cause"
        yield _cause(cause, f"{kind} first" if number == 0 else kind)


def _cause(cause: Cause, kind: str) -> Markup:
    parts = [element("p", cause.message, " ", element("small", cause.finding or cause.code))]
    if cause.command:
        parts += [element("small", "Next"), element("code", cause.command, kind="next")]
    if cause.explains:
        parts.append(element("p", f"This explains {', '.join(cause.explains)}.", kind="dim"))
    return element("section", *parts, kind=kind)


def _category(category: Category, marks: Mapping[str, str]) -> Markup:
    counts = (sum(check.status is status for check in category.checks) for status in Status)
    words = [f"{number} {status}" for number, status in zip(counts, Status, strict=True) if number]
    title = element("summary", category.name, " ", element("small", ", ".join(words)))
    checks = (_check(check, marks.get(check.code)) for check in category.checks)
    return element("details", title, *checks, kind="card", is_open=category.status in _OPEN)


def _check(check: CheckResult, cause: str | None) -> Markup:
    head = element("p", status_word(check.status.value), " ", element("b", f"{check.code} {check.name}"))
    parts = [head]
    if cause:
        parts.append(element("p", f"because of {cause}", kind="dim"))
    if not check.findings:
        parts.append(element("p", check.summary, kind="dim"))
    elif check.findings[0].why:
        parts.append(element("p", check.findings[0].why, kind="dim"))
    parts += map(_finding, check.findings[:_MANY_FINDINGS])
    parts += _more(check.findings[_MANY_FINDINGS:])
    return element("div", *parts, kind="check")


def _more(findings: Sequence[Finding]) -> list[Markup]:
    if not findings:
        return []
    return [element("details", element("summary", f"and {len(findings)} more"), *map(_finding, findings))]


def _finding(finding: Finding) -> Markup:
    location = finding.location
    place = f"{location.file}:{location.line}:{location.column}" if location.line else location.file
    rows = (
        ("at", element("code", place) if place else ""),
        ("fix", finding.fix.description if finding.fix else ""),
        ("see", finding.reference),
    )
    return element("div", element("p", finding.message), pairs(rows), kind="finding")


def _foot(checkup: Checkup) -> Iterator[Markup]:
    facts = pairs((key, _fact(value)) for key, value in checkup.node.items())
    yield element("h2", "The node")
    yield element("details", element("summary", "Facts"), facts, kind="card", is_open=True)
    when = utc(checkup.began)
    took = f"{when.replace('T', ' ').replace('Z', ' UTC')}, in {checkup.seconds:.1f} s, " if when else ""
    yield element("footer", element("small", f"Examined {took}by cnictl {__version__}."))


def _fact(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or "none"
    return json.dumps(value, ensure_ascii=False)
