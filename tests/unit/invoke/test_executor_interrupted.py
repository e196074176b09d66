"""Ctrl-C at every moment of a run: the plugin is ended, and nothing stays behind."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from cnictl.errors import PluginNotFound
from cnictl.invoke import executor as executor_module
from cnictl.invoke.executor import ProcessExecutor
from tests.support.plugins import has_ended, invocation, write_plugin
from tests.unit.invoke.test_executor import children, open_files, taking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType


@contextmanager
def interrupts(first: float, interval: float = 0.0) -> Iterator[None]:
    """Raises KeyboardInterrupt in the main thread, as Ctrl-C does, after a while and again at an interval."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, first, interval)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_ctrl_c_ends_the_plugin_before_it_goes_on(tmp_path):
    path = write_plugin(tmp_path, f"sleep 60 & echo $! $$ >{tmp_path}/pids; wait")
    with taking(at_most=0.3), interrupts(0.3), pytest.raises(KeyboardInterrupt):
        ProcessExecutor(timeout=30).run(invocation(path))
    started = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(started) == 2
    assert all(map(has_ended, started))


def test_a_second_ctrl_c_kills_a_plugin_that_ignores_sigterm(tmp_path):
    path = write_plugin(tmp_path, f"trap '' TERM; echo $$ >{tmp_path}/pid; while :; do sleep 0.05; done")
    with taking(at_most=0.6), interrupts(0.3, interval=0.3), pytest.raises(KeyboardInterrupt):
        ProcessExecutor(timeout=30, grace=20).run(invocation(path))
    assert has_ended(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_very_moment_of_the_start_ends_the_plugin(tmp_path, monkeypatch, number):
    """Its handler runs when the call that starts the process is over and nobody knows of the process yet."""
    path = write_plugin(tmp_path, "exec sleep 60")
    spawn = executor_module._spawn

    def spawn_interrupted(asked):
        process = spawn(asked)
        signal.raise_signal(number)
        return process

    monkeypatch.setattr(executor_module, "_spawn", spawn_interrupted)
    before = signal.signal(number, signal.default_int_handler)
    try:
        with taking(at_most=0.1), pytest.raises(KeyboardInterrupt):
            ProcessExecutor(timeout=30).run(invocation(path))
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)
    assert children() == []


def test_a_signal_while_a_start_fails_is_not_lost(tmp_path, monkeypatch):
    def fail(_):
        signal.raise_signal(signal.SIGINT)
        raise FileNotFoundError

    monkeypatch.setattr(executor_module, "_spawn", fail)
    with pytest.raises(KeyboardInterrupt):
        ProcessExecutor().run(invocation(tmp_path))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_that_raises_nothing_runs_after_the_start(tmp_path, monkeypatch):
    path = write_plugin(tmp_path, "echo fine")
    seen: list[int] = []
    spawn = executor_module._spawn

    def spawn_signalled(asked):
        signal.raise_signal(signal.SIGTERM)
        assert seen == []
        return spawn(asked)

    monkeypatch.setattr(executor_module, "_spawn", spawn_signalled)
    before = signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))
    try:
        assert ProcessExecutor().run(invocation(path)).stdout == b"fine\n"
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == [signal.SIGTERM]


def test_other_threads_leave_the_handlers_alone(tmp_path):
    path = write_plugin(tmp_path, "echo fine")
    answers: list[bytes] = []
    thread = threading.Thread(target=lambda: answers.append(ProcessExecutor().run(invocation(path)).stdout))
    thread.start()
    thread.join(10)
    assert answers == [b"fine\n"]


def run_interrupted(path: Path, place: int) -> bool:
    """Runs a plugin into its timeout, with Ctrl-C at the executor's instruction of that number.

    Returns:
        Whether the run was long enough to be interrupted.
    """
    left = place

    def trace(frame: FrameType, event: str, _: object) -> object:
        nonlocal left
        if frame.f_code.co_filename != executor_module.__file__:
            return None
        frame.f_trace_opcodes = True
        left -= 1
        if left == 0:
            sys.settrace(None)
            signal.raise_signal(signal.SIGINT)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        ProcessExecutor(timeout=0.03, grace=0.2).run(invocation(path))
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_ctrl_c_at_any_instruction_leaves_no_process_and_no_file(tmp_path):
    path = write_plugin(tmp_path, "exec sleep 60")
    files = open_files()
    place = -8
    interrupted = True
    while interrupted:
        place += 9
        interrupted = run_interrupted(path, place)
        assert [pid for pid in children() if not has_ended(pid)] == [], place
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, place
    assert place > 100  # some releases of Python 3.12 trace lines only
    gc.collect()
    ProcessExecutor().run(invocation(write_plugin(tmp_path, "exit 0", name="next")))
    assert children() == []
    assert open_files() == files


def test_an_error_of_the_executor_itself_ends_the_plugin_too(tmp_path, monkeypatch):
    path = write_plugin(tmp_path, "echo; exec sleep 60")

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(executor_module._Process, "_read", fail)
    with taking(at_most=0.6), pytest.raises(MemoryError):
        ProcessExecutor(timeout=30).run(invocation(path))
    assert children() == []


def test_no_file_descriptor_stays_open_when_runs_go_wrong(tmp_path):
    good = write_plugin(tmp_path, "cat", name="good")
    slow = write_plugin(tmp_path, "exec sleep 60", name="slow")
    bad = write_plugin(tmp_path, "", name="bad", interpreter="/no/such/interpreter")
    before = open_files()
    for _ in range(5):
        ProcessExecutor().run(invocation(good))
        ProcessExecutor().run(invocation(slow, stdin=bytes(200_000)), 0.02)
        with pytest.raises(PluginNotFound):
            ProcessExecutor().run(invocation(bad))
    with interrupts(0.1), pytest.raises(KeyboardInterrupt):
        ProcessExecutor().run(invocation(slow))
    assert open_files() == before
