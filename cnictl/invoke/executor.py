"""Runs plugins: the one door to other processes."""

from __future__ import annotations

import errno
import os
import selectors
import signal
import subprocess
import time
from typing import IO, TYPE_CHECKING, Protocol

from cnictl.errors import PluginNotFound
from cnictl.invoke.invocation import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable

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
    process group, so that no child of it lives on and holds a pipe open. An exception, Ctrl-C included, ends
    the plugin in the same way before it goes on.

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
        """Runs a plugin to its end; see `Executor`."""
        began = time.monotonic()
        limit = self.timeout if timeout is None else timeout
        with _start(invocation) as process:
            conversation = _Conversation(process, invocation.stdin, self.max_output)
            try:
                timed_out = not conversation.run_until(began + limit)
                if timed_out:
                    self._end(process, conversation)
            except BaseException:
                self._end(process, conversation)
                raise
            finally:
                conversation.close()
        code = process.returncode
        return Exchange(
            invocation=invocation,
            stdout=bytes(conversation.stdout),
            stderr=bytes(conversation.stderr),
            status=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            seconds=time.monotonic() - began,
            limit=limit,
            timed_out=timed_out,
            truncated=conversation.truncated,
        )

    def _end(self, process: subprocess.Popen[bytes], conversation: _Conversation) -> None:
        try:
            _signal_group(process, signal.SIGTERM)
            conversation.run_until(time.monotonic() + self.grace)
        finally:
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signals the plugin and its children; the group may outlive the plugin itself."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        process.send_signal(number)


_BUSY_TRIES = 6
_BUSY_WAIT = 0.25


def _start(invocation: Invocation) -> subprocess.Popen[bytes]:
    for attempt in range(_BUSY_TRIES):
        try:
            return subprocess.Popen(  # noqa: S603  # running the configured plugin is the purpose
                [invocation.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(invocation.environment),
                start_new_session=True,
            )
        except OSError as error:
            # "Text file busy": an installer is writing the plugin this very moment (CNI issue 855).
            if error.errno != errno.ETXTBSY or attempt == _BUSY_TRIES - 1:
                raise _cannot_start(invocation, error) from error
            time.sleep(_BUSY_WAIT)
    raise AssertionError


def _cannot_start(invocation: Invocation, error: OSError) -> PluginNotFound:
    hints = {
        errno.ENOEXEC: "it is no program for this machine: was it downloaded for another architecture?",
        errno.ENOENT: "its interpreter or loader is missing: install a static build, or what its first line names",
        errno.EACCES: "is the file system mounted noexec, or does a security module forbid it?",
        errno.ETXTBSY: "something holds it open for writing: try again when the installer is done",
    }
    reason = f"{invocation.path} cannot be started: {(error.strerror or str(error)).lower()}"
    return PluginNotFound(invocation.plugin, [invocation.path.parent], reason=reason, hint=hints.get(error.errno or 0))


class _Conversation:
    """Feeds stdin and collects stdout and stderr of a process, with a limit in time and in size."""

    _POLL = 0.05
    """Seconds between looks whether the process has ended although somebody holds its pipes open."""
    _DRAIN = 0.5
    """Seconds to read what an ended process left in its pipes; a child of it may write to them for ever."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes, limit: int) -> None:
        self.process = process
        self.unsent = memoryview(stdin)
        self.limit = limit
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.truncated = False
        self.selector = selectors.DefaultSelector()
        self._watch(process.stdin, selectors.EVENT_WRITE, None)
        self._watch(process.stdout, selectors.EVENT_READ, self.stdout)
        self._watch(process.stderr, selectors.EVENT_READ, self.stderr)

    def _watch(self, pipe: IO[bytes] | None, event: int, sink: bytearray | None) -> None:
        if pipe is not None:  # all three are pipes, see _start
            os.set_blocking(pipe.fileno(), False)
            self.selector.register(pipe, event, sink)

    def run_until(self, deadline: float) -> bool:
        """Goes on until the process has ended; false when the deadline came first."""
        ended = False
        while self.selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return ended
            ready = self.selector.select(0 if ended else min(left, self._POLL))
            for key, _ in ready:
                self._move(key)
            if ended and not ready:
                return True  # the process is gone; whoever still holds its pipes is not waited for
            if not ended and self.process.poll() is not None:
                ended, deadline = True, time.monotonic() + self._DRAIN
        try:
            self.process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _move(self, key: selectors.SelectorKey) -> None:
        pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
        if key.data is None:
            self._write(pipe)
            return
        try:
            piece = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return
        if not piece:
            self._drop(pipe)
        room = self.limit - len(key.data)
        key.data.extend(piece[:room])
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
        self.selector.unregister(pipe)
        pipe.close()

    def close(self) -> None:
        for key in list(self.selector.get_map().values()):
            self._drop(key.fileobj)  # type: ignore[arg-type]
        self.selector.close()


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
