"""Runs plugins: the one door to other processes."""

from __future__ import annotations

import errno
import os
import selectors
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from cnictl.errors import CNIError, PluginNotFound
from cnictl.invoke.invocation import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnictl.invoke.invocation import Invocation

DEFAULT_TIMEOUT = 120.0
"""Seconds that one plugin may run. The slowest of the reference plugins, dhcp, gives up after about 70."""


class Executor(Protocol):
    """What can run a plugin. Replace it to run none, as `cnictl.testing.FakeExecutor` does."""

    def run(self, invocation: Invocation, timeout: float | None = None) -> Exchange:
        """Runs a plugin to its end.

        Args:
            invocation: What to run.
            timeout: Seconds it may take; ``None`` is the executor's own limit.

        Raises:
            PluginNotFound: The executable cannot be started.
        """


class ProcessExecutor:
    """Runs plugins as processes, each in a session of its own.

    A plugin that runs too long gets SIGTERM, and SIGKILL when that does not help; both go to its whole
    process group and to children that left the group, so that none lives on and holds a pipe open. An
    exception, Ctrl-C included, ends the plugin in the same way before it goes on. What a plugin leaves
    running when it ends by itself is its own affair: it may start a daemon.

    Args:
        timeout: Seconds that a run may take, unless the caller says otherwise.
        max_output: Bytes kept of stdout, and of stderr; what comes after is read and dropped.
        grace: Seconds between SIGTERM and SIGKILL.
    """

    def __init__(
        self, timeout: float = DEFAULT_TIMEOUT, *, max_output: int = 8 * 1024 * 1024, grace: float = 0.5
    ) -> None:
        self.timeout = timeout
        self.max_output = max_output
        self.grace = grace

    def run(self, invocation: Invocation, timeout: float | None = None) -> Exchange:
        """Runs a plugin to its end; see `Executor`.

        Neither ``status`` nor ``signal`` is known when something else in this process waited for the plugin,
        or when not even SIGKILL ends it.

        Raises:
            PluginNotFound: The executable cannot be started.
            CNIError: This process ignores SIGCHLD, so that no exit status would be known; nothing was run.
        """
        began = time.monotonic()
        limit = self.timeout if timeout is None else timeout
        _require_exit_statuses()
        process = _Process(invocation.stdin, self.max_output)
        try:
            process.start(invocation, began + limit)
            timed_out = not process.run_until(began + limit)
            if timed_out:
                process.end(self.grace)
            process.read_rest(linger=not timed_out)
        except BaseException:
            process.end(self.grace)
            raise
        finally:
            process.close()
        return Exchange(
            invocation=invocation,
            stdout=bytes(process.stdout),
            stderr=bytes(process.stderr),
            status=process.status,
            signal=process.signal,
            seconds=time.monotonic() - began,
            limit=limit,
            timed_out=timed_out,
            truncated=process.truncated,
        )


def _require_exit_statuses() -> None:
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        message = "no plugin can be run: this process ignores SIGCHLD, so that no exit status would be known"
        raise CNIError(message, hint="call signal.signal(signal.SIGCHLD, signal.SIG_DFL) first")


_BUSY_LIMIT = 5.0
"""Seconds to wait for an installer that is writing the plugin this very moment (CNI issue 855); libcni's limit."""
_BUSY_WAIT = 0.05


def _spawn(invocation: Invocation) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # running the configured plugin is the purpose
        [invocation.path],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(invocation.environment),
        start_new_session=True,
    )


def _cannot_start(invocation: Invocation, error: OSError | ValueError) -> PluginNotFound:
    hints = {
        errno.ENOEXEC: "it is no program for this machine: was it downloaded for another architecture?",
        errno.ENOENT: "its interpreter or loader is missing: install a static build, or what its first line names",
        errno.EACCES: "is the file system mounted noexec, or does a security module forbid it?",
        errno.ETXTBSY: "something holds it open for writing: try again when the installer is done",
        errno.E2BIG: "an environment variable, such as CNI_ARGS, is longer than the kernel allows",
    }
    number = getattr(error, "errno", None)
    reason = f"{invocation.path} cannot be started: {(getattr(error, 'strerror', None) or str(error)).lower()}"
    return PluginNotFound(invocation.plugin, [invocation.path.parent], reason=reason, hint=hints.get(number or 0))


