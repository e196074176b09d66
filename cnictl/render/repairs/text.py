"""Repairs for people: what is done, step by step, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.report.action import WriteFile
from cnictl.report.repair import RepairStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.render.paper import Paper
    from cnictl.report.repair import Repair

_WORDS = {
    RepairStatus.PLANNED: ("would", "note"),
    RepairStatus.DONE: ("done", "ok"),
    RepairStatus.FAILED: ("failed", "fail"),
    RepairStatus.UNDONE: ("undone", "ok"),
    RepairStatus.STAYS: ("stays", "warn"),
}


def render(repairs: Sequence[Repair], paper: Paper) -> None:
    """Writes repairs.

    Args:
        repairs: What was done, would be, or was undone.
        paper: Where to write.
    """
    for repair in repairs:
        word, style = _WORDS[repair.status]
        what = repair.message or "; ".join(action.words for action in repair.actions)
        paper.paragraph((f"{word:<7}", style), f"{repair.code}: {what}")
        for action in repair.actions if repair.message else ():
            paper.paragraph(("step: ", "dim"), action.words, indent=7)
            if isinstance(action, WriteFile):
                for line in action.content.splitlines():
                    paper.paragraph("", f"+{line}", indent=13)
        if repair.trouble:
            paper.paragraph(("but:  ", "dim"), repair.trouble, indent=7)
