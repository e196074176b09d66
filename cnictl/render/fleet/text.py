"""What the doctor found on many nodes, for people: the causes of most of them first."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from cnictl.render.listing import some
from cnictl.render.paper import plural
from cnictl.report.finding import Status

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.fleet import Difference, Fleet, FleetCause, Share

_STYLE = {Status.FAIL: "fail", Status.ERROR: "error", Status.WARN: "warn", Status.OK: "ok"}
_MANY = 8
"""How many nodes, and how many values, are named one by one."""
_CAUSES = 10
"""How many causes are shown."""
_WORDINGS = 3
"""How many of the wordings of a cause are shown."""


def render(fleet: Fleet, paper: Paper, *, verbose: bool = False) -> None:
    """Writes how many nodes are well, each cause with its nodes, in what nodes differ, and what could not be read.

    Args:
        fleet: The nodes.
        paper: Where to write.
        verbose: Whether to name every node, wording and value.
    """
    causes = fleet.causes()
    _verdict(fleet, causes, paper)
    shown = causes if verbose else causes[:_CAUSES]
    for cause in shown:
        _cause(cause, len(fleet.nodes), paper, verbose)
    if len(shown) < len(causes):
        paper.paragraph("", f"and {len(causes) - len(shown)} more causes, shown with -v")
        paper.blank()
    _differences(fleet, paper, verbose)
    _left_out(fleet, paper, verbose)


def _verdict(fleet: Fleet, causes: list[FleetCause], paper: Paper) -> None:
    counts, nodes = fleet.counts(), len(fleet.nodes)
    if not nodes:
        paper.line(("no report could be read", "fail"))
    elif counts["fail"]:
        most = max(causes, key=lambda cause: cause.first, default=None)
        why = f"; most often because of {most.code} {most.name}, on {most.first}" if most and most.first else ""
        paper.paragraph((f"{counts['fail']} of {plural(nodes, 'node')} failed", "fail"), why)
    else:
        paper.line((f"no check failed on {plural(nodes, 'node')}", "ok"))
    said = ", ".join(f"{number} {status}" for status, number in counts.items() if number)
    if nodes:
        paper.paragraph((f"{plural(nodes, 'node')}: ", "bold"), said)
    paper.blank()


def _cause(cause: FleetCause, nodes: int, paper: Paper, verbose: bool) -> None:
    head = f"{cause.status.value:<5} {cause.code}  "
    paper.paragraph((head, _STYLE[cause.status]), f"{cause.name or 'cause'}, on {len(cause.nodes)} of {nodes}")
    shown = cause.wordings if verbose else cause.wordings[:_WORDINGS]
    for wording, following in zip_longest(shown, shown[1:]):
        where = f" (on {wording.nodes})" if len(cause.wordings) > 1 else ""
        paper.paragraph(("what: ", "dim"), f"{wording.message}{where}", indent=6)
        if wording.command and not (following and following.command == wording.command):
            paper.paragraph(("next: ", "dim"), wording.command, indent=6)
    if len(shown) < len(cause.wordings):
        more = f"{len(cause.wordings) - len(shown)} other wordings, shown with -v"
        paper.paragraph(("what: ", "dim"), more, indent=6)
    paper.paragraph(("on:   ", "dim"), some(cause.nodes, None if verbose else _MANY), indent=6)
    if cause.explains:
        paper.paragraph(("also: ", "dim"), f"explains {', '.join(cause.explains)}", indent=6)
    paper.blank()


def _differences(fleet: Fleet, paper: Paper, verbose: bool) -> None:
    differences = fleet.differences()
    if not differences:
        return
    paper.line(("nodes differ", "bold"))
    for difference in differences:
        _difference(difference, paper, verbose)
    paper.blank()


def _difference(difference: Difference, paper: Paper, verbose: bool) -> None:
    usual = difference.usual
    common = f"{_value(usual)} on {len(usual.nodes)}" if usual else "no value that most nodes have"
    paper.paragraph((f"{difference.fact}  ", "warn"), common, indent=2)
    shown = difference.others if verbose else difference.others[:_MANY]
    for share in shown:
        names = some(share.nodes, None if verbose else _MANY)
        paper.paragraph("", f"{_value(share)} on {len(share.nodes)}: {names}", indent=4)
    if len(shown) < len(difference.others):
        paper.paragraph("", f"and {len(difference.others) - len(shown)} other values, shown with -v", indent=4)


def _value(share: Share) -> str:
    return "(not in the report)" if share.value is None else share.value


def _left_out(fleet: Fleet, paper: Paper, verbose: bool) -> None:
    if fleet.older:
        paper.paragraph("", f"{plural(fleet.older, 'report')} of nodes that have a newer one: not counted")
    if not fleet.unread:
        return
    paper.line((f"not read: {len(fleet.unread)}", "bold"))
    shown = fleet.unread if verbose else fleet.unread[:_MANY]
    for unread in shown:
        paper.paragraph("", f"{unread.file}: {unread.reason}", indent=2)
    if len(shown) < len(fleet.unread):
        paper.paragraph("", f"and {len(fleet.unread) - len(shown)} more, shown with -v", indent=2)
