"""Tests run side by side: those that must be alone are, and what was skipped in any of the processes is said."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.command import PROJECT
from tests.support.turns import turn

PATIENCE = 20
"""Seconds after which what should have happened counts as not happened."""
SHORT = 0.2
"""Seconds in which what must not happen would have happened."""
NEEDS_A_NODE = "tests/netns/test_disk.py"


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def somebody(tmp_path, pool):
    """Lets somebody take a turn; gives what happens when they have it, and what ends it."""
    ends: list[threading.Event] = []

    def take(*, alone: bool) -> tuple[threading.Event, threading.Event]:
        has_it, end = threading.Event(), threading.Event()

        def hold() -> None:
            with turn(tmp_path, alone=alone):
                has_it.set()
                end.wait(PATIENCE)

        pool.submit(hold)
        ends.append(end)
        return has_it, end

    yield take
    for end in ends:
        end.set()


def test_turns_are_shared(somebody):
    first, _ = somebody(alone=False)
    second, _ = somebody(alone=False)
    assert first.wait(PATIENCE)
    assert second.wait(PATIENCE)


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True), (True, True)])
def test_who_wants_to_be_alone_is(somebody, before, after):
    first, end = somebody(alone=before)
    assert first.wait(PATIENCE)
    second, _ = somebody(alone=after)
    assert not second.wait(SHORT)
    end.set()
    assert second.wait(PATIENCE)


def test_who_wants_to_be_alone_is_not_overtaken(somebody):
    first, end = somebody(alone=False)
    assert first.wait(PATIENCE)
    alone, end_of_alone = somebody(alone=True)
    assert not alone.wait(SHORT)
    late, _ = somebody(alone=False)
    assert not late.wait(SHORT)
    end.set()
    assert alone.wait(PATIENCE)
    assert not late.is_set()
    end_of_alone.set()
    assert late.wait(PATIENCE)


def run_without_tools(empty: os.PathLike[str], *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs tests that need a throwaway node where no program is found that could make one."""
    kept = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, NEEDS_A_NODE],
        cwd=PROJECT,
        env=kept | {"PATH": str(empty)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("processes", ["0", "2"])
def test_the_last_line_says_what_was_not_tested(tmp_path, processes):
    done = run_without_tools(tmp_path, "-n", processes)
    assert done.returncode == 0, done.stdout + done.stderr
    *_, outcome, last = done.stdout.splitlines()
    number = outcome.split()[1]
    assert outcome.split()[2] == "skipped"
    assert last.startswith(f"NOT TESTED with real plugins in network namespaces ({number} skipped): needs ")


def test_continuous_integration_skips_nothing(tmp_path):
    done = run_without_tools(tmp_path, "-n", "2", CI="1")
    assert done.returncode == 1
    assert "CI is set, so this must not be skipped: needs " in done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1]
