"""The wheel of cnictl itself, and its version."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from docs.deploy.package.moment import PROJECT, moment

if TYPE_CHECKING:
    from pathlib import Path

PLACE = PROJECT / "build" / "own"


def own_wheel() -> Path:
    """Builds the wheel with the locked build backend, and returns its path."""
    shutil.rmtree(PLACE, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(PLACE)],
        cwd=PROJECT,
        env=os.environ | {"SOURCE_DATE_EPOCH": str(moment())},
        check=True,
        capture_output=True,
    )
    (wheel,) = PLACE.glob("*.whl")
    return wheel
