"""What all tests share: a plain environment, and what becomes of tests that need root and real plugins."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.support.node import obstacle

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTINGS = (
    "CNI_PATH",
    "NETCONFPATH",
    "CNI_ARGS",
    "CAP_ARGS",
    "CNI_IFNAME",
    "CNI_CACHE_DIR",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests must not decide what they find."""
    for name in _SETTINGS:
        monkeypatch.delenv(name, raising=False)


_obstacle = cache(obstacle)
_skipped: list[str] = []


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a test that needs a throwaway node where none can be made; with ``CI`` set it fails instead."""
    if item.get_closest_marker("netns") is None or not (reason := _obstacle()):
        return
    if os.environ.get("CI"):
        pytest.fail(f"CI is set, so this must not be skipped: {reason}", pytrace=False)
    _skipped.append(item.nodeid)
    pytest.skip(f"real plugins: {reason}")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Says in the very last line what was not tested, and why."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and _skipped:
        number = len(_skipped)
        reporter.write_line(f"NOT TESTED with real plugins in network namespaces ({number} skipped): {_obstacle()}")
