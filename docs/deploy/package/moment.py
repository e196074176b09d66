"""The moment that all packages of a commit carry, whenever and wherever they are built: ``SOURCE_DATE_EPOCH``.

It is the date of the commit. An archive of the sources knows no commits, but the file that was added to it when it
was made, ``PKG-INFO``, has the same date.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


def moment() -> int:
    """Seconds since 1970.

    Raises:
        SystemExit: The sources are neither a checkout nor an unpacked archive of one.
    """
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    if (PROJECT / ".git").exists():
        command = ["git", "-C", str(PROJECT), "log", "-1", "--format=%ct"]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    if (PROJECT / "PKG-INFO").exists():
        return int((PROJECT / "PKG-INFO").stat().st_mtime)
    raise SystemExit(f"{PROJECT} is neither a checkout nor an unpacked sdist: set SOURCE_DATE_EPOCH")


if __name__ == "__main__":
    print(moment())
