"""Where a line that is too long for a terminal is folded.

Lines are folded at blanks, and never elsewhere: a path, an address or a command that was broken could not be copied. A
word that is longer than a line is written as it is, and the terminal goes on below by itself, which it undoes when the
text is copied. What stands between backticks is a command, and counts as one word.
"""

from __future__ import annotations

import re
import textwrap

_SECOND = "\0"
"""Stands for the second column of a wide character; in a printable text there is none."""
_KEPT = "\1"
"""Stands for a blank at which no line is folded; in a printable text there is none."""
_COMMAND = re.compile(r"`[^`]{1,200}`")


def folded(text: str, width: int, *, hang: int = 0, head: int = 0) -> list[tuple[int, int]]:
    """Where the lines of a text begin and end; what stands between two of them is not shown.

    Args:
        text: The text.
        width: The columns that there are.
        hang: Columns before each line but the first.
        head: Characters at its beginning that are a heading: it does not stand alone on a line.

    >>> text = "  next: run `ip link`"
    >>> [text[start:end] for start, end in folded(text, 12)]
    ['  next: run', '`ip link`']
    """
    if text.isascii() and len(text) <= width:
        return [(0, len(text.rstrip()))]
    measured = _measured(_joined(text, width - hang, head))
    lines = textwrap.wrap(
        measured,
        width,
        subsequent_indent=" " * hang,
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return _places(measured, [lines[0], *(line[hang:] for line in lines[1:])]) if lines else [(0, 0)]


def _joined(text: str, room: int, head: int) -> str:
    """The text without the blanks at which it is not folded; as long as it is."""
    text = _COMMAND.sub(lambda match: match[0].replace(" ", _KEPT), text)
    rest = text[head:]
    first = rest.split(" ", 1)[0]
    if head and columns(first) > room:  # it would be too long on the next line as well
        text = text[:head].replace(" ", _KEPT) + rest
    return text


def _measured(text: str) -> str:
    """The text with as many characters as it has columns."""
    return text if text.isascii() else "".join(char + _SECOND * (columns(char) - 1) for char in text)


def _places(measured: str, lines: list[str]) -> list[tuple[int, int]]:
    """Where lines stand in the text that was measured, in its own characters."""
    places: list[tuple[int, int]] = []
    at = 0
    for line in lines:
        begin = measured.index(line, at)
        at = begin + len(line)
        start = len(measured[:begin].replace(_SECOND, ""))
        places.append((start, start + len(line.replace(_SECOND, ""))))
    return places


def columns(text: str) -> int:
    """The columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
