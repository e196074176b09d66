"""What all tests share: a plain environment, turns, and what becomes of tests that need root and real plugins."""

from __future__ import annotations

import os
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from tests.support.node import obstacle
from tests.support.skips import REAL_PLUGINS, cannot_test, not_tested
from tests.support.turns import once, turn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from xdist.workermanage import WorkerController

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


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Makes something once for all processes, in a directory of the name that it is given."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return lambda name, make: once(base / f"shared-{name}", make)


_obstacle = cache(obstacle)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a test that needs a throwaway node where none can be made; with ``CI`` set it fails instead."""
    if item.get_closest_marker("netns") and (reason := _obstacle()):
        cannot_test(REAL_PLUGINS, reason)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Says in the very last lines what was not tested, and why."""
    yield
    if reporter := session.config.pluginmanager.get_plugin("terminalreporter"):
        for line in not_tested(reporter.stats.get("skipped", [])):
            reporter.write_line(line)


def _is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests that run alone to the end: before it, they would keep the others waiting again and again."""
    items.sort(key=_is_alone)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three processes for two processors, because a third of the time tests wait for what they have started."""
    return len(os.sched_getaffinity(0)) * 3 // 2


_turns = pytest.StashKey[TemporaryDirectory[str]]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Tells a worker of pytest-xdist where it takes turns with the others."""
    if _turns not in node.config.stash:
        place = node.config.stash[_turns] = TemporaryDirectory(prefix="cnictl-turns-")
        node.config.add_cleanup(place.cleanup)
    node.workerinput["turns"] = node.config.stash[_turns].name


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Lets a test marked ``alone`` run while no other does; in one process they all do."""
    place = getattr(item.config, "workerinput", {}).get("turns")
    with turn(Path(place), alone=_is_alone(item)) if place else nullcontext():
        return (yield)
