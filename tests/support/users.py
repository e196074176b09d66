"""Acting as an ordinary user, whoever runs the tests."""

from __future__ import annotations

import os
from contextlib import contextmanager
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
