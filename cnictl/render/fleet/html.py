"""What the doctor found on many nodes as one page of HTML."""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from cnictl import __version__
from cnictl.render.listing import some
from cnictl.render.page import Markup, chips, element, joined, status_word, write_page
from cnictl.render.paper import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cnictl.render.paper import Paper
    from cnictl.report.fleet import Difference, Fleet, FleetCause, Share

_MANY = 12
"""How many names are written before the rest is folded away."""
_WORDINGS = 5
"""How many of the wordings of a cause are shown."""


def render(fleet: Fleet, paper: Paper, *, verbose: bool = False) -> None:
    """Writes one page with every cause, difference and node; long lists of nodes are folded away."""
    del verbose
    parts = chain(_head(fleet), _causes(fleet), _differences(fleet), _nodes(fleet), _left_out(fleet), _foot())
    write_page(_verdict(fleet), parts, paper.stream)


def _verdict(fleet: Fleet) -> str:
    failed, nodes = fleet.counts()["fail"], plural(len(fleet.nodes), "node")
    if not fleet.nodes:
        return "No report could be read"
    return f"{failed} of {nodes} failed" if failed else f"No check failed on {nodes}"


def _head(fleet: Fleet) -> Iterator[Markup]:
    yield element("p", "cnictl doctor", kind="dim")
    yield element("h1", _verdict(fleet))
    counts = ((status, number) for status, number in fleet.counts().items() if number)
    yield chips(joined((element("b", str(number), kind=status), f" {status}")) for status, number in counts)


def _causes(fleet: Fleet) -> Iterator[Markup]:
    causes = fleet.causes()
    if causes:
        yield element("h2", "Causes")
    for cause in causes:
        yield _cause(cause, len(fleet.nodes))


def _cause(cause: FleetCause, nodes: int) -> Markup:
    share = f"{len(cause.nodes)} of {plural(nodes, 'node')}"
    title = element("p", status_word(cause.status.value), " ", element("b", f"{cause.code} {cause.name}"), f", {share}")
    parts = [title, *_wordings(cause)]
    if len(cause.wordings) > _WORDINGS:
        parts.append(element("p", f"and {len(cause.wordings) - _WORDINGS} other wordings", kind="dim"))
    if cause.explains:
        parts.append(element("p", f"This explains {', '.join(cause.explains)}.", kind="dim"))
    kind = "card cause failed" if cause.status == "fail" else "card cause"
    return element("section", *parts, _names(cause.nodes), kind=kind)


def _wordings(cause: FleetCause) -> Iterator[Markup]:
    """What the cause says, each command once below all that it is for."""
    shown = cause.wordings[:_WORDINGS]
    for wording, following in zip_longest(shown, shown[1:]):
        where = element("small", f" on {wording.nodes}") if len(cause.wordings) > 1 else ""
        yield element("p", wording.message, where)
        if wording.command and not (following and following.command == wording.command):
            yield element("code", wording.command, kind="next")


def _names(names: Sequence[str]) -> Markup:
    if len(names) <= _MANY:
        return element("p", some(names, None), kind="dim")
    return element("details", element("summary", some(names, _MANY)), element("p", some(names, None)), kind="dim")


def _table(titles: Iterable[str], rows: Iterable[Markup]) -> Markup:
    head = element("tr", *(element("th", title) for title in titles))
    return element("table", element("thead", head), element("tbody", *rows))


def _differences(fleet: Fleet) -> Iterator[Markup]:
    differences = fleet.differences()
    if differences:
        rows = chain.from_iterable(map(_difference, differences))
        yield element("h2", "Nodes that differ")
        yield element("div", _table(("Fact", "Value", "Nodes"), rows), kind="card")


def _difference(difference: Difference) -> Iterator[Markup]:
    usual = difference.usual
    if usual:
        most = element("td", f"{plural(len(usual.nodes), 'node')}, the usual")
        yield element("tr", element("td", element("b", difference.fact)), element("td", _value(usual)), most)
    for number, share in enumerate(difference.others):
        name = "" if usual or number else element("b", difference.fact)
        yield element("tr", element("td", name), element("td", _value(share)), element("td", _names(share.nodes)))


def _value(share: Share) -> Markup:
    return element("small", "not in the report") if share.value is None else element("code", share.value)


def _nodes(fleet: Fleet) -> Iterator[Markup]:
    bad = [report for report in fleet.nodes.values() if report.status != "ok"]
    if not bad:
        return
    rows = (
        element(
            "tr",
            element("td", report.name),
            element("td", status_word(report.status.value)),
            element("td", ", ".join(cause.code for cause in report.causes)),
            element("td", element("small", (report.began or "").replace("T", " "))),
        )
        for report in sorted(bad, key=lambda report: report.name)
    )
    yield element("h2", "Nodes that are not well")
    title = element("summary", plural(len(bad), "node"))
    table = _table(("Node", "Worst", "Causes", "Examined"), rows)
    yield element("details", title, table, kind="card", is_open=len(bad) <= _MANY)


def _left_out(fleet: Fleet) -> Iterator[Markup]:
    if fleet.unread:
        rows = (element("tr", element("td", unread.file), element("td", unread.reason)) for unread in fleet.unread)
        title = element("summary", f"{len(fleet.unread)} that hold no report")
        yield element("h2", "Not read")
        yield element("details", title, _table(("File", "Why"), rows), kind="card", is_open=len(fleet.unread) <= _MANY)
    if fleet.older:
        yield element("p", f"{plural(fleet.older, 'report')} of nodes that have a newer one: not counted.", kind="dim")


def _foot() -> Iterator[Markup]:
    yield element("footer", element("small", f"Merged by cnictl {__version__}."))
