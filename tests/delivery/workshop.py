"""Makes what is given out, away from the checkout, and each thing once for all processes that run tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING, NamedTuple

from docs.deploy.package.moment import moment
from tests.support.command import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MADE_HERE = {"__pycache__", "_build", "build", "dist", ".venv", "PKG-INFO"}


class Workshop(NamedTuple):
    """Sources that something is made from.

    Attributes:
        place: Their directory.
        umask: The rights that nobody gets to files that are made.
        environment: Variables of the programs that make something.
    """

    place: Path
    umask: int
    environment: dict[str, str]

    def make(self, module: str, *arguments: str) -> None:
        """Makes something, as ``make`` does, but for the time that the best compression takes."""
        environment = os.environ | {"DPKG_DEB_COMPRESSOR_LEVEL": "1"} | self.environment
        command = [sys.executable, "-m", f"docs.deploy.package.{module}", *arguments]
        subprocess.run(command, cwd=self.place, env=environment, umask=self.umask, check=True, timeout=300)

    def made(self, pattern: str) -> Path:
        """What was made."""
        (found,) = (self.place / "dist").glob(pattern)
        return found


def copied(place: Path) -> Workshop:
    """A workshop with the sources as they lie here; these know no date, so it is told."""
    return Workshop(place, 0o022, {"SOURCE_DATE_EPOCH": str(moment()), "TZ": "Asia/Tokyo", "LC_ALL": "C"})


def unpacked(place: Path) -> Workshop:
    """A workshop with the sources as they are given out, where all is different that should not matter."""
    return Workshop(place, 0o077, {"TZ": "America/New_York", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7"})


def copy(place: Path) -> None:
    """Copies the project, without what was made of it."""
    for name in sources():
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, target)


def unpack(archive: Path, place: Path) -> None:
    """Unpacks an archive of the sources, and makes its one directory the place."""
    scratch = place.with_suffix(".unpacked")
    with tarfile.open(archive) as tar:
        tar.extractall(scratch, filter="tar")
    (top,) = scratch.iterdir()
    top.rename(place)


def sources() -> Iterator[str]:
    """The files that belong to the project: those that Git knows or would add."""
    if (PROJECT / ".git").exists():
        command = ["git", "-C", str(PROJECT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
        return (name for name in listed if name and (PROJECT / name).is_file())
    files = (path.relative_to(PROJECT) for path in PROJECT.rglob("*") if path.is_file())
    return (str(path) for path in files if not MADE_HERE & set(path.parts))
