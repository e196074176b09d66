"""Where text goes: a terminal, which wraps and has colours, or anything else, which gets plain long lines."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from cnictl.text.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

Piece = str | tuple[str, str]
"""A text, or a text and its style."""

STYLES = {
    "error": "bold red",
    "fail": "bold red",
    "warning": "bold yellow",
    "warn": "bold yellow",
    "note": "bold cyan",
    "ok": "green",
    "skip": "dim",
    "bold": "bold",
    "dim": "dim",
    "caret": "bold red",
}


class Paper:
    """A stream that text is written to.

    Args:
        stream: The stream.
        width: Columns of the terminal; ``None`` when it is none, and lines are as long as they are.
        colour: Whether to use colours.
    """

    def __init__(self, stream: TextIO, *, width: int | None = None, colour: bool = False) -> None:
        self.stream = stream
        self.width = width
        self.colour = colour

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console

        return Console(
            file=self.stream,
            width=self.width,
            force_terminal=True,
            color_system="standard" if self.colour else None,
            no_color=not self.colour,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def line(self, *pieces: Piece) -> None:
        """Writes a line; what is too long for a terminal is continued on the next."""
        if self.width is None:
            self.stream.write("".join(map(_text, pieces)) + "\n")
            return
        from rich.text import Text

        styles = ("" if isinstance(piece, str) else STYLES[piece[1]] for piece in pieces)
        styled = Text.assemble(*zip(map(_text, pieces), styles, strict=True))
        self._console.print(styled, overflow="fold")

    def paragraph(self, head: Piece, text: str, *, indent: int = 0) -> None:
        """Writes a text behind a heading, wrapped so that further lines stand below the first word.

        Args:
            head: What stands before the text.
            text: The text.
            indent: Columns before the heading.
        """
        margin = " " * indent
        if self.width is None:
            self.stream.write(f"{margin}{_text(head)}{printable(text)}\n")
            return
        hang = indent + len(_text(head))
        lines = _wrapped(printable(text), max(self.width - hang, 20)) or [""]
        self.line(margin, head, lines[0])
        for line in lines[1:]:
            self.line(" " * hang, line)

    def blank(self) -> None:
        """Writes an empty line."""
        self.stream.write("\n")


_SECOND = "\0"
"""The second column of a wide character; in a printable text there is none."""


def _wrapped(text: str, width: int) -> list[str]:
    """The lines of a text that is too long for a number of columns."""
    import textwrap

    if not text.isascii():
        from rich.cells import cell_len

        text = "".join(char + _SECOND * (cell_len(char) - 1) for char in text)
    lines = textwrap.wrap(text, width, break_on_hyphens=False)
    return [line.replace(_SECOND, "") for line in lines]


def _text(piece: Piece) -> str:
    return printable(piece if isinstance(piece, str) else piece[0])


def plural(number: int, noun: str) -> str:
    """A number and its noun.

    >>> plural(1, "file"), plural(3, "file")
    ('1 file', '3 files')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
