"""``cnictl try`` and ``cnictl conformance`` as root and as an ordinary user, whoever runs the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

from tests.support.command import PROJECT, Ended
from tests.support.users import NOBODY

LIMIT = 90
"""Seconds after which a trial is given up."""


def run_try(*arguments: object, user: bool = False, keys: str = "") -> Ended:
    """Runs ``cnictl try`` as a process.

    Args:
        arguments: What follows ``try``.
        user: Whether to run it as an ordinary user.
        keys: What is typed.
    """
    return run_in_throwaway_node("try", *arguments, user=user, keys=keys)


def run_in_throwaway_node(name: str, *arguments: object, user: bool = False, keys: str = "") -> Ended:
    """Runs a command that makes a throwaway node.

    Args:
        name: The command.
        arguments: What follows it.
        user: Whether to run it as an ordinary user.
        keys: What is typed.
    """
    command = [*(as_user() if user else [sys.executable]), "-m", "cnictl", name, *map(str, arguments)]
    done = subprocess.run(
        command, input=keys, capture_output=True, text=True, check=False, timeout=LIMIT, cwd=PROJECT, env=environment()
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def environment() -> dict[str, str]:
    """An environment in which any Python of this version finds the project and its libraries."""
    paths = [str(PROJECT), sysconfig.get_path("purelib")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


@cache
def as_user() -> list[str]:
    """What runs a Python of this version as an ordinary user; empty when there is none that such a user may run."""
    if os.geteuid() != 0:
        return [sys.executable]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    candidates = (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}")
    for python in candidates:
        if shutil.which(become[0]) and Path(python).exists() and _works([*become, python]):
            return [*become, python]
    return []


def _works(command: list[str]) -> bool:
    done = subprocess.run([*command, "-c", "import cnictl.errors"], env=environment(), capture_output=True, check=False)
    return done.returncode == 0
