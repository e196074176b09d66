"""Keeps two commands from working on one container at once (CNI spec 1.1.0, section 3, "Lifecycle & Ordering").

Locks are ``flock`` locks on files beside the result cache, so they end with the process, however it ends. GC wants a
network for itself, the other verbs share it; all verbs want the container for themselves. libcni has no locks (CNI
issues 541 and 563).
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnictl.errors import Busy, CacheError
from cnictl.foreign.locks import locks_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

DEFAULT_PATIENCE = 60.0
"""Seconds to wait for another command to end."""

_SHORTEST, _LONGEST = 0.002, 0.1
"""Seconds between two tries."""


class _Wanted(NamedTuple):
    """A lock that is asked for."""

    what: str
    path: Path
    mode: int


class _NoLock(CacheError):
    """There is no place for a lock file."""


class Locks:
    """The locks that belong to one cache directory.

    Args:
        cache_dir: Base directory of the result cache.
        patience: Seconds to wait for a lock.
    """

    def __init__(self, cache_dir: Path, patience: float = DEFAULT_PATIENCE) -> None:
        self.directory = cache_dir / "cnictl" / "locks"
        self.patience = patience

    @contextmanager
    def attachment(self, network: str, container_id: str, *, needed: bool = True) -> Iterator[None]:
        """Has a container for itself, and keeps GC away from the network.

        Args:
            network: The network's name.
            container_id: The container.
            needed: Whether it is an error when no lock file can be written; DEL goes on without one.

        Raises:
            Busy: Another command has one of them for longer than the patience lasts.
            CacheError: No lock file can be written.
        """
        with ExitStack() as held:
            for lock in (self._network(network, fcntl.LOCK_SH), self.container(container_id)):
                try:
                    held.enter_context(lock)
                except _NoLock:
                    if needed:
                        raise
            yield

    def container(self, container_id: str) -> AbstractContextManager[None]:
        """Has a container for itself; for who has the network already.

        Raises:
            Busy: Another command has it for longer than the patience lasts.
            CacheError: No lock file can be written.
        """
        path = self.directory / f"container-{container_id}"
        return self._held(_Wanted(f"the container {container_id}", path, fcntl.LOCK_EX))

    def network(self, name: str) -> AbstractContextManager[None]:
        """Has a network for itself.

        Raises:
            Busy: Another command has it for longer than the patience lasts.
            CacheError: No lock file can be written.
        """
        return self._network(name, fcntl.LOCK_EX)

    def _network(self, name: str, mode: int) -> AbstractContextManager[None]:
        return self._held(_Wanted(f'the network "{name}"', self.directory / f"network-{name}", mode))

    @contextmanager
    def _held(self, wanted: _Wanted) -> Iterator[None]:
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = self._taken(wanted)
        except OSError as error:
            raise self._no_lock(error) from error
        try:
            yield
        finally:
            if wanted.mode == fcntl.LOCK_EX:
                with suppress(OSError):  # a file that stays does no harm
                    wanted.path.unlink()
            os.close(descriptor)

    def _taken(self, wanted: _Wanted) -> int:
        """A descriptor that holds the lock on the file that has the name now, not on one that was removed."""
        deadline = time.monotonic() + self.patience
        while True:
            descriptor = os.open(wanted.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                self._wait(descriptor, wanted, deadline)
                if _is_file(descriptor, wanted.path):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _wait(self, descriptor: int, wanted: _Wanted, deadline: float) -> None:
        pause = _SHORTEST
        while True:
            try:
                fcntl.flock(descriptor, wanted.mode | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Busy(wanted.what, _holders(descriptor), self.patience) from None
            else:
                return
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST)

    def _no_lock(self, error: OSError) -> _NoLock:
        reason = (error.strerror or str(error)).lower()
        message = f"no lock file can be written: {error.filename or self.directory}: {reason}"
        return _NoLock(message, hint="run as root, or choose another directory with --cache-dir")


def _is_file(descriptor: int, path: Path) -> bool:
    """Whether a path still leads to the file that is open."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _holders(descriptor: int) -> list[str]:
    """Who holds a lock on a file, as far as the kernel tells: ``4711 (cnictl exec add pods demo)``."""
    status = os.fstat(descriptor)
    try:
        locks = list(locks_in(Path("/proc/locks").read_text()))
    except OSError:
        return []
    numbers = sorted({lock.pid for lock in locks if lock.is_on(status.st_dev, status.st_ino)})
    return [f"{number}{_command_line(number)}" for number in numbers]


def _command_line(number: int) -> str:
    try:
        words = Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    return f" ({' '.join(words).strip()[:80]})"
