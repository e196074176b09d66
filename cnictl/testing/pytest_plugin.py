"""Fixtures for pytest. They are there wherever cnictl is installed, and cost nothing where they are not used.

This module is loaded in every run of pytest, so what it needs is loaded by the fixtures themselves.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnictl.runtime.cni import CNI
    from cnictl.testing import FakeExecutor, ScriptedPlugin

_numbers = itertools.count(1)
_SYS_ADMIN = 1 << 21


@pytest.fixture
def cni_plugin_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plugin directory of the test's own, empty at first."""
    return tmp_path_factory.mktemp("cni-bin")


@pytest.fixture
def scripted_plugin(cni_plugin_dir: Path) -> Callable[[str], ScriptedPlugin]:
    """Gives the scripted plugin of a type in ``cni_plugin_dir``; makes it when it is first asked for."""
    from cnictl.testing.scripted import ScriptedPlugin

    plugins: dict[str, ScriptedPlugin] = {}

    def plugin(name: str) -> ScriptedPlugin:
        if name not in plugins:
            plugins[name] = ScriptedPlugin(cni_plugin_dir, name)
        return plugins[name]

    return plugin


@pytest.fixture
def fake_executor() -> FakeExecutor:
    """An executor that starts no process; a test that asks for it has it in its ``cni``."""
    from cnictl.testing.fake import FakeExecutor

    return FakeExecutor()


@pytest.fixture
def cni(request: pytest.FixtureRequest, cni_plugin_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> CNI:
    """A `cnictl.CNI` with the plugins of ``cni_plugin_dir`` and a cache of its own.

    It runs them as processes, unless the test asks for ``fake_executor`` too.
    """
    from cnictl.runtime.cni import CNI

    executor = request.getfixturevalue("fake_executor") if "fake_executor" in request.fixturenames else None
    return CNI([cni_plugin_dir], cache_dir=tmp_path_factory.mktemp("cni-cache"), executor=executor)


@pytest.fixture
def cni_netns() -> Iterator[Path]:
    """The path of a fresh network namespace under ``/run/netns``, which is removed when the test is over.

    It has a name, so ``ip -netns NAME`` looks into it. Without the right to make one the test is skipped.
    """
    if not _capabilities() & _SYS_ADMIN:
        pytest.skip("cni_netns makes a network namespace, which needs root, or the capability CAP_SYS_ADMIN at least")
    from cnictl.errors import NamespaceDenied
    from cnictl.netns.handle import RUN_DIR, create_netns, remove_netns

    path = RUN_DIR / f"cnictl-test-{os.getpid()}-{next(_numbers)}"
    try:
        create_netns(path)
    except NamespaceDenied as error:
        pytest.skip(f"cni_netns makes a network namespace: {error}")
    try:
        yield path
    finally:
        remove_netns(path)


def _capabilities() -> int:
    """The effective capabilities of this process, as bits (``capabilities(7)``)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("CapEff:")).split()[1], 16)
