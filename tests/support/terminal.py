"""Runs a command on a terminal of a given size, keeps what it shows, and judges how it is laid out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

from rich.cells import cell_len

from tests.support.command import CNICTL, PROJECT

_WORD = re.compile(r"\S*`[^`]*`\S*|\S+")
_DEEPEST = 13
"""Columns before a word that stands alone on a line, at most."""


def without_colours(text: str) -> str:
    """The text without escape sequences for colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def too_wide(text: str, columns: int) -> list[str]:
    """The lines that are wider than the terminal and could have been folded.

    A line may be wider when it ends in a word that no line of its own could take: a path, an address, or a command in
    backticks is not broken, so that it can be copied.

    Args:
        text: What was shown, without colours.
        columns: The width of the terminal.
    """
    wide = [line for line in text.splitlines() if cell_len(line) > columns]
    return [line for line in wide if cell_len(_WORD.findall(line)[-1]) <= columns - _DEEPEST]


def show(*arguments: str, columns: int = 80, piped: bool = False, **environment: str) -> str:
    """What ``cnictl`` shows on a terminal, escape sequences included, with stdout and stderr as they come.

    Args:
        arguments: What follows the program's name.
        columns: The width of the terminal.
        piped: Whether standard output goes elsewhere, so that only standard error is shown.
        environment: Variables to set.
    """
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settings = os.environ | {"TERM": "xterm-256color", "COLORTERM": ""} | environment
    out = subprocess.DEVNULL if piped else its
    with subprocess.Popen(
        [*CNICTL, *arguments], stdin=its, stdout=out, stderr=its, env=settings, cwd=PROJECT
    ) as process:
        os.close(its)
        shown = _read_all(ours)
        process.wait(timeout=30)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def _read_all(descriptor: int) -> bytes:
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # how a terminal says that nobody writes to it any more
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)
