"""GC and STATUS."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cnictl.errors import CacheError, ChainFailed, GCFailed, PluginNotAvailable, PluginNotFound, UsageError
from cnictl.model.attachment import Attachment
from cnictl.model.network import NetworkConfigList

ALIVE = "/proc/self/ns/net"
REFUSAL = {"status": 1, "answer": {"code": 7, "msg": "no"}}
GC_KEYS = {"cni.dev/attachments", "cni.dev/valid-attachments"}


def network(version: str = "1.1.0", **more: Any) -> NetworkConfigList:
    plugins = [{"type": "a"}, {"type": "b"}]
    return NetworkConfigList.from_dict({"cniVersion": version, "name": "net", "plugins": plugins} | more)


NET = network()
LIVING = Attachment("living", ALIVE)
DEAD = Attachment("dead", "/run/netns/this-is-not-there", args=(("K", "V"),))


@pytest.fixture
def filled(cni, executor):
    """Two attachments, one whose namespace is gone, and one of another network."""
    for attachment in (LIVING, DEAD):
        cni.add(NET, attachment)
    cni.add(replace(NET, name="other"), DEAD)
    executor.invocations.clear()
    return cni


def asked(executor) -> list[str]:
    return [f"{each.verb} {each.plugin}" for each in executor.invocations if each.verb != "VERSION"]


def ids(entries) -> list[str]:
    return [entry.container_id for entry in entries]


def test_gc_deletes_those_whose_namespace_is_gone_and_tells_the_plugins_which_are_left(filled, executor):
    collected = filled.gc(NET)
    assert (ids(collected.removed), ids(collected.kept)) == (["dead"], ["living"])
    assert asked(executor) == ["DEL b", "DEL a", "GC a", "GC b"]
    told = json.loads(executor.invocations[-1].stdin)
    valid = [{"containerID": "living", "ifname": "eth0"}]
    assert {key: told[key] for key in GC_KEYS} == dict.fromkeys(GC_KEYS, valid)
    assert "prevResult" not in told
    assert executor.invocations[-1].cni_environment["CNI_CONTAINERID"] == ""
    assert [entry.network for entry in filled.cache.entries()] == ["net", "other"]


def test_del_is_given_the_arguments_of_add_and_no_namespace_that_is_gone(filled, executor):
    filled.gc(NET)
    told = executor.invocations[0].cni_environment
    assert (told["CNI_ARGS"], told["CNI_NETNS"], told["CNI_CONTAINERID"]) == ("K=V", "", "dead")


def test_gc_with_valid_attachments_deletes_all_others_alive_or_not(filled, executor):
    collected = filled.gc(NET, [DEAD])
    assert (ids(collected.removed), ids(collected.kept)) == (["living"], ["dead"])
    assert executor.invocations[0].cni_environment["CNI_NETNS"] == ALIVE


def test_what_is_valid_is_told_to_the_plugins_also_when_the_cache_does_not_know_it(filled, executor):
    filled.gc(NET, [Attachment("unknown", "", "eth7")])
    told = json.loads(executor.invocations[-1].stdin)
    assert told["cni.dev/valid-attachments"] == [{"containerID": "unknown", "ifname": "eth7"}]


def test_no_valid_attachment_is_an_empty_list_and_never_null(filled, executor):
    filled.gc(NET, [])
    assert json.loads(executor.invocations[-1].stdin)["cni.dev/valid-attachments"] == []


def test_another_interface_of_a_valid_container_is_not_valid(cni, executor):
    cni.add(NET, replace(LIVING, ifname="eth1"))
    assert ids(cni.gc(NET, [LIVING]).removed) == ["living"]


@pytest.mark.parametrize(("version", "told"), [("0.4.0", False), ("1.0.0", False), ("1.1.0", True)])
def test_plugins_are_told_since_1_1_0(cni, executor, version, told):
    net = network(version)
    cni.add(net, DEAD)
    executor.invocations.clear()
    cni.gc(net)
    assert asked(executor) == ["DEL b", "DEL a", *(["GC a", "GC b"] if told else [])]


def test_with_disable_gc_nothing_is_run_and_all_is_kept(filled, executor):
    collected = filled.gc(network(disableGC=True))
    assert (collected.removed, ids(collected.kept)) == ((), ["dead", "living"])
    assert asked(executor) == []


def test_one_failure_keeps_nothing_else_from_its_turn(filled, executor):
    filled.add(NET, replace(DEAD, container_id="dead2"))
    executor.invocations.clear()
    executor.script("b", "DEL", **REFUSAL)
    executor.script("a", "GC", **REFUSAL)
    with pytest.raises(GCFailed) as caught:
        filled.gc(NET)
    assert asked(executor) == ["DEL b", "DEL a", "DEL b", "DEL a", "GC a", "GC b"]
    assert str(caught.value) == 'GC of the network "net" failed: plugin "b" failed (DEL): no (code 7) (and 1 more)'
    assert ids(entry for entry in filled.cache.entries() if entry.network == "net") == ["dead", "living"]
    assert len(caught.value.failures) == 2


def test_an_attachment_whose_namespace_nobody_knows_is_kept(cni, executor):
    cni.add(NET, Attachment("old", ""))
    assert ids(cni.gc(NET).kept) == ["old"]


def test_a_cache_that_cannot_be_read_is_no_success(filled):
    filled.cache.results.rename(filled.cache.directory / "away")
    filled.cache.results.write_text("a file")
    with pytest.raises(CacheError, match=r"^the result cache cannot be read: "):
        filled.gc(NET)


def test_damaged_files_in_the_cache_are_left_alone(filled):
    broken = filled.cache.results / "net-x-eth0"
    broken.write_bytes(b"")
    filled.gc(NET)
    assert broken.exists()


def test_nothing_at_all_was_ever_cached(cni, executor):
    assert cni.gc(NET) == ((), (), (), ())
    assert asked(executor) == ["GC a", "GC b"]


def test_a_dry_run_tells_what_gc_would_remove_and_asks_nobody(filled, executor):
    plan = filled.garbage(NET)
    assert (ids(plan.stale), ids(plan.kept), plan.interrupted) == (["dead"], ["living"], [])
    assert asked(executor) == []


def test_a_network_name_that_is_a_path_is_refused(cni):
    for verb in (cni.gc, cni.status):
        with pytest.raises(UsageError, match=r"^the network name"):
            verb(replace(NET, name="../net"))


# STATUS


def test_status_asks_forward_and_ends_with_the_first_that_is_not_ready(cni, executor):
    executor.script("a", "STATUS", status=1, answer={"code": 50, "msg": "the daemon is down"})
    with pytest.raises(ChainFailed) as caught:
        cni.status(NET)
    assert isinstance(caught.value.cause, PluginNotAvailable)
    assert asked(executor) == ["STATUS a"]


def test_status_says_who_is_ready(cni, executor):
    assert cni.status(NET) == ["a", "b"]
    (told, _) = (json.loads(each.stdin) for each in executor.invocations)
    assert told == {"cniVersion": "1.1.0", "name": "net", "type": "a"}


def test_before_1_1_0_nobody_is_asked_for_status_and_nothing_need_be_there(cni, executor, bin_dir):
    (bin_dir / "b").unlink()
    assert cni.status(network("1.0.0")) == []
    with pytest.raises(PluginNotFound):
        cni.status(NET)
    assert asked(executor) == []
