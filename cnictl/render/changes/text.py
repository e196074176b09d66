"""What plugin runs changed, for people: a line for each thing, with ``+``, ``-`` or ``~`` before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.render.paper import Paper
    from cnictl.runtime.changes import Change, Changes

_WIDTH = len("neighbour")
_STYLES = {"+": "ok", "-": "fail", "~": "warn"}
_VALUE = "value"
"""The one detail of a kernel setting, which needs no name."""


def render(changes: Sequence[Changes], paper: Paper, *, unseen: Sequence[str] = ()) -> None:
    """Writes what each run changed, by namespace and kind.

    Args:
        changes: The runs, in order.
        paper: Where to write.
        unseen: One line for each thing that could not be looked at.
    """
    for run in changes:
        if not run.where:
            continue  # VERSION, which has to do with no namespace
        invocation = run.exchange.invocation
        nothing = not any(run.where.values())
        paper.line((f"{invocation.plugin} {invocation.verb}", "bold"), "  nothing changed" if nothing else "")
        for where, found in run.where.items():
            _namespace(where, found, paper)
        paper.blank()
    for line in unseen:
        paper.paragraph(("not looked at: ", "dim"), line)


def _namespace(where: str, found: Sequence[Change], paper: Paper) -> None:
    if not found:
        return
    paper.line(f"  {where}")
    for change in found:
        sign = "+" if change.before is None else "-" if change.after is None else "~"
        details = _details(change)
        text = f"{change.what}{details and f'  {details}'}"
        paper.paragraph((f"{sign} {change.kind:{_WIDTH}} ", _STYLES[sign]), text, indent=4)


def _details(change: Change) -> str:
    """What is told about a thing: all of one that appeared, and of others what became different."""
    if change.after is None:
        return ""
    if change.before is None:
        return ", ".join(_pair(name, value) for name, value in change.after.items() if name != "name")
    return ", ".join(_turns(change.before, change.after))


def _pair(name: str, value: str | int) -> str:
    return f"= {value}" if name == _VALUE else f"{name} {value}"


def _turns(before: Mapping[str, str | int], after: Mapping[str, str | int]) -> list[str]:
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [
        f"{'' if name == _VALUE else f'{name} '}{_value(before, after, name)} -> {_value(after, before, name)}"
        for name in names
    ]


def _value(details: Mapping[str, str | int], others: Mapping[str, str | int], name: str) -> str | int:
    """What a detail is; of a switch that is not told it is the opposite of the other time."""
    opposites: dict[str | int, str] = {"on": "off", "off": "on"}
    return details[name] if name in details else opposites.get(others[name], "none")
