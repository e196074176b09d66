"""What tests of CRI share."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def place() -> Iterator[Path]:
    """Where a socket can be, with a path that the kernel takes: pytest's own are longer than some machines allow."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory) / "cri.sock"
