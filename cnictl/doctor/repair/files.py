"""Files that are changed, deleted and given back: not through a link to who knows where, nor while they are in use."""

from __future__ import annotations

import base64
import fcntl
import os
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from cnictl.errors import RepairFailed
from cnictl.text.edit import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PATIENCE = 5.0
"""Seconds to wait for a lock; host-local keeps its own for milliseconds."""
_PAUSE = 0.02


def state_of(path: Path, *, with_content: bool = True) -> dict[str, Any]:
    """How a file is, as JSON values; a symbolic link is followed.

    Args:
        path: The file, or a directory.
        with_content: Whether to keep what it holds.

    Raises:
        OSError: It cannot be seen.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return {"there": False}
    state: dict[str, Any] = {
        "there": True,
        "mode": stat.S_IMODE(found.st_mode),
        "uid": found.st_uid,
        "gid": found.st_gid,
    }
    if with_content and stat.S_ISREG(found.st_mode):
        state["content"] = base64.b64encode(path.read_bytes()).decode()
    return state


def content_in(state: Mapping[str, Any]) -> bytes | None:
    """What a file held; ``None`` when there was none."""
    return base64.b64decode(state["content"]) if "content" in state else None


def content_of(path: Path) -> bytes | None:
    """What a file holds; ``None`` when there is no regular file.

    Raises:
        OSError: It cannot be read.
    """
    return path.read_bytes() if path.is_file() else None


def require_file(path: Path) -> None:
    """Refuses what can hold nothing: a name in ``/etc`` that leads to ``/dev/null`` was given up by somebody.

    Args:
        path: The file; there may be nothing yet.

    Raises:
        RepairFailed: It is no regular file, or a link to nothing.
    """
    if path.is_symlink() and not path.is_file():
        message = f"{path} is a link to {path.readlink()}, which is no file, so somebody wants nothing to be there"
        raise RepairFailed(message)
    if path.exists() and not path.is_file():
        message = f"{path} is no file"
        raise RepairFailed(message)


def require_no_link(path: Path) -> None:
    """Refuses a symbolic link: what it leads to would not be deleted, and it could not be given back.

    Raises:
        RepairFailed: It is one.
    """
    if path.is_symlink():
        message = f"{path} is a link, and none was expected"
        raise RepairFailed(message)


def give_back(path: Path, state: Mapping[str, Any]) -> None:
    """Makes a file what it was; one that was not there is removed.

    Args:
        path: The file.
        state: As `state_of` has it.

    Raises:
        CNIError: It cannot be done.
        OSError: It cannot be done.
    """
    if not state["there"]:
        path.unlink(missing_ok=True)
        return
    content = content_in(state)
    if content is None:
        path.mkdir(exist_ok=True)
    elif path.exists():
        write_atomically(path, content)
    else:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(content)
    with suppress(PermissionError):
        os.chown(path, state["uid"], state["gid"])
    path.chmod(state["mode"])


@contextmanager
def locked(path: str | None) -> Iterator[None]:
    """Keeps others out while a file is deleted or given back.

    Args:
        path: The file that they lock with ``flock``; ``None`` where there is no such thing. One that is not there was
            never used.

    Raises:
        RepairFailed: Somebody else keeps the lock.
        OSError: It cannot be opened.
    """
    if path is None or not os.path.lexists(path):
        yield
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                message = f"another process keeps {path} locked"
                raise RepairFailed(message) from None
            time.sleep(_PAUSE)
        else:
            return
