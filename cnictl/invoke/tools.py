"""Runs tools of the system that only show something, such as ``nft list ruleset``."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import NamedTuple

_ALSO_HERE = ("/usr/sbin", "/sbin", "/usr/local/sbin")
"""Where the tools are that root has; the search path of a service may lack these."""
_TIMEOUT = 10.0


class Shown(NamedTuple):
    """What came of a tool.

    Attributes:
        text: What it printed, ``None`` when it did not do its work.
        trouble: Why not; ``None`` when it is not installed.
    """

    text: str | None
    trouble: str | None = None


def show(tool: str, *arguments: str, timeout: float = _TIMEOUT) -> Shown:
    """Runs a tool to its end, in the namespaces of the calling thread.

    Args:
        tool: Its name.
        arguments: Its arguments.
        timeout: Seconds after which it is killed.
    """
    path = shutil.which(tool, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *_ALSO_HERE)))
    if path is None:
        return Shown(None)
    try:
        done = subprocess.run(  # noqa: S603  # the tools are named in the code
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=timeout,
            env=os.environ | {"LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        return Shown(None, f"{tool} did not end within {timeout:g} s")
    except OSError as error:
        return Shown(None, f"{tool} cannot be started: {(error.strerror or str(error)).lower()}")
    if done.returncode != 0:
        return Shown(None, _failure(tool, done))
    return Shown(done.stdout.decode(errors="replace"))


def _failure(tool: str, done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return f"{tool} failed with exit status {done.returncode}" + (f": {lines[0]}" if lines else "")
