"""Runs the command line: in this process where that tells all, as a process where it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.cli.entry import run

if TYPE_CHECKING:
    import pytest

PROJECT = Path(__file__).resolve().parents[2]
CNICTL = [sys.executable, "-m", "cnictl"]


class Ended(NamedTuple):
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:  # any JSON value
        """The JSON document on stdout."""
        return json.loads(self.out)


def run_here(capsys: pytest.CaptureFixture[str], *arguments: object) -> Ended:
    """Runs ``cnictl`` in this process.

    Args:
        capsys: What captures the streams of the test.
        arguments: What follows the program's name.
    """
    status = run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return Ended(status, captured.out, captured.err)


def run_process(*arguments: str, stdin: str | None = None, **environment: str) -> Ended:
    """Runs ``cnictl`` as a process.

    Args:
        arguments: What follows the program's name.
        stdin: What it reads; nothing when ``None``.
        environment: Variables to set.
    """
    done = subprocess.run(
        [*CNICTL, *arguments],
        input=stdin or "",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | environment,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
