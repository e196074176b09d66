"""Runs a command on a terminal of a given size, and keeps what it shows."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios

from tests.support.command import CNICTL, PROJECT


def show(*arguments: str, columns: int = 80, **environment: str) -> str:
    """What ``cnictl`` shows on a terminal, escape sequences included, with stdout and stderr as they come.

    Args:
        arguments: What follows the program's name.
        columns: The width of the terminal.
        environment: Variables to set.
    """
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settings = os.environ | {"TERM": "xterm-256color", "COLORTERM": ""} | environment
    with subprocess.Popen(
        [*CNICTL, *arguments], stdin=its, stdout=its, stderr=its, env=settings, cwd=PROJECT
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
