from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import threading
import time
import tracemalloc
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cnictl.errors import PluginNotFound
from cnictl.invoke import executor as executor_module
from cnictl.invoke.executor import DEFAULT_TIMEOUT, ProcessExecutor, Recorder
from tests.support.plugins import has_ended, invocation, write_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.invoke.invocation import Exchange

SLACK = 1.0
"""Seconds that starting, noticing and ending processes may take on a busy machine."""


@contextmanager
def taking(at_most: float, at_least: float = 0.0) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert at_least <= time.monotonic() - began < at_most + SLACK


def pids(exchange: Exchange) -> list[int]:
    return [int(word) for word in exchange.stdout.split()]


def children() -> list[int]:
    """The processes whose parent this process is, zombies included."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that is just ending
            found.extend(map(int, (task / "children").read_text().split()))
    return found


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# What is kept


@pytest.mark.libcni(158)
def test_everything_that_came_of_a_run_is_kept(tmp_path):
    path = write_plugin(tmp_path, "cat; echo careful >&2; sleep 0.1; exit 3")
    asked = invocation(path, stdin=b'{"name":"net"}')

    exchange = ProcessExecutor(timeout=9).run(asked)

    assert exchange.invocation is asked
    assert exchange.stdout == b'{"name":"net"}'
    assert exchange.stderr == b"careful\n"
    assert (exchange.status, exchange.signal) == (3, None)
    assert (exchange.limit, exchange.timed_out, exchange.truncated) == (9, False, False)
    assert 0.1 <= exchange.seconds < 0.1 + SLACK
    assert not exchange.ok


def test_a_signal_that_ends_the_plugin_is_kept_instead_of_a_status(tmp_path):
    exchange = ProcessExecutor().run(invocation(write_plugin(tmp_path, "kill -SEGV $$")))
    assert (exchange.status, exchange.signal, exchange.timed_out) == (None, signal.SIGSEGV, False)


@pytest.mark.libcni(158)
def test_the_environment_is_exactly_the_one_given(monkeypatch):
    monkeypatch.setenv("CNI_NETNS_OVERRIDE", "1")
    env = shutil.which("env")
    assert env is not None

    exchange = ProcessExecutor().run(invocation(Path(env), environment={"CNI_COMMAND": "ADD", "CNI_ARGS": ""}))

    assert sorted(exchange.stdout.splitlines()) == [b"CNI_ARGS=", b"CNI_COMMAND=ADD"]


def test_a_plugin_gets_no_arguments_and_a_session_of_its_own(tmp_path):
    path = write_plugin(tmp_path, "cut -d' ' -f6 /proc/self/stat; echo $$ $#")
    session, pid, arguments = ProcessExecutor().run(invocation(path)).stdout.split()
    assert session == pid
    assert arguments == b"0"


@pytest.mark.libcni(159)
def test_a_large_stdin_and_a_large_stdout_at_the_same_time_do_not_block(tmp_path):
    data = os.urandom(3 * 1024 * 1024)
    exchange = ProcessExecutor(timeout=10).run(invocation(write_plugin(tmp_path, "exec cat"), stdin=data))
    assert exchange.ok
    assert exchange.stdout == data


# Plugins that do not care


def test_a_plugin_need_not_read_a_large_stdin(tmp_path):
    path = write_plugin(tmp_path, "exec 0<&-; echo done")
    exchange = ProcessExecutor(timeout=5).run(invocation(path, stdin=bytes(4 * 1024 * 1024)))
    assert (exchange.stdout, exchange.status) == (b"done\n", 0)


def test_a_plugin_that_leaves_a_large_stdin_unread_is_ended_in_time(tmp_path):
    path = write_plugin(tmp_path, "exec sleep 60")
    with taking(at_most=0.2):
        exchange = ProcessExecutor(timeout=0.2).run(invocation(path, stdin=bytes(4 * 1024 * 1024)))
    assert (exchange.timed_out, exchange.signal) == (True, signal.SIGTERM)


def test_a_plugin_that_closes_its_output_early_is_waited_for(tmp_path):
    path = write_plugin(tmp_path, "echo {}; exec 0<&- 1>&- 2>&-; sleep 0.2; exit 4")
    with taking(at_least=0.2, at_most=0.2):
        exchange = ProcessExecutor().run(invocation(path))
    assert (exchange.stdout, exchange.status) == (b"{}\n", 4)


def test_a_plugin_that_closes_its_output_and_hangs_is_ended(tmp_path):
    path = write_plugin(tmp_path, "echo $$; exec 0<&- 1>&- 2>&-; exec sleep 60")
    with taking(at_least=0.2, at_most=0.2):
        exchange = ProcessExecutor(timeout=0.2).run(invocation(path))
    assert exchange.timed_out
    assert all(map(has_ended, pids(exchange)))


def test_a_child_that_lives_on_and_holds_the_pipes_is_not_waited_for(tmp_path):
    path = write_plugin(tmp_path, "sleep 60 & echo $!")
    with taking(at_most=0.1):
        exchange = ProcessExecutor(timeout=30).run(invocation(path))
    (child,) = pids(exchange)
    assert exchange.ok
    assert not has_ended(child, within=0)  # a plugin may start a daemon
    os.kill(child, signal.SIGKILL)


def test_a_child_that_lives_on_and_never_stops_printing_is_not_listened_to_for_ever(tmp_path):
    path = write_plugin(tmp_path, "yes & echo $! >&2; sleep 0.1; exit 3")
    with taking(at_most=0.1):
        exchange = ProcessExecutor(timeout=30, max_output=1000).run(invocation(path))
    child = int(exchange.stderr)
    assert (exchange.status, exchange.truncated) == (3, True)
    assert has_ended(child)  # by SIGPIPE, now that nobody listens


def test_who_speaks_for_a_plugin_that_has_ended_gets_a_moment_when_there_is_no_answer_yet(tmp_path):
    path = write_plugin(tmp_path, "(sleep 0.1; echo '{}') & exit 0")
    assert ProcessExecutor().run(invocation(path)).stdout == b"{}\n"


def test_who_holds_the_pipes_and_is_silent_gets_no_more_than_a_moment(tmp_path):
    path = write_plugin(tmp_path, "sleep 60 & echo $! >&2")
    with taking(at_most=0.6):
        exchange = ProcessExecutor(timeout=30).run(invocation(path))
    assert exchange.ok
    os.kill(int(exchange.stderr), signal.SIGKILL)


# Time


def test_a_timeout_ends_the_plugin_and_the_grandchild_that_holds_its_pipes(tmp_path):
    path = write_plugin(tmp_path, "sleep 60 & echo $! $$; wait")
    with taking(at_least=0.3, at_most=0.3):
        exchange = ProcessExecutor(timeout=0.3).run(invocation(path))
    assert exchange.timed_out
    assert exchange.limit == 0.3
    assert not exchange.ok
    assert len(pids(exchange)) == 2
    assert all(map(has_ended, pids(exchange)))


def test_a_plugin_may_clean_up_after_sigterm_and_what_it_says_then_is_kept(tmp_path):
    path = write_plugin(tmp_path, "trap 'echo bye; exit 5' TERM; sleep 60 & wait")
    exchange = ProcessExecutor(timeout=0.2).run(invocation(path))
    assert (exchange.stdout, exchange.status, exchange.timed_out) == (b"bye\n", 5, True)


def test_a_plugin_that_ignores_sigterm_is_killed_after_the_grace(tmp_path):
    path = write_plugin(tmp_path, "trap '' TERM; echo $$; while :; do sleep 0.05; done")
    with taking(at_least=0.4, at_most=0.4):
        exchange = ProcessExecutor(timeout=0.2, grace=0.2).run(invocation(path))
    assert (exchange.signal, exchange.timed_out) == (signal.SIGKILL, True)
    assert all(map(has_ended, pids(exchange)))


def test_a_grandchild_that_ignores_sigterm_is_killed_with_a_plugin_that_obeys(tmp_path):
    path = write_plugin(tmp_path, "(trap '' TERM; exec sleep 60) & echo $! $$; wait")
    exchange = ProcessExecutor(timeout=0.3).run(invocation(path))
    assert exchange.signal == signal.SIGTERM
    assert all(map(has_ended, pids(exchange)))


def test_the_callers_timeout_wins_over_the_executors(tmp_path):
    path = write_plugin(tmp_path, "exec sleep 60")
    with taking(at_most=0.1):
        exchange = ProcessExecutor(timeout=30).run(invocation(path), 0.1)
    assert (exchange.limit, exchange.timed_out) == (0.1, True)


def test_the_default_timeout_outlasts_the_slowest_reference_plugin():
    assert ProcessExecutor().timeout == DEFAULT_TIMEOUT == 120


# Size


@pytest.mark.parametrize(("redirection", "stream"), [("", "stdout"), (">&2", "stderr")])
def test_output_beyond_the_limit_is_read_and_dropped(tmp_path, redirection, stream):
    path = write_plugin(tmp_path, f"head -c 300000 /dev/zero {redirection}; exit 6")
    exchange = ProcessExecutor(max_output=1000).run(invocation(path))
    assert getattr(exchange, stream) == bytes(1000)
    assert (exchange.status, exchange.truncated) == (6, True)


def test_output_of_just_the_limit_is_whole(tmp_path):
    path = write_plugin(tmp_path, "head -c 1000 /dev/zero")
    exchange = ProcessExecutor(max_output=1000).run(invocation(path))
    assert (len(exchange.stdout), exchange.truncated) == (1000, False)


def test_memory_stays_bounded_however_much_is_printed(tmp_path):
    path = write_plugin(tmp_path, "head -c 50000000 /dev/zero")
    tracemalloc.start()
    try:
        ProcessExecutor(max_output=10_000).run(invocation(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


# Starting


def text_file_busy(directory: Path) -> bool:
    """Whether this kernel refuses to run a file that is open for writing; some releases did not."""
    path = write_plugin(directory, "exit 0", name="probe")
    with path.open("ab"):
        try:
            subprocess.run([path], check=True)
        except OSError as error:
            return error.errno == errno.ETXTBSY
    return False


def test_a_plugin_that_is_just_being_installed_is_tried_again(tmp_path):
    path = write_plugin(tmp_path, "echo installed")
    writer = path.open("ab")
    release = threading.Timer(0.4, writer.close)
    release.start()
    exchange = ProcessExecutor().run(invocation(path))
    release.join()
    assert (exchange.stdout, exchange.status) == (b"installed\n", 0)


def test_a_plugin_that_stays_open_for_writing_is_given_up(tmp_path, monkeypatch):
    if not text_file_busy(tmp_path):
        pytest.skip("this kernel runs files that are open for writing")
    monkeypatch.setattr(executor_module, "_BUSY_LIMIT", 0.2)
    path = write_plugin(tmp_path, "echo never")
    with path.open("ab"), taking(at_least=0.2, at_most=0.2), pytest.raises(PluginNotFound) as caught:
        ProcessExecutor().run(invocation(path))
    assert str(caught.value) == f"{path} cannot be started: text file busy"
    assert caught.value.hint == "something holds it open for writing: try again when the installer is done"


def test_waiting_for_an_installer_does_not_outlast_the_timeout(tmp_path):
    if not text_file_busy(tmp_path):
        pytest.skip("this kernel runs files that are open for writing")
    path = write_plugin(tmp_path, "echo never")
    with path.open("ab"), taking(at_least=0.1, at_most=0.1), pytest.raises(PluginNotFound, match="text file busy"):
        ProcessExecutor(timeout=0.1).run(invocation(path))


def test_an_environment_that_no_process_can_have_is_an_error_with_the_reason(tmp_path):
    path = write_plugin(tmp_path, "echo never")
    with pytest.raises(PluginNotFound, match=r"cannot be started: embedded null byte$"):
        ProcessExecutor().run(invocation(path, environment={"CNI_ARGS": "A=\0"}))
    with pytest.raises(PluginNotFound, match=r"cannot be started: argument list too long$") as caught:
        ProcessExecutor().run(invocation(path, environment={"CNI_ARGS": "A" * 200_000}))
    assert caught.value.hint == "an environment variable, such as CNI_ARGS, is longer than the kernel allows"


@pytest.mark.parametrize(
    ("content", "mode", "reason", "hint"),
    [
        (
            b"#!/no/such/interpreter\n",
            0o755,
            "no such file or directory",
            "its interpreter or loader is missing: install a static build, or what its first line names",
        ),
        (
            b"\x7fELF of another machine",
            0o755,
            "exec format error",
            "it is no program for this machine: was it downloaded for another architecture?",
        ),
        (
            b"",
            0o755,
            "exec format error",
            "it is no program for this machine: was it downloaded for another architecture?",
        ),
        (
            b"#!/bin/sh\n",
            0o644,
            "permission denied",
            "is the file system mounted noexec, or does a security module forbid it?",
        ),
    ],
    ids=["no-interpreter", "other-architecture", "empty", "not-executable"],
)
def test_what_cannot_be_started_is_an_error_with_the_reason(tmp_path, content, mode, reason, hint):
    path = tmp_path / "plugin"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(PluginNotFound) as caught:
        ProcessExecutor().run(invocation(path))
    assert str(caught.value) == f"{path} cannot be started: {reason}"
    assert caught.value.hint == hint
    assert (caught.value.plugin, caught.value.searched) == ("plugin", (str(tmp_path),))


def test_a_directory_cannot_be_started(tmp_path):
    with pytest.raises(PluginNotFound, match=r"cannot be started: permission denied$"):
        ProcessExecutor().run(invocation(tmp_path))


# Recorder


def test_a_recorder_remembers_every_exchange_and_tells_of_it(tmp_path):
    path = write_plugin(tmp_path, "exit 2")
    told: list[Exchange] = []
    recorder = Recorder(ProcessExecutor(), told.append)
    first = recorder.run(invocation(path, verb="ADD"))
    second = recorder.run(invocation(path, verb="DEL"), 7)
    assert recorder.exchanges == told == [first, second]
    assert (second.limit, second.invocation.verb) == (7, "DEL")


def test_a_recorder_has_no_exchange_for_what_could_not_be_started(tmp_path):
    recorder = Recorder(ProcessExecutor())
    with pytest.raises(PluginNotFound):
        recorder.run(invocation(tmp_path / "missing"))
    assert recorder.exchanges == []
