"""GC and STATUS."""

from __future__ import annotations

import pytest

from cnictl import Attachment, ChainFailed, GCFailed, IncompatibleVersion, InvalidConfig, PluginError
from cnictl.runtime.chain import GC_KEYS
from tests.libcni.scene import C1, CHAIN, REFUSAL, RESULT, SINGLE, asked

NET = CHAIN.network("1.1.0")
STALE = Attachment("c2", "/run/netns/c2", "eth1")


@pytest.fixture
def filled(cni, plugin):
    """A runtime whose cache knows two attachments."""
    plugin("a").on("ADD", result=RESULT | {"cniVersion": "1.1.0"})
    for attachment in (C1, STALE):
        cni.add(NET, attachment)
    return cni


@pytest.mark.libcni(68)
def test_a_network_without_gc_is_left_alone(filled):
    before = asked(filled)
    filled.gc(CHAIN.network("1.1.0", disableGC=True), [])
    assert asked(filled) == before
    assert len(list(filled.cache.entries())) == 2


@pytest.mark.libcni(69)
def test_what_is_valid_is_told_and_not_deleted(filled, plugin):
    filled.delete(NET, STALE)
    before = len(asked(filled))
    filled.gc(NET, [C1])
    assert asked(filled)[before:] == ["GC a", "GC b", "GC c"]
    valid = [{"containerID": "c1", "ifname": "eth0"}]
    own = {"cniVersion": "1.1.0", "name": "net", "type": "a"}
    assert plugin("a").runs[-1].config == own | dict.fromkeys(GC_KEYS, valid)


@pytest.mark.libcni(70)
def test_what_is_not_valid_is_deleted_before_the_plugins_are_told(filled, plugin):
    before = len(asked(filled))
    filled.gc(NET, [])
    deleted = ["DEL c", "DEL b", "DEL a"]
    assert asked(filled)[before:] == [*deleted, *deleted, "GC a", "GC b", "GC c"]
    ids = [run.environment["CNI_CONTAINERID"] for run in plugin("a").runs[-3:-1]]
    assert ids == ["c1", "c2"]
    # libcni may tell null; an empty list is what the spec has.
    assert [plugin("a").runs[-1].config[key] for key in GC_KEYS] == [[], []]
    assert list(filled.cache.entries()) == []


@pytest.mark.libcni(234)
def test_gc_needs_the_command_and_the_path_alone(cni, plugin, bin_dir):
    cni.gc(SINGLE.network("1.1.0"), [])
    (run,) = plugin("a").runs
    told = {name: value for name, value in run.environment.items() if value}
    assert told == {"CNI_COMMAND": "GC", "CNI_PATH": str(bin_dir)}


@pytest.mark.libcni(235)
def test_gc_is_not_asked_of_a_config_that_is_too_old(cni):
    cni.gc(SINGLE.network("1.0.0"), [])
    assert asked(cni) == []


@pytest.mark.libcni(235)
def test_a_plugin_that_is_too_old_for_gc_is_told_as_such(cni, plugin):
    plugin("a").speaks("0.4.0", "1.0.0").on("GC", error={"code": 1, "msg": "plugin version does not allow GC"})
    with pytest.raises(IncompatibleVersion):
        cni.add(SINGLE.network("1.1.0"), C1)
    with pytest.raises(GCFailed, match=r"plugin version does not allow GC \(code 1\)$"):
        cni.gc(SINGLE.network("1.1.0"), [])


@pytest.mark.libcni(235)
def test_gc_of_a_config_that_cannot_be_is_refused(cni):
    # libcni loads both; the plugins refuse them.
    with pytest.raises(InvalidConfig, match='"adsfsadf" is not a spec version'):
        cni.gc(SINGLE.network("adsfsadf"), [])
    with pytest.raises(InvalidConfig, match='the network name "te%%st" is not valid'):
        cni.gc(SINGLE.network("1.1.0", name="te%%st"), [])
    assert asked(cni) == []


# STATUS


@pytest.mark.libcni(71)
def test_every_plugin_of_a_list_is_asked_for_its_status(cni):
    assert cni.status(NET) == ["a", "b", "c"]
    assert asked(cni) == ["STATUS a", "STATUS b", "STATUS c"]


@pytest.mark.libcni(72)
def test_the_first_plugin_that_is_not_ready_ends_it_with_its_code(cni, plugin):
    plugin("b").on("STATUS", error=REFUSAL | {"code": 50})
    with pytest.raises(ChainFailed) as caught:
        cni.status(NET)
    assert isinstance(caught.value.cause, PluginError)
    assert caught.value.cause.code == 50
    assert asked(cni) == ["STATUS a", "STATUS b"]
