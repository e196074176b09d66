"""What tests of the command line share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.support.command import run_here

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command import Ended

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
    return partial(run_here, capsys)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A config in which nothing is wrong."""
    path = tmp_path / "10-pods.conflist"
    path.write_text(GOOD)
    return path
