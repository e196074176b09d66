"""The locks on files that processes hold: ``/proc/locks``."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"^\d+: (FLOCK|POSIX|OFDLCK)\s+\S+\s+(\S+)\s+(-?\d+)\s+([0-9a-f]+:[0-9a-f]+):(\d+)\s", re.MULTILINE)


class Lock(NamedTuple):
    """A lock that is held; those that wait for one are left out.

    Attributes:
        pid: The process that took it.
        inode: The number of the file.
        device: The two numbers of the file's device, such as ``08:01``.
        kind: By which call it was taken: ``FLOCK``, ``POSIX`` or ``OFDLCK``.
        mode: ``READ`` or ``WRITE``.
    """

    pid: int
    inode: int
    device: str
    kind: str
    mode: str

    def is_on(self, device: int, inode: int) -> bool:
        """Whether a file is the one that is locked.

        Args:
            device: Its device, as ``stat`` tells it.
            inode: Its number there.
        """
        return (self.device, self.inode) == (f"{os.major(device):02x}:{os.minor(device):02x}", inode)


def locks_in(text: str) -> Iterator[Lock]:
    """The locks in the table; what is no line of it is left out."""
    for kind, mode, pid, device, inode in _LINE.findall(text):
        yield Lock(int(pid), int(inode), device, kind, mode)
