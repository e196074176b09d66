"""Plugins that do not want to end, and hosts that make it hard to run one."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from cnictl.errors import CNIError
from cnictl.invoke.executor import ProcessExecutor
from tests.support.command import PROJECT
from tests.support.plugins import has_ended, invocation, write_plugin
from tests.unit.invoke.test_executor import children, open_files, pids, taking

if TYPE_CHECKING:
    from collections.abc import Iterator

# How it is ended


def test_a_plugin_that_has_stopped_itself_can_still_clean_up(tmp_path):
    path = write_plugin(tmp_path, "trap 'echo bye; exit 5' TERM; kill -STOP $$; sleep 60")
    exchange = ProcessExecutor(timeout=0.2).run(invocation(path))
    assert (exchange.stdout, exchange.status, exchange.timed_out) == (b"bye\n", 5, True)


def test_a_stopped_plugin_has_not_ended(tmp_path):
    path = write_plugin(tmp_path, "(sleep 0.3; kill -CONT $$) & kill -STOP $$; wait; exit 3")
    with taking(at_least=0.3, at_most=0.3):
        exchange = ProcessExecutor(timeout=30).run(invocation(path))
    assert (exchange.status, exchange.timed_out) == (3, False)


@pytest.mark.parametrize(
    "command",
    ["timeout 60 sh -c 'echo $$; sleep 60'", "setsid sh -c 'echo $$; exec sleep 60'"],
    ids=["group", "session"],
)
def test_a_grandchild_in_a_group_or_session_of_its_own_is_ended_too(tmp_path, command):
    path = write_plugin(tmp_path, f"echo $$; {command} & wait")
    exchange = ProcessExecutor(timeout=0.3).run(invocation(path))
    assert exchange.timed_out
    assert len(pids(exchange)) == 2
    assert all(map(has_ended, pids(exchange)))
    assert children() == []


def test_a_grandchild_in_a_session_of_its_own_that_ignores_sigterm_is_killed(tmp_path):
    path = write_plugin(tmp_path, "setsid sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.05; done' & wait")
    exchange = ProcessExecutor(timeout=0.3, grace=0.1).run(invocation(path))
    assert len(pids(exchange)) == 1
    assert all(map(has_ended, pids(exchange)))


def test_a_daemon_that_has_left_its_parent_is_not_hunted_and_not_waited_for(tmp_path):
    path = write_plugin(tmp_path, "(setsid sleep 60 & echo $!); sleep 60")
    with taking(at_least=0.2, at_most=0.2):
        exchange = ProcessExecutor(timeout=0.2).run(invocation(path))
    (daemon,) = pids(exchange)
    assert not has_ended(daemon, within=0)
    os.kill(daemon, signal.SIGKILL)


@pytest.mark.alone
def test_the_end_comes_within_a_second_of_the_limit_whatever_the_processes_do(tmp_path):
    """The plugin obeys SIGTERM late; its child ignores it and never stops printing."""
    child = "(trap '' TERM; while :; do echo noise; done) & trap 'sleep 0.45; exit 1' TERM; sleep 60 & wait"
    path = write_plugin(tmp_path, child)
    began = time.monotonic()
    exchange = ProcessExecutor(timeout=0.2, max_output=1000).run(invocation(path))
    assert time.monotonic() - began < 0.2 + 1.0
    assert exchange.timed_out
    assert children() == []


def test_a_process_that_not_even_sigkill_ends_is_not_waited_for(tmp_path, monkeypatch):
    path = write_plugin(tmp_path, "exec sleep 60")
    killed = []
    monkeypatch.setattr(os, "killpg", lambda group, number: killed.append((group, number)))
    with pytest.warns(ResourceWarning, match="still running"), taking(at_least=0.3, at_most=0.5):
        exchange = ProcessExecutor(timeout=0.1, grace=0.1).run(invocation(path))
    assert (exchange.timed_out, exchange.status, exchange.signal, exchange.ok) == (True, None, None, False)
    assert [number for _, number in killed] == [signal.SIGTERM, signal.SIGCONT, signal.SIGKILL]
    os.kill(killed[0][0], signal.SIGKILL)
    assert has_ended(killed[0][0])


def test_a_group_of_another_user_is_no_error(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError

    path = write_plugin(tmp_path, "exec sleep 0.3")
    monkeypatch.setattr(os, "killpg", refuse)
    exchange = ProcessExecutor(timeout=0.1, grace=1).run(invocation(path))
    assert (exchange.timed_out, exchange.status) == (True, 0)


@pytest.mark.parametrize("timeout", [float("inf"), 1e12])
def test_a_limit_that_never_comes(tmp_path, timeout):
    path = write_plugin(tmp_path, "sleep 0.1; echo fine")
    exchange = ProcessExecutor(timeout=timeout).run(invocation(path))
    assert (exchange.stdout, exchange.timed_out) == (b"fine\n", False)


def test_a_limit_that_has_passed_still_ends_the_plugin(tmp_path):
    with taking(at_most=0.1):
        exchange = ProcessExecutor().run(invocation(write_plugin(tmp_path, "exec sleep 60")), -1.0)
    assert exchange.timed_out
    assert children() == []


# Without pidfd, before Linux 5.3


@pytest.fixture
def old_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", missing)


@pytest.mark.usefixtures("old_kernel")
def test_an_old_kernel_needs_no_more_than_a_few_milliseconds_to_tell_the_end(tmp_path):
    path = write_plugin(tmp_path, "cat; exec 0<&- 1>&- 2>&-; sleep 0.1; exit 3")
    with taking(at_least=0.1, at_most=0.1):
        exchange = ProcessExecutor().run(invocation(path, stdin=b"x" * 200_000))
    assert (exchange.stdout, exchange.status) == (b"x" * 200_000, 3)
    assert children() == []


@pytest.mark.usefixtures("old_kernel")
def test_an_old_kernel_ends_the_group_too(tmp_path):
    path = write_plugin(tmp_path, "(trap '' TERM; exec sleep 60) & echo $! $$; wait")
    with taking(at_least=0.2, at_most=0.2):
        exchange = ProcessExecutor(timeout=0.2).run(invocation(path))
    assert all(map(has_ended, pids(exchange)))


# The host


@contextmanager
def ignored(number: signal.Signals) -> Iterator[None]:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(number, before)


def test_nothing_is_run_where_no_exit_status_would_be_known(tmp_path):
    path = write_plugin(tmp_path, f"touch {tmp_path}/was-run")
    with ignored(signal.SIGCHLD), pytest.raises(CNIError, match="ignores SIGCHLD") as caught:
        ProcessExecutor().run(invocation(path))
    assert caught.value.hint == "call signal.signal(signal.SIGCHLD, signal.SIG_DFL) first"
    assert not (tmp_path / "was-run").exists()


def test_a_status_that_somebody_else_took_is_no_success(tmp_path, monkeypatch):
    path = write_plugin(tmp_path, "echo '{}'")
    waitid = os.waitid

    def waitid_too_late(kind, number, options):
        with suppress(ChildProcessError):
            os.waitpid(number, 0)
        return waitid(kind, number, options)

    monkeypatch.setattr(os, "waitid", waitid_too_late)
    exchange = ProcessExecutor().run(invocation(path))
    assert (exchange.stdout, exchange.status, exchange.signal, exchange.ok) == (b"{}\n", None, None, False)


def test_a_plugin_gets_sigpipe_as_it_should_be_and_what_else_its_caller_ignores(tmp_path):
    path = write_plugin(tmp_path, "grep SigIgn /proc/self/status")
    with ignored(signal.SIGHUP):
        mask = int(ProcessExecutor().run(invocation(path)).stdout.split()[1], 16)
    assert not mask & 1 << (signal.SIGPIPE - 1)
    assert mask & 1 << (signal.SIGHUP - 1)  # nohup is meant for the plugins too


def test_a_plugin_gets_the_umask_and_the_directory_of_its_caller(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o027)
    try:
        exchange = ProcessExecutor().run(invocation(write_plugin(tmp_path, "umask; pwd")))
    finally:
        os.umask(before)
    assert exchange.stdout.split() == [b"0027", str(tmp_path).encode()]


def test_a_directory_that_is_gone_keeps_no_plugin_from_running(tmp_path, monkeypatch):
    path = write_plugin(tmp_path, "echo fine")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert ProcessExecutor().run(invocation(path)).stdout == b"fine\n"


def test_a_plugin_gets_no_open_file_of_its_caller(tmp_path):
    path = write_plugin(tmp_path, "ls /proc/self/fd")
    read, write = os.pipe()
    try:
        os.set_inheritable(write, True)  # noqa: FBT003
        files = ProcessExecutor().run(invocation(path)).stdout.split()
    finally:
        os.close(read)
        os.close(write)
    assert files == [b"0", b"1", b"2", b"3"]  # the last is the directory itself


CLOSED = """
import os, sys
from pathlib import Path
from cnictl.invoke.executor import ProcessExecutor
from cnictl.invoke.invocation import Invocation
for number in (0, 1, 2):
    os.close(number)
