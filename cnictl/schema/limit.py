"""A limit to how long something may be worked on."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator


class TooSlow(Exception):
    """The time is over.

    Attributes:
        pattern: The regular expression that was being matched, as far as is known.
    """

    pattern: str | None = None


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Ends a ``with`` block that needs too much processor time; what only waits is not ended.

    A signal is the one thing that can end the match of a regular expression. Python hands signals to the main thread,
    so in any other one there is no limit.

    Args:
        seconds: How much time it has.

    Raises:
        TooSlow: It needed more.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, seconds)  # again and again: destructors swallow errors
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(*_: object) -> NoReturn:
    raise TooSlow
