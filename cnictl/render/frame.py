"""The piece of a file that a finding is about, with a mark below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.fold import columns

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.finding import Location
    from cnictl.text.source import Source

_TAB = "    "
_MARGIN = 3
"""Columns that a cropped line keeps free before the mark, at least."""


def draw_frame(paper: Paper, source: Source, location: Location, *, masked: bool = False) -> None:
    """Draws the line of a finding, one line around it, and a caret below what is meant.

    Args:
        paper: Where to draw.
        source: The file.
        location: The place; it must have a line.
        masked: Whether what is meant is a secret: it is shown as asterisks, and the lines around it not at all.
    """
    if location.line is None or location.column is None:
        return
    gutter = len(str(location.line + 1))
    paper.line(" " * gutter, (" |", "dim"))
    around = 0 if masked else 1
    for number in range(location.line - around, location.line + around + 1):
        text = _line(source, number)
        if text is None:
            continue
        mark = (0, 0)
        if number == location.line:
            mark = _mark(text, location)
            if masked:
                text = text[: mark[0]] + "*" * (mark[1] - mark[0]) + text[mark[1] :]
        limit = max(paper.width - gutter - 3, 20) if paper.width else 120
        text, mark, cut = _cut(text, mark, limit)
        shown, mark = _fit(_expand(text, paper), _shift(text, mark, paper), limit, cut)
        paper.line((f"{number:>{gutter}} | ", "dim"), shown)
        if number == location.line:
            carets = "^" * max(mark[1] - mark[0], 1)
            paper.line(" " * gutter, (" | ", "dim"), " " * mark[0], (carets, "caret"))


def _line(source: Source, number: int) -> str | None:
    """The text of a line; ``None`` when there is no such line, or when it is the empty one at the end."""
    try:
        text = source.line(number) if number >= 1 else None
    except IndexError:
        return None
    return text


def _mark(text: str, location: Location) -> tuple[int, int]:
    """The characters of the line to mark, from 0; a place that goes on below is marked to the line's end."""
    start = (location.column or 1) - 1
    end = (location.end_column or 1) - 1 if location.end_line == location.line else len(text.rstrip())
    return start, max(start, end)


def _cut(text: str, mark: tuple[int, int], limit: int) -> tuple[str, tuple[int, int], tuple[bool, bool]]:
    """The part of a line around its mark that can be seen at all, and whether it was cut on the left and right.

    A file of one long line may have a finding at every key: none of them may look at the whole line.
    """
    start, end = max(mark[0] - limit, 0), mark[0] + 2 * limit
    return text[start:end], (mark[0] - start, min(mark[1], end) - start), (start > 0, end < len(text))


def _expand(text: str, paper: Paper) -> str:
    """The line as it is shown: tabs as spaces, and nothing that a terminal would act upon."""
    return paper.shown(text.replace("\t", _TAB))


def _shift(text: str, mark: tuple[int, int], paper: Paper) -> tuple[int, int]:
    """Where the marked characters are shown, in columns of the terminal."""
    start, end = (columns(_expand(text[:index], paper)) for index in mark)
    return start, end


def _fit(
    text: str, mark: tuple[int, int], limit: int, cut: tuple[bool, bool] = (False, False)
) -> tuple[str, tuple[int, int]]:
    """Crops a line that is too long, so that the beginning of the mark is seen; all places are columns."""
    width = columns(text)
    if width <= limit and not any(cut):
        return text, mark
    start = max(min(mark[0] - limit // 3, width - limit + _MARGIN), 0)
    head = "..." if start or cut[0] else ""
    tail = "..." if start + limit < width or cut[1] else ""
    shown = head + _columns(text, start + len(head), start + limit - len(tail)) + tail
    end = min(mark[1] - start, limit)
    return shown, (mark[0] - start, max(end, mark[0] - start))


def _columns(text: str, start: int, end: int) -> str:
    """What stands in some columns of a line; a blank for a half of a wide character."""
    if text.isascii():
        return text[start:end]
    shown: list[str] = []
    at = 0
    for char in text:
        before, at = at, at + columns(char)
        if start <= before and at <= end:
            shown.append(char)
        elif before < end and at > start:
            shown.append(" ")
    return "".join(shown)
