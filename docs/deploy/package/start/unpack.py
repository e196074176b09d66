"""Unpacks what an interpreter needs of ``cnictl.pyz``, so that it is there whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import shutil
import tempfile
import time
import zipfile
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OLD = 30 * 24 * 3600
"""Seconds after which trees of other builds are removed; no command runs for so long."""
ABANDONED = 3600
"""Seconds after which what was half unpacked belongs to no process any more."""


class Refused(Exception):
    """cnictl cannot start.

    Args:
        message: Why.
        hint: What to do.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def unpack(archive: str, name: str, abi: str, places: list[str], is_safe: Callable[[str], bool]) -> str:
    """Unpacks into the first place that will do.

    Args:
        archive: The path of ``cnictl.pyz``.
        name: What the tree is to be called.
        abi: What stands in the names of the interpreter's extension modules.
        places: Directories, the best one first.
        is_safe: Whether nobody else can change what lies in a directory.

    Returns:
        The tree: a directory to import from.

    Raises:
        Refused: The file is damaged, or has nothing for the interpreter, or no place will do.
    """
    refusals = []
    try:
        parts = _parts(archive, abi)
        for place in places:
            try:
                _prepare(place, is_safe)
                return _unpack_into(place, f"{place}/{name}", parts)
            except OSError as error:
                refusals.append(f"{place}: {error.strerror}")
    except (zipfile.BadZipFile, zlib.error) as error:
        raise Refused(f"{archive} is damaged: {error}", "copy it again, and compare its checksum") from error
    raise Refused("finds no place to unpack: " + "; ".join(refusals), "set XDG_CACHE_HOME to a directory of yours")


def _parts(archive: str, abi: str) -> list[zipfile.ZipFile]:
    """What all interpreters need, and what this one does."""
    with zipfile.ZipFile(archive) as outer:
        there = sorted(name[: -len(".zip")] for name in outer.namelist() if name.startswith("cpython-"))
        if abi not in there:
            message = f"this file has nothing compiled for {abi}, only for {', '.join(there)}"
            raise Refused(message, "install it in another way: pipx install cnictl")
        return [zipfile.ZipFile(io.BytesIO(outer.read(f"{part}.zip"))) for part in ("shared", abi)]


def _prepare(place: str, is_safe: Callable[[str], bool]) -> None:
    """Makes a directory, and raises ``OSError`` with the reason why nothing is to be imported from there."""
    os.makedirs(place, 0o700, exist_ok=True)
    if not is_safe(place):
        raise OSError(errno.EPERM, "others can write there")
    if os.statvfs(place).f_flag & os.ST_NOEXEC:
        raise OSError(errno.EPERM, "mounted noexec")


def _unpack_into(place: str, tree: str, parts: list[zipfile.ZipFile]) -> str:
    if _is_whole(tree, parts):
        return tree
    scratch = tempfile.mkdtemp(prefix=".", dir=place)
    try:
        for part in parts:
            part.extractall(scratch)
        _write_through(scratch)
        _put(scratch, tree, parts)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _sweep(place, tree)
    return tree


def _is_whole(tree: str, parts: list[zipfile.ZipFile]) -> bool:
    try:
        return all(os.stat(f"{tree}/{file.filename}").st_size == file.file_size for file in _files(parts))
    except OSError:
        return False


def _files(parts: list[zipfile.ZipFile]) -> Iterator[zipfile.ZipInfo]:
    return (file for part in parts for file in part.infolist())


def _write_through(scratch: str) -> None:
    """Makes the disk write what the kernel holds back: after a power cut, files would be there and empty."""
    try:
        import ctypes

        directory = os.open(scratch, os.O_RDONLY)
        ctypes.CDLL(None).syncfs(directory)
        os.close(directory)
    except (ImportError, AttributeError):
        return  # an interpreter without ctypes, or a C library without syncfs


def _put(scratch: str, tree: str, parts: list[zipfile.ZipFile]) -> None:
    """Gives the tree its name, unless another process was quicker."""
    try:
        os.rename(scratch, tree)
    except OSError:
        if _is_whole(tree, parts):
            return
        shutil.rmtree(tree)
        os.rename(scratch, tree)


def _sweep(place: str, tree: str) -> None:
    """Removes what killed processes and other versions have left."""
    now = time.time()
    for entry in os.scandir(place):
        limit = ABANDONED if entry.name.startswith(".") else OLD
        if entry.path != tree and now - entry.stat(follow_symlinks=False).st_mtime > limit:
            shutil.rmtree(entry.path, ignore_errors=True)
