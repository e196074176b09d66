"""Where text goes: a terminal, which folds and has colours, or anything else, which gets plain long lines."""

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
    "warning": "bold magenta",
    "warn": "bold magenta",
    "note": "cyan",
    "ok": "green",
    "skip": "dim",
    "bold": "bold",
    "dim": "dim",
    "caret": "bold red",
}
"""Colours of the terminal's own theme. Yellow is not among them: on a light terminal nobody can read it."""

_PLAIN = str.maketrans({"\N{REPLACEMENT CHARACTER}": "?", "\N{HORIZONTAL ELLIPSIS}": "..."})
"""What characters look like where there are none but letters."""
_STEP = 2
"""Columns by which the rest of a line that was folded stands in."""
_NARROW_STEP = 6
"""The same below a long heading on a narrow terminal."""


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
            height=1,  # without both, rich reads COLUMNS, which can be anything
            force_terminal=True,
            color_system="standard",
            no_color=False,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def line(self, *pieces: Piece) -> None:
        """Writes a line; what is too long for a terminal goes on below, a little farther in."""
        text = "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces)
        margin = len(text) - len(text.lstrip())
        self._write(pieces, hang=margin + _STEP, head=margin)

    def paragraph(self, head: Piece, *text: Piece, indent: int = 0) -> None:
        """Writes a text behind a heading; further lines stand below the first word.

        Args:
            head: What stands before the text.
            text: The text, in pieces.
            indent: Columns before the heading.
        """
        words = self.shown(head if isinstance(head, str) else head[0])
        self._write((" " * indent, head, *text), hang=self._hang(indent, words), head=indent + len(words))

    def blank(self) -> None:
        """Writes an empty line."""
        self.stream.write("\n")

    def shown(self, text: str) -> str:
        """A text as it is written: with nothing that a terminal would act upon, or that its character set has not."""
        text = printable(text)
        if text.isascii():
            return text
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
        return text

    def _hang(self, indent: int, head: str) -> int:
        """Where further lines of a paragraph begin: on a narrow terminal a long heading gets no column of its own."""
        if self.width is None:
            return 0
        from cnictl.render.fold import columns

        below = indent + columns(head)
        return below if below <= self.width * 3 // 10 else min(below, max(indent + _STEP, _NARROW_STEP))

    def _write(self, pieces: tuple[Piece, ...], *, hang: int, head: int = 0) -> None:
        texts = [self.shown(piece if isinstance(piece, str) else piece[0]) for piece in pieces]
        text = "".join(texts)
        places = [(0, len(text.rstrip()))]
        if self.width is not None:
            from cnictl.render.fold import folded

            places = folded(text, self.width, hang=hang, head=head)
        if self.colour:
            self._paint(texts, pieces, places, hang)
        else:
            margin = "\n" + " " * hang
            self.stream.write(margin.join(text[start:end] for start, end in places) + "\n")

    def _paint(self, texts: list[str], pieces: tuple[Piece, ...], places: list[tuple[int, int]], hang: int) -> None:
        from rich.text import Text

        styles = ("" if isinstance(piece, str) else STYLES[piece[1]] for piece in pieces)
        styled = Text.assemble(*zip(texts, styles, strict=True))
        for number, (start, end) in enumerate(places):
            self._console.print(Text.assemble(" " * hang if number else "", styled[start:end]), soft_wrap=True)


def plural(number: int, noun: str) -> str:
    """A number and its noun.

    >>> plural(1, "file"), plural(3, "file")
    ('1 file', '3 files')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
