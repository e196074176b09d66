"""The locks on files that processes hold: ``/proc/locks``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"^\d+: (?:FLOCK|POSIX|OFDLCK)\s+\S+\s+\S+\s+(-?\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s", re.MULTILINE)


class Lock(NamedTuple):
    """A lock that is held; those that wait for one are left out.

    Attributes:
        pid: The process that took it.
        inode: The number of the file.
    """

    pid: int
    inode: int


def locks_in(text: str) -> Iterator[Lock]:
    """The locks in the table; what is no line of it is left out."""
    yield from (Lock(int(pid), int(inode)) for pid, inode in _LINE.findall(text))
