"""Unix sockets: a connection that ends in time, and the reasons why there is none."""

from __future__ import annotations

import errno
import os
import socket
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Self

from cnictl.errors import (
    CriError,
    CriGarbled,
    CriNotASocket,
    CriSocketDenied,
    CriSocketMissing,
    CriSocketRefused,
    CriTimeout,
    CriTooLarge,
    CriUnreachable,
)

if TYPE_CHECKING:
    from types import TracebackType

DEFAULT_TIMEOUT = 5.0
"""Seconds for a question and its whole answer."""
DEFAULT_LIMIT = 16 * 1024 * 1024
"""The largest answer that is taken, in bytes: what the kubelet takes."""

_FRAMING = 1024 * 1024
"""Bytes beyond the limit that a protocol may need for itself."""
_CHUNK = 65536
_LONGEST = 107
"""Bytes of a path that the kernel takes as a socket's address."""
_PAUSE = 0.01
"""Seconds between two attempts at a socket whose queue is full; the kernel has nothing to wait for there."""

_NOT_TAKEN = "nobody took the connection"
_NO_ANSWER = "no whole answer came"


class Deadline(NamedTuple):
    """When something has to be done.

    Attributes:
        seconds: How long it may take in all.
        at: The end of that, by the monotonic clock.
    """

    seconds: float
    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The one that so many seconds from now are left for."""
        return cls(seconds, time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds that are left; below zero when it is over."""
        return self.at - time.monotonic()


class Connection:
    """A connection to a Unix socket, for as long as it is entered.

    However slowly the other side answers, and whether it answers at all, no method goes on beyond the deadline.

    Args:
        path: The socket.
        deadline: When all must be done.
        limit: The largest answer that is taken, in bytes.
    """

    def __init__(self, path: str, deadline: Deadline, limit: int = DEFAULT_LIMIT) -> None:
        self.path = path
        self.deadline = deadline
        self.limit = limit
        self._received = 0

    def __enter__(self) -> Self:
        _look(self.path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._connect()
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def _connect(self) -> None:
        try:
            with _Address(self.path) as address:
                while not self._connected(address):
                    time.sleep(_PAUSE)
        except OSError as error:
            raise _unreachable(self.path, error) from error

    def _connected(self, address: str) -> bool:
        """Whether there is a connection now; there is none while too many others wait for theirs."""
        self._wait(_NOT_TAKEN)
        try:
            self._socket.connect(address)
        except BlockingIOError:
            return False
        except TimeoutError as error:
            raise self._late(_NOT_TAKEN) from error
        return True

    def _wait(self, what: str) -> None:
        """Lets the next operation take as long as is left."""
        left = self.deadline.left
        if left <= 0:
            raise self._late(what)
        self._socket.settimeout(left)

    def _late(self, what: str) -> CriTimeout:
        return CriTimeout(self.path, what, self.deadline.seconds)

    def send(self, data: bytes) -> None:
        """Sends bytes. When the other side has hung up, what it sent before tells more, so nothing is raised then.

        Raises:
            CriTimeout: They were not taken in time.
        """
        self._wait(_NO_ANSWER)
        try:
            with suppress(BrokenPipeError, ConnectionResetError):
                self._socket.sendall(data, socket.MSG_NOSIGNAL)
        except TimeoutError as error:
            raise self._late(_NO_ANSWER) from error

    def receive(self) -> bytes:
        """The next bytes; none when the other side has hung up.

        Raises:
            CriTimeout: None came in time.
            CriTooLarge: There were more than is taken.
            CriGarbled: The connection broke in a way that no end of it is.
        """
        self._wait(_NO_ANSWER)
        try:
            data = self._socket.recv(_CHUNK)
        except TimeoutError as error:
            raise self._late(_NO_ANSWER) from error
        except ConnectionResetError:
            return b""
        except OSError as error:
            raise CriGarbled(self.path, f"the connection broke: {error.strerror}") from error
        self._received += len(data)
        if self._received > self.limit + _FRAMING:
            raise self.too_large()
        return data

    def too_large(self) -> CriTooLarge:
        """The error for an answer beyond the limit."""
        return CriTooLarge(self.path, f"the answer is larger than {self.limit} bytes")


class _Address:
    """What ``connect`` is given for a path, however long that is, for as long as it is entered."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None

    def __enter__(self) -> str:
        if len(os.fsencode(self._path)) <= _LONGEST:
            return self._path
        self._file = os.open(self._path, os.O_PATH | os.O_CLOEXEC)
        return f"/proc/self/fd/{self._file}"

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)


_KINDS = {
    stat.S_IFREG: "a file",
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def _look(path: str) -> None:
    """Sees to it that a path is a socket: to connect to anything else is "refused", as if only nobody listened."""
    try:
        kind = stat.S_IFMT(os.stat(path).st_mode)  # noqa: PTH116  # a path may be anything, such as one with a NUL
    except ValueError as error:
        raise CriSocketMissing(path, "no file can have this name") from error
    except OSError as error:
        raise _unreachable(path, error) from error
    if kind != stat.S_IFSOCK:
        raise CriNotASocket(path, f"it is {_KINDS.get(kind, 'something else')}, and no socket")


def _unreachable(path: str, error: OSError) -> CriError:
    kind = _REASONS.get(error.errno or 0, CriUnreachable)
    if kind is CriSocketRefused:
        hint = "see whether the runtime runs: the socket of one that has ended may stay"
        return kind(path, "nobody listens on this socket", hint=hint)
    if kind is CriSocketDenied:
        return kind(path, "permission denied", hint="ask as root: a runtime's socket is usually root's alone")
    return kind(path, (error.strerror or str(error)).lower())


_REASONS: dict[int, type[CriUnreachable]] = {
    errno.ENOENT: CriSocketMissing,
    errno.ENOTDIR: CriSocketMissing,
    errno.ELOOP: CriSocketMissing,
    errno.ENAMETOOLONG: CriSocketMissing,
    errno.ECONNREFUSED: CriSocketRefused,
    errno.EACCES: CriSocketDenied,
    errno.EPERM: CriSocketDenied,
    errno.EPROTOTYPE: CriNotASocket,
}
