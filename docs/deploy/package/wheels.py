"""The wheels of what cnictl needs, for every interpreter that a package is to run on.

What is downloaded is what ``requirements.lock`` says, with its hashes, so that nothing depends on the day of the build.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[3]
LOCK = PROJECT / "requirements.lock"
WHEELS = PROJECT / "build" / "wheels"
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = ("x86_64", "aarch64")


class Interpreter(NamedTuple):
    """A CPython on Linux with glibc.

    Attributes:
        version: Such as ``3.12``.
        machine: As the kernel calls it: ``x86_64`` or ``aarch64``.
    """

    version: str
    machine: str

    @property
    def abi(self) -> str:
        """What stands in the file names of extension modules: ``cpython-312-x86_64-linux-gnu``."""
        return f"cpython-{self.version.replace('.', '')}-{self.machine}-linux-gnu"


INTERPRETERS = tuple(Interpreter(version, machine) for version in VERSIONS for machine in MACHINES)


def download(interpreters: tuple[Interpreter, ...]) -> dict[str, list[Path]]:
    """Downloads the locked wheels of each interpreter that are not there yet.

    Args:
        interpreters: Which ones.

    Returns:
        The paths of the wheels by the ABI of their interpreter.
    """
    with ThreadPoolExecutor(max_workers=4) as pool:
        return dict(zip((one.abi for one in interpreters), pool.map(_wheels, interpreters), strict=True))


def _wheels(interpreter: Interpreter) -> list[Path]:
    place = WHEELS / interpreter.abi
    fetched_for = place / LOCK.name
    if not fetched_for.exists() or fetched_for.read_bytes() != LOCK.read_bytes():
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run(_command(interpreter, place), check=True, env=os.environ | {"PIP_NO_INPUT": "1"})
        shutil.copyfile(LOCK, fetched_for)
    return sorted(place.glob("*.whl"))


def _command(interpreter: Interpreter, place: Path) -> list[str]:
    # glibc 2.17 is that of 2012; both names of it are in use.
    platforms = [f"--platform={name}_{interpreter.machine}" for name in ("manylinux_2_17", "manylinux2014")]
    return [
        *(sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check"),
        *("--no-deps", "--require-hashes", "--only-binary=:all:"),
        *("--implementation=cp", f"--python-version={interpreter.version}", *platforms),
        *("--requirement", str(LOCK), "--dest", str(place)),
    ]
