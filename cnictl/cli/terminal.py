"""What a stream is: how wide, and whether it has colours."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from cnictl.render.paper import Paper

if TYPE_CHECKING:
    from typing import TextIO

_USUAL = 80
"""Columns of a terminal that does not know how many it has, such as a serial console."""
_COLUMNS = re.compile(r"[1-9][0-9]{0,4}")
"""Numbers of columns that are to be believed."""


def paper_on(stream: TextIO, *, plain: bool = False) -> Paper:
    """A stream that text is written to, as wide and as colourful as it is.

    Args:
        stream: Standard output, or standard error.
        plain: Whether the user wants no colours.
    """
    if not stream.isatty():
        return Paper(stream)
    return Paper(stream, width=terminal_width(stream), colour=not (plain or is_plain()))


def is_plain() -> bool:
    """Whether the user, or the terminal, wants no colours and nothing else that is no text."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def terminal_width(stream: TextIO) -> int:
    """The columns of a terminal; what ``COLUMNS`` says counts more than what it says itself.

    `shutil.get_terminal_size` looks at standard output, which is a pipe when an answer goes to a file and the trace to
    the terminal.
    """
    said = os.environ.get("COLUMNS", "")
    if _COLUMNS.fullmatch(said):
        return int(said)
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL
    except (OSError, ValueError):  # it is no terminal, or it is closed
        return _USUAL