class _Held:
    """Holds Ctrl-C and SIGTERM back while a process is started.

    Python runs a handler as soon as the call that starts the process returns, before its result is assigned to
    anything; an exception out of the handler would lose the process. Blocking the signals would not help: the
    plugin inherits the mask, and another thread may take the signal. Handlers run in the main thread alone.
    """

    def __enter__(self) -> None:
        self._handlers: dict[int, Callable[..., object]] = {}
        self._came: list[int] = []
        if threading.current_thread() is not threading.main_thread():
            return
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                handler = signal.getsignal(number)
                if callable(handler):
                    self._handlers[number] = handler
                    signal.signal(number, self._note)
        except BaseException:
            self._let_go()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            self._let_go()
        finally:
            self._let_go()  # again, because the first handler to be back may have raised
        for number in self._came:
            signal.raise_signal(number)

    def _let_go(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: object) -> None:
        self._came.append(number)


class _Process:
    """A plugin's process: what it is told, and what it says, with a limit in time and in size."""

    _POLL = 0.005
    """Seconds between looks whether the process has ended, where the kernel cannot tell (before Linux 5.3)."""
    _LONGEST = 3600.0
    """Seconds of the longest single wait; the kernel's own limit is 24 days."""
    _LINGER = 0.5
    """Seconds to wait for the first word of somebody who speaks for a plugin that has ended, such as ``tee``."""
    _LAST_READS = 16
    """How often a pipe is read when the process has ended: a child of it may write for ever."""
    _DEATH = 0.3
    """Seconds to wait for the end after SIGKILL, which a process that hangs in the kernel does not heed."""

    def __init__(self, stdin: bytes, limit: int) -> None:
        self.unsent = memoryview(stdin)
        self.limit = limit
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.truncated = False
        self.status: int | None = None
        self.signal: int | None = None
        self._popen: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._ending: IO[bytes] | None = None

    def start(self, invocation: Invocation, deadline: float) -> None:
        """Starts the process; tries again, until the deadline at most, while its file is being written."""
        give_up = min(deadline, time.monotonic() + _BUSY_LIMIT)
        while self._popen is None:
            try:
                with _Held():
                    self._popen = _spawn(invocation)
                    self._watch(self._popen)
            except (OSError, ValueError) as error:
                left = give_up - time.monotonic()
                if getattr(error, "errno", None) != errno.ETXTBSY or left <= 0:
                    raise _cannot_start(invocation, error) from error
                time.sleep(min(_BUSY_WAIT, left))

    def _watch(self, popen: subprocess.Popen[bytes]) -> None:
        """Listens to all that is open; also anew, when an exception has torn a conversation at any place."""
        self._selector = selectors.PollSelector()
        ends = ((popen.stdin, selectors.EVENT_WRITE, None), (popen.stdout, selectors.EVENT_READ, self.stdout))
        for pipe, event, sink in (*ends, (popen.stderr, selectors.EVENT_READ, self.stderr)):
            if pipe is not None and not pipe.closed:
                os.set_blocking(pipe.fileno(), False)
                self._selector.register(pipe, event, sink)
        with suppress(AttributeError, OSError):  # an old kernel, a strict container, no descriptor left
            if self._ending is None or self._ending.closed:
                self._ending = os.fdopen(os.pidfd_open(popen.pid), "rb", buffering=0)
            self._selector.register(self._ending, selectors.EVENT_READ)

    def run_until(self, deadline: float) -> bool:
        """Goes on until the process has ended; false when the deadline came first."""
        while not self._has_ended():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._move(min(left, self._LONGEST if self._ending else self._POLL))
        return True

    def read_rest(self, *, linger: bool) -> None:
        """Reads what the ended process left in its pipes; whoever still holds them is not waited for.

        Args:
            linger: Whether who holds stdout gets a moment to answer, when there is no answer at all.
        """
        deadline = time.monotonic() + (self._LINGER if linger else 0)
        while not self.stdout and self._listens() and (left := deadline - time.monotonic()) > 0:
            self._move(left)
        for _ in range(self._LAST_READS):
            if not self._move(0):
                return

    def end(self, grace: float) -> None:
        """Ends the process and its children: SIGTERM, and SIGKILL after so many seconds."""
        if self._popen is None or self._is_lost():
            return
        family = _Family(self._popen.pid)
        try:
            self._watch(self._popen)
            family.send(signal.SIGTERM, signal.SIGCONT)  # what is stopped can clean up only when it goes on
            self.run_until(time.monotonic() + grace)
        finally:
            with _Held():
                family.send(signal.SIGKILL)
                family.close()
            self._wait(self._DEATH)

    def close(self) -> None:
        """Gives everything back to the kernel."""
        if self._popen is None:
            return
        for pipe in (self._popen.stdin, self._popen.stdout, self._popen.stderr, self._ending):
            if pipe is not None:
                pipe.close()
        self._popen.poll()  # only now: until then the number of the process and its group is nobody else's

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._has_ended() and time.monotonic() < deadline:
            time.sleep(0.001)

    def _is_lost(self) -> bool:
        """Whether somebody else has waited for the process, so that its number may be another one's by now."""
        return self._has_ended() and self.status is self.signal is None

    def _has_ended(self) -> bool:
        """Whether the process has ended; it stays a zombie until `close`."""
        if self._popen is None or self._ended:
            return True
        try:
            end = os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            self._ended = True
            return True
        if end is not None:
            by_itself = end.si_code == os.CLD_EXITED
            self.status, self.signal = (end.si_status, None) if by_itself else (None, end.si_status)
            self._ended = True
        return self._ended

    def _listens(self) -> bool:
        stdout = self._popen.stdout if self._popen is not None else None
        return stdout is not None and not stdout.closed

    def _move(self, seconds: float) -> bool:
        """Waits until something can be read or written, and does it; false when nothing could."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
            if pipe is self._ending:
                self._ending = None
                self._drop(pipe)
            elif key.data is None:
                self._write(pipe)
            else:
                self._read(pipe, key.data)
        return bool(ready)

    def _read(self, pipe: IO[bytes], sink: bytearray) -> None:
        piece = os.read(pipe.fileno(), 65536)
        if not piece:
            self._drop(pipe)
        room = self.limit - len(sink)
        sink.extend(piece[:room])
        self.truncated = self.truncated or len(piece) > room

    def _write(self, pipe: IO[bytes]) -> None:
        try:
            self.unsent = self.unsent[os.write(pipe.fileno(), self.unsent) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.unsent = self.unsent[:0]  # a plugin need not read its stdin
        if not self.unsent:
            self._drop(pipe)

    def _drop(self, pipe: IO[bytes]) -> None:
        self._selector.unregister(pipe)
        pipe.close()


class _Family:
    """The process group of a plugin, and its descendants that left the group, as what ``timeout`` and ``sudo`` start.

    A daemon, whose parent has ended, is not found. A subreaper would find it, but that is a property of the whole
    process and makes it the parent of processes that are none of the executor's.
    """

    def __init__(self, leader: int) -> None:
        self.leader = leader
        self._strays: list[int] = []

    def send(self, *signals: signal.Signals) -> None:
        """Sends signals to all; that some are gone or belong to another user is no error."""
        self._find()
        for number in signals:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.leader, number)
            for stray in self._strays:
                with suppress(ProcessLookupError, PermissionError):
                    signal.pidfd_send_signal(stray, number)

    def close(self) -> None:
        """Forgets the strays."""
        while self._strays:
            os.close(self._strays.pop())

    def _find(self) -> None:
        """Takes hold of each stray, so that no other process that gets its number is meant."""
        for pid in _descendants(self.leader):
            with suppress(AttributeError, OSError):  # it is gone, or the kernel is from before Linux 5.3
                if os.getpgid(pid) != self.leader:
                    self._strays.append(os.pidfd_open(pid))


def _descendants(pid: int) -> Iterator[int]:
    with suppress(OSError):
        if os.readlink("/proc/self") != str(os.getpid()):  # noqa: PTH115
            return  # these would be the numbers of another PID namespace
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208  # names, not paths
            for child in map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split()):
                yield child
                yield from _descendants(child)


class Recorder:
    """An executor that remembers every exchange of another one.

    Args:
        executor: The executor that does the work.
        tell: Called with every exchange as soon as it is over.

    Attributes:
        exchanges: What was run, in order.
    """

    def __init__(self, executor: Executor, tell: Callable[[Exchange], None] | None = None) -> None:
        self.executor = executor
        self.tell = tell
        self.exchanges: list[Exchange] = []

    def run(self, invocation: Invocation, timeout: float | None = None) -> Exchange:
        """Runs a plugin to its end and remembers it; see `Executor`."""
        exchange = self.executor.run(invocation, timeout)
        self.exchanges.append(exchange)
        if self.tell is not None:
            self.tell(exchange)
        return exchange
