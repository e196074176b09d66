"""Writes small files that must be whole after a crash or a power cut."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_durably(path: Path, data: bytes, *, staging: Path) -> None:
    """Writes a file, readable by its owner alone: all of it or nothing, and on the disk when this returns.

    Args:
        path: The file; its directory must exist.
        data: What it is to hold.
        staging: A directory on the same file system for the copy that is being written; made when it is missing.

    Raises:
        OSError: It cannot be written.
    """
    temporary = staging / f"new-{os.urandom(8).hex()}"
    try:
        staging.mkdir(mode=0o700, exist_ok=True)
        _write_through(temporary, data)
        temporary.replace(path)
        sync_directory(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink()


def _write_through(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def sync_directory(path: Path) -> None:
    """Waits until the disk knows which files a directory has."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
