"""What tests of the command line share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnictl.cli.entry import run
from tests.support.command import Ended

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = """{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [
    {"type": "bridge", "bridge": "cni0", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}
  ]
}
"""


@pytest.fixture
def cnictl(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Runs a command in this process."""

    def call(*arguments: object) -> Ended:
        status = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ended(status, captured.out, captured.err)

    return call


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A config in which nothing is wrong."""
    path = tmp_path / "10-pods.conflist"
    path.write_text(GOOD)
    return path
