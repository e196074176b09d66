"""Writes files so that nobody ever sees half of one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.text.source import source_error

if TYPE_CHECKING:
    from os import stat_result

_NEW_FILE_MODE = 0o644


def write_atomically(path: Path, text: str) -> None:
    """Writes a whole file, or leaves everything as it was; an existing file's mode and owner are kept.

    Args:
        path: The file; a symbolic link is followed.
        text: What it shall hold, written as UTF-8.

    Raises:
        SourceError: It cannot be written.
    """
    target = Path(os.path.realpath(path))  # Path.resolve raises something else for links in a circle
    temporary = target.parent / f".cnictl-{os.urandom(8).hex()}.tmp"
    try:
        before = _status(target)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _NEW_FILE_MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            if before is not None:  # first, so that nobody reads the text who might not read the old one
                if (before.st_uid, before.st_gid) != (os.getuid(), os.getgid()):
                    os.fchown(descriptor, before.st_uid, before.st_gid)
                os.fchmod(descriptor, before.st_mode & 0o7777)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(target)
    except OSError as error:
        raise source_error(str(path), error) from error
    finally:
        with suppress(OSError):  # it has taken the file's place, or there never was one
            temporary.unlink()


def _status(path: Path) -> stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
