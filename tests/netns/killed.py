"""Runs ``cnictl`` and kills it, as ``kill -9`` does, when it has come to a certain line of its runtime.

Arguments: the number of the line, counted from 1 as they are run, or 0 to be told how many there are; then the
arguments of cnictl.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cnictl
from cnictl.cli.entry import run

if TYPE_CHECKING:
    from types import FrameType

RUNTIME = str(Path(cnictl.__file__).parent / "runtime")


class Lines:
    """Counts the lines of the runtime that are run.

    Args:
        last: The one to die at.
    """

    def __init__(self, last: int) -> None:
        self.last = last
        self.number = 0

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> Lines | None:
        if not frame.f_code.co_filename.startswith(RUNTIME):
            return None
        if event == "line":
            self.number += 1
            if self.number == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


if __name__ == "__main__":
    lines = Lines(int(sys.argv[1]))
    sys.settrace(lines)
    status = run(sys.argv[2:])
    sys.settrace(None)
    sys.stderr.write(f"{lines.number}\n")
    sys.exit(status)
