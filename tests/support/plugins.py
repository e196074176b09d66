"""Plugins for tests: small scripts, how to call them, and what became of their processes."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.invoke.invocation import Exchange, Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath)}
"""What a script needs to find its tools."""


def write_plugin(directory: Path, script: str, *, name: str = "plugin", interpreter: str = "/bin/sh") -> Path:
    """Writes an executable script.

    Args:
        directory: Where it is to lie; made when it is missing.
        script: Its lines after the first.
        name: Its file name, which is the plugin's type.
        interpreter: What runs it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_text(f"#!{interpreter}\n{script}\n")
    path.chmod(0o755)
    return path


def invocation(
    path: Path, *, verb: str = "ADD", environment: Mapping[str, str] = ENVIRONMENT, stdin: bytes = b"{}"
) -> Invocation:
    """A call of the plugin at a path."""
    return Invocation(path.name, path, verb, environment, stdin)


def exchange(stdout: bytes = b"", **outcome: Any) -> Exchange:
    """What came of a call that was never made."""
    return Exchange(invocation(Path("/opt/cni/bin/bridge")), stdout=stdout)._replace(**outcome)


def has_ended(pid: int, within: float = 1.0) -> bool:
    """Whether a process is gone, or is a zombie that nobody has asked for, after at most so many seconds."""
    deadline = time.monotonic() + within
    while _runs(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _runs(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"
