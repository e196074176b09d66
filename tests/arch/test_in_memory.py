"""`.ci/in-memory` gives a command a place for temporary files and leaves nothing of it."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.support.command import PROJECT

SCRIPT = str(PROJECT / ".ci" / "in-memory")
FILL = 'echo "${TMPDIR:-none}"; [ -z "$TMPDIR" ] || touch "$TMPDIR/a"; exit "$0"'


def run(status: int, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "TMPDIR"}
    command = [SCRIPT, "sh", "-c", FILL, str(status)]
    return subprocess.run(command, env=kept | environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("status", [0, 5])
def test_it_ends_as_the_command_does_and_leaves_nothing(status):
    done = run(status)
    assert (done.returncode, done.stderr) == (status, "")
    assert not os.path.lexists(done.stdout.strip())


def test_a_place_that_was_chosen_is_kept(tmp_path):
    done = run(0, TMPDIR=str(tmp_path))
    assert done.stdout == f"{tmp_path}\n"
    assert (tmp_path / "a").exists()
