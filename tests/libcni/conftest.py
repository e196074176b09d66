"""What the tests of libcni's behaviours share: scripted plugins, and a runtime with a cache of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnictl import CNI
from cnictl.testing import ScriptedPlugin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", "libcni(*rows): shows these rows of tests/libcni/BEHAVIOURS.tsv")


@pytest.fixture
def bin_dir(tmp_path: Path) -> Path:
    """The plugin directory."""
    path = tmp_path / "bin"
    path.mkdir()
    return path


@pytest.fixture
def plugin(bin_dir: Path) -> Callable[[str], ScriptedPlugin]:
    """Gives the scripted plugin of a type; makes it when it is first asked for."""
    plugins: dict[str, ScriptedPlugin] = {}

    def scripted(name: str) -> ScriptedPlugin:
        if name not in plugins:
            plugins[name] = ScriptedPlugin(bin_dir, name)
        return plugins[name]

    return scripted


@pytest.fixture
def cni(bin_dir: Path, tmp_path: Path, plugin: Callable[[str], ScriptedPlugin]) -> CNI:
    """A runtime for which the plugins a, b and c are installed."""
    for name in "abc":
        plugin(name)
    return CNI([bin_dir], cache_dir=tmp_path / "cni")
