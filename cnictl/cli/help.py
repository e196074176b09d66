"""How ``--help`` is laid out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from typer._click.formatting import HelpFormatter

from cnictl.cli.terminal import terminal_width

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 100
"""Columns of a help text: longer lines are hard to read."""
LEAST = 40
"""Columns of it on a terminal that has fewer: in less room there would be a letter on each line."""
_NARROW = 70
"""Columns below which the names of options get no column of their own."""
_SHORT_NAMES = 14
"""Columns of names there; the text of a longer one stands below it."""
_HYPHEN = "\2"
"""Stands for a hyphen while a text is folded: typer would break the name of an option at it."""


class Formatter(HelpFormatter):
    """typer's formatter, which lays out for 50 columns or more, on every terminal.

    Args:
        width: The columns that there are; ``None`` for those of the terminal.
    """

    def __init__(self, width: int | None = None) -> None:
        super().__init__(width=(width or max(min(terminal_width(sys.stdout), MOST), LEAST)) - 2)

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Writes options or commands and what they do."""
        kept = [(name, text.replace("-", _HYPHEN)) for name, text in rows]
        super().write_dl(kept, col_max if self.width >= _NARROW else _SHORT_NAMES, col_spacing)

    def write_text(self, text: str) -> None:
        """Writes paragraphs; those that are marked to stay as they are do so when they have lines of their own."""
        super().write_text("\n\n".join(map(_prose, text.split("\n\n"))).replace("-", _HYPHEN))

    def getvalue(self) -> str:
        """The whole text."""
        return "\n".join(line.rstrip() for line in super().getvalue().split("\n")).replace(_HYPHEN, "-")


_AS_IT_IS = "\b\n"


def _prose(paragraph: str) -> str:
    """A paragraph, with leave to fold it unless it is a list, whose lines are indented."""
    return paragraph if "\n " in paragraph else paragraph.removeprefix(_AS_IT_IS)
