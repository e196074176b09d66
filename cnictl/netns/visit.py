"""Does something inside a network namespace."""

from __future__ import annotations

import ctypes
import os
from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

_NEW_NETNS = 0x40000000


class Visit(Generic[T]):
    """Work in a network namespace, in a thread of its own: whoever asks for it stays where they are.

    Args:
        netns: The namespace; ``None`` is that of the caller.
        work: What is to be done. Processes that it starts are in the namespace too.
    """

    def __init__(self, netns: Path | None, work: Callable[[], T]) -> None:
        self._netns = netns
        self._work = work
        self._values: list[T] = []
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="visit", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            if self._netns is not None:
                _enter(self._netns)
            self._values.append(self._work())
        except BaseException as error:  # noqa: BLE001  # it is raised where the work was asked for
            self._error = error

    def result(self) -> T:
        """Waits for the work to be done.

        Raises:
            OSError: The namespace cannot be entered.
            Exception: Whatever the work raised.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._values[0]


def _enter(netns: Path) -> None:
    """Moves the calling thread; `os.setns` is not in Python 3.11."""
    descriptor = os.open(netns, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, _NEW_NETNS) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(netns))
    finally:
        os.close(descriptor)