exchange = ProcessExecutor(timeout=10).run(Invocation("plugin", Path(sys.argv[1]), "ADD", {"PATH": os.defpath}, b"in"))
Path(sys.argv[2]).write_bytes(exchange.stdout + exchange.stderr)
"""


def test_a_caller_without_standard_streams_can_run_a_plugin(tmp_path):
    path = write_plugin(tmp_path, "cat; echo out; echo err >&2")
    subprocess.run([sys.executable, "-c", CLOSED, path, tmp_path / "said"], cwd=PROJECT, check=True, timeout=30)
    assert (tmp_path / "said").read_bytes() == b"inout\nerr\n"


@contextmanager
def full_table() -> Iterator[list[int]]:
    """Takes every file descriptor that this process may have; those in the list can be given back."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(taken) + 1, hard))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield taken
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for number in taken:
            os.close(number)


def test_a_caller_that_has_hardly_a_file_descriptor_left(tmp_path):
    path = write_plugin(tmp_path, "echo fine")
    before = open_files()
    answers = []
    with full_table() as taken:
        for _ in range(12):
            try:
                answers.append(ProcessExecutor(timeout=10).run(invocation(path)).stdout)
            except CNIError as error:
                answers.append(str(error).encode())
            os.close(taken.pop())
    refused = f"{path} cannot be started: too many open files".encode()
    number = answers.count(refused)
    assert 0 < number < 12
    assert answers == [refused] * number + [b"fine\n"] * (12 - number)
    assert open_files() == before
