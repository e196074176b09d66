"""A text to be judged: its bytes, its characters, and where its lines begin."""

from __future__ import annotations

import codecs
import errno
import os
import stat
import sys
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cnictl.errors import SourceError, SourceNotFound

if TYPE_CHECKING:
    from cnictl.text.edit import Edit

MAX_BYTES = 2 * 1024 * 1024
"""The largest file that is read, in bytes. Real configs are below 10 kB; a ConfigMap is at most 1 MiB."""

STDIN = "-"
"""The path that stands for standard input."""


class Span(NamedTuple):
    """A stretch of a text: characters ``start`` to ``end``, the end not included, counted from 0."""

    start: int
    end: int


class Position(NamedTuple):
    """A place as editors show it: line and column, both from 1, the column in characters."""

    line: int
    column: int


class BadBytes(NamedTuple):
    """Why a text is not UTF-8."""

    offset: int
    """Index of the first replaced character in the text."""
    reason: str


class Source:
    """A text and its origin.

    Args:
        path: Where it came from, as the user wrote it; ``-`` is standard input.
        data: The exact bytes.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self.text, self.bad_bytes = _decode(data)

    @property
    def name(self) -> str:
        """The path for people: ``<stdin>`` for standard input."""
        return "<stdin>" if self.path == STDIN else self.path

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> Position:
        """Line and column of the character at ``offset``; the end of the text is a valid place."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    @property
    def outermost(self) -> Source:
        """The file that the text stands in: itself, unless it is part of one."""
        return self

    def outer_edit(self, edit: Edit) -> Edit | None:
        """An edit of this text as one of the file that it stands in; ``None`` when it cannot be made there."""
        return edit

    def line(self, number: int) -> str:
        """The text of line ``number``, from 1, without its line end."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


def read_source(path: str, limit: int = MAX_BYTES) -> Source:
    """Reads the file at ``path``, or standard input for ``-``.

    Args:
        path: The file.
        limit: How many bytes it may have at most.

    Raises:
        SourceNotFound: There is no such file.
        SourceError: It is no regular file, may not be read, or is larger than the limit.
    """
    if path != STDIN:
        return Source(path, read_regular(path, limit=limit))
    data = sys.stdin.buffer.read(limit + 1)
    if len(data) > limit:
        raise too_large("<stdin>", None, limit)
    return Source(path, data)


def read_regular(path: str | os.PathLike[str], *, name: str | None = None, limit: int = MAX_BYTES) -> bytes:
    """Reads a regular file without ever waiting: a named pipe is refused, not opened and waited for.

    Args:
        path: The file.
        name: What to call it in errors, when the user knows it by another path.
        limit: How many bytes it may have at most.

    Raises:
        SourceNotFound: There is no such file.
        SourceError: It is no regular file, may not be read, or is larger than the limit.
    """
    called = name or os.fspath(path)
    with os.fdopen(open_regular(path, called), "rb") as file:
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise source_error(called, error) from error
        if len(data) > limit:
            raise too_large(called, os.fstat(file.fileno()).st_size, limit)
    return data


def open_regular(path: str | os.PathLike[str], called: str) -> int:
    """Opens a regular file to read it, and gives back its descriptor; see `read_regular`.

    Args:
        path: The file.
        called: What to call it in errors.

    Raises:
        SourceNotFound: There is no such file.
        SourceError: It is no regular file, or may not be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError:
        raise SourceNotFound(repr(called), "no file can have this name") from None
    except OSError as error:
        raise source_error(called, error) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise _not_a_file(called, mode)
    return descriptor


def source_error(name: str, error: OSError) -> SourceError:
    """The error of the tree that says what the operating system said about a file."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return SourceNotFound(name, "no such file or directory")
    if error.errno == errno.EACCES:
        return SourceError(name, "permission denied", hint="run as the file's owner or as root")
    if error.errno == errno.ENXIO:
        return SourceError(name, "is a socket, not a file")
    reason = error.strerror or str(error)
    return SourceError(name, reason[:1].lower() + reason[1:])


_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def _not_a_file(name: str, mode: int) -> SourceError:
    kind = _KINDS.get(stat.S_IFMT(mode), "something else")
    hint = "to read from a pipe, give `-` and pipe into it" if stat.S_ISFIFO(mode) else None
    return SourceError(name, f"is {kind}, not a file", hint=hint)


def too_large(name: str, size: int | None, limit: int = MAX_BYTES) -> SourceError:
    """The error that says that a file is larger than what is read of its kind.

    Args:
        name: The file.
        size: Its size in bytes; ``None`` when it is not known.
        limit: How many bytes it may have at most.
    """
    most = f"{limit // 1024**2} MiB"
    reason = f"is larger than {most}" if size is None else f"is {size / 1024**2:.1f} MiB, the limit is {most}"
    return SourceError(name, reason, hint="CNI configs are a few kilobytes: is this the right file?")


_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


def _decode(data: bytes) -> tuple[str, BadBytes | None]:
    """The characters, as well as they can be had, and what is wrong with the encoding."""
    try:
        return data.decode(), None
    except UnicodeDecodeError as error:
        for mark, encoding, name in _WIDE:
            if data.startswith(mark):
                return data.decode(encoding, "replace"), BadBytes(0, f"the file is {name}, not UTF-8")
        offset = len(data[: error.start].decode())
        reason = f"byte 0x{data[error.start]:02x} is not UTF-8"
        # Go's JSON parser replaces such bytes by U+FFFD too, so this is what a runtime would see.
        return data.decode(errors="replace"), BadBytes(offset, reason)
