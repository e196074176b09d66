"""What becomes of a config for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.render.upgrade import UpgradeAnswer

_STYLES = {"changed": "ok", "note": "note", "lost": "error"}


def render(answer: UpgradeAnswer, paper: Paper) -> None:
    """Writes a line for the file and one for everything that comes of it."""
    if not answer.changed:
        paper.line(f"{answer.file}: {answer.target} already")
        return
    paper.line(f"{answer.file}: {answer.version or 'no version'} to {answer.target}{_end(answer)}")
    for kind, message in answer.notes:
        paper.paragraph((f"{kind:<8} ", _STYLES[kind]), message, indent=2)


def _end(answer: UpgradeAnswer) -> str:
    if not answer.written:
        return ", not written"
    return f", now {answer.path}" if answer.path not in (answer.file, "-") else ""
