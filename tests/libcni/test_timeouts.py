"""Plugins that sleep.

libcni kills them and says that they ended without a message; cnictl says that their time was up.
"""

from __future__ import annotations

import pytest

from cnictl import CNI, ChainFailed, PluginTimeout
from tests.libcni.scene import BOTH, C1, RESULT, asked, cache_file, keep

LIMIT = 0.3
WORDS = "did not end within 0.3 s and was stopped"


@pytest.fixture
def cni(cni, tmp_path):
    """The same runtime with little patience."""
    return CNI(cni.bin_dirs, cache_dir=tmp_path / "cni", timeout=LIMIT)


@BOTH
@pytest.mark.libcni(73, 78)
def test_add_of_a_plugin_that_sleeps(cni, plugin, shape):
    plugin("a").on("ADD", delay=60)
    with pytest.raises(ChainFailed) as caught:
        cni.add(shape.network(), C1)
    assert isinstance(caught.value.cause, PluginTimeout)
    assert str(caught.value) == f'plugin "a" failed (ADD): {WORDS}'
    assert not cache_file(cni).exists()


@BOTH
@pytest.mark.libcni(74, 79)
def test_del_of_a_plugin_that_sleeps(cni, plugin, shape):
    keep(cni, RESULT)
    first = shape.types[-1]
    plugin(first).on("DEL", delay=60)
    with pytest.raises(ChainFailed) as caught:
        cni.delete(shape.network(), C1)
    assert isinstance(caught.value.cause, PluginTimeout)
    assert str(caught.value) == f'plugin "{first}" failed (DEL): {WORDS}'
    assert asked(cni) == [f"DEL {first}"]
    assert cache_file(cni).exists()


@BOTH
@pytest.mark.libcni(75, 80)
def test_check_of_a_plugin_that_sleeps(cni, plugin, shape):
    keep(cni, RESULT)
    plugin("a").on("CHECK", delay=60)
    with pytest.raises(ChainFailed) as caught:
        cni.check(shape.network(), C1)
    assert isinstance(caught.value.cause, PluginTimeout)
    assert str(caught.value) == f'plugin "a" failed (CHECK): {WORDS}'
    assert asked(cni) == ["CHECK a"]


@pytest.mark.libcni(76)
def test_version_of_a_plugin_that_sleeps(cni, plugin):
    plugin("a").on("VERSION", delay=60)
    with pytest.raises(PluginTimeout, match=f"^{WORDS}$"):
        cni.plugin_info("a")
