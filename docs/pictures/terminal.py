"""A terminal of a given width, for what is written in this process."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARIABLES = ("NO_COLOR", "TERM", "COLUMNS")


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal, and keeps what is written to it.

    Args:
        encoding: That of its characters.
    """

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")

    def isatty(self) -> bool:
        """That it is one."""
        return True

    def text(self) -> str:
        """What was written."""
        self.seek(0)
        return self.read()


@contextmanager
def on_terminal(columns: int, *, colour: bool = True, encoding: str = "utf-8") -> Iterator[Terminal]:
    """Sends what this process writes to a terminal.

    Args:
        columns: Its width.
        colour: Whether it has colours.
        encoding: That of its characters.
    """
    terminal = Terminal(encoding)
    before = {name: os.environ.pop(name) for name in _VARIABLES if name in os.environ}
    os.environ |= {"COLUMNS": str(columns), "TERM": "xterm" if colour else "dumb"}
    try:
        with redirect_stdout(terminal), redirect_stderr(terminal):
            yield terminal
    finally:
        for name in _VARIABLES:
            os.environ.pop(name, None)
        os.environ.update(before)
