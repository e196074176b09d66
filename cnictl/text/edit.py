"""Changes of a text, and files written so that nobody ever sees half of one."""

from __future__ import annotations

import os
import stat
from bisect import bisect_left, insort
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnictl.text.source import Span, source_error

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import stat_result

_NEW_FILE_MODE = 0o644


class Edit(NamedTuple):
    """A change of a text: what stands in ``span`` becomes ``text``; an empty span is a place between characters."""

    span: Span
    text: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with all the edits made.

    Args:
        text: The text.
        edits: The changes, in any order; each place is that of the text as it is now.

    Raises:
        ValueError: Two of them overlap.
    """
    pieces: list[str] = []
    at = 0
    for span, new in sorted(edits):
        if span.start < at:
            message = f"two edits change the character {span.start}"
            raise ValueError(message)
        pieces += [text[at : span.start], new]
        at = span.end
    return "".join([*pieces, text[at:]])


class Apart:
    """Edits that neither change the same characters nor put something at the same place."""

    def __init__(self) -> None:
        self._spans: list[Span] = []

    def admits(self, edits: Iterable[Edit]) -> bool:
        """Whether some more edits have nothing to do with these."""
        return not any(self._touches(span) for span, _ in edits)

    def add(self, edits: Iterable[Edit]) -> None:
        """Takes some more edits."""
        for span, _ in edits:
            insort(self._spans, span)

    def _touches(self, span: Span) -> bool:
        # Those that are apart can be put in one order, so only the neighbours can be in the way.
        after = bisect_left(self._spans, span)
        return any(_touch(span, other) for other in self._spans[max(after - 1, 0) : after + 1])


def _touch(one: Span, other: Span) -> bool:
    return one == other or (one.start < other.end and other.start < one.end)


def write_atomically(path: Path, text: str | bytes, *, mode: int = _NEW_FILE_MODE) -> None:
    """Writes a whole file, or leaves everything as it was; an existing file's mode and owner are kept.

    A device, FIFO or socket is never replaced, the text is written into it: `-o /dev/null` must not
    take the device away from the whole machine.

    Args:
        path: The file; a symbolic link is followed.
        text: What it shall hold; a text is written as UTF-8.
        mode: The permissions of a new file, before the umask.

    Raises:
        SourceError: It cannot be written.
    """
    data = text.encode() if isinstance(text, str) else text
    target = Path(os.path.realpath(path))  # Path.resolve raises something else for links in a circle
    try:
        before = _status(target)
        if before is not None and not stat.S_ISREG(before.st_mode):
            _write_into(path, data)
        else:
            _replace(target, before, data, mode)
    except OSError as error:
        raise source_error(str(path), error) from error


def _write_into(path: Path, data: bytes) -> None:
    """Writes to what is there already; the path as it was given, for `/dev/stdout` leads through it to a pipe."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY), "wb") as file:
        file.write(data)


def _replace(target: Path, before: stat_result | None, data: bytes, mode: int) -> None:
    temporary = target.parent / f".cnictl-{os.urandom(8).hex()}.tmp"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            if before is not None:  # first, so that nobody reads the text who might not read the old one
                if (before.st_uid, before.st_gid) != (os.getuid(), os.getgid()):
                    os.fchown(descriptor, before.st_uid, before.st_gid)
                os.fchmod(descriptor, before.st_mode & 0o7777)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(target)
    finally:
        with suppress(OSError):  # it has taken the file's place, or there never was one
            temporary.unlink()


def _status(path: Path) -> stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
