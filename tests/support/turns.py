"""Tests run side by side in several processes: some must be alone, and some things are made once for all."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


CONTAINER_ID = f"only-{os.getpid()}"
"""The ID of a container that no test in another process has.

Who cleans up after a kill ends every plugin that works on the container, on the whole machine: so a test that does this
must not call its container as others do.
"""


@contextmanager
def turn(directory: Path, *, alone: bool) -> Iterator[None]:
    """Holds a turn; all but one who wants to be alone may have one at the same time.

    Args:
        directory: What those have in common who take turns with each other; two files are made there.
        alone: Whether nobody else may have a turn meanwhile.
    """
    way = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    with (directory / "room").open("w") as room:
        # Who waits for the room keeps the door shut behind them: nobody who comes later gets in first.
        with (directory / "door").open("w") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            fcntl.flock(room, way)
        try:
            yield
        finally:
            fcntl.flock(room, fcntl.LOCK_UN)  # closing it would not do while a forked process has it open too


def once(place: Path, make: Callable[[Path], object]) -> Path:
    """Makes something unless another process has, or is at it.

    Args:
        place: Where it is to be.
        make: Makes it there.
    """
    done = place.with_suffix(".made")
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make(place)
            done.touch()
    return place
