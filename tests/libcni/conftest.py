"""What the tests of libcni's behaviours share: scripted plugins, and a runtime with a cache of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cnictl import CNI
from cnictl.testing import ScriptedPlugin
from tests.support.command import run_here

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.command import Ended


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


@pytest.fixture
def command(cni: CNI, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Runs a verb of ``cnictl exec`` with the plugins and the cache of ``cni``."""

    def call(verb: str, config: dict[str, Any], *options: object) -> Ended:
        path = tmp_path / "net.conflist"
        path.write_text(json.dumps(config))
        places = ("--bin-dir", *cni.bin_dirs, "--cache-dir", cni.cache.directory)
        return run_here(capsys, "exec", verb, path, "/proc/self/ns/net", *places, "-f", "json", *options)

    return call
