"""Acting as an ordinary user, whoever runs the tests."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Gives up root's privileges for as long as it is entered; others have none to give up."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.setresuid(NOBODY, NOBODY, 0)
    except PermissionError:
        pytest.skip("this root may not become another user")
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def let_in(directory: Path) -> None:
    """Lets ordinary users look into a directory, which pytest keeps to whoever runs the tests.

    Args:
        directory: A directory somewhere below that of temporary files; those between them are opened too.
    """
    top = Path(tempfile.gettempdir()).resolve()
    for each in (directory, *directory.parents):
        if top in each.resolve().parents:
            each.chmod(0o755)
