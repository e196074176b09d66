"""What a killed process leaves is found again: the journal, and who reads it."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from cnictl.errors import CacheError, ChainFailed
from cnictl.model.attachment import Attachment
from cnictl.model.network import NetworkConfigList
from cnictl.runtime import durable
from tests.support.plugins import has_ended
from tests.support.turns import CONTAINER_ID

C1 = Attachment(CONTAINER_ID, "/run/netns/c1", args=(("K", "V"),), capability_args={"mac": "0a:58:0a:09:00:07"})
REFUSAL = {"status": 1, "answer": {"code": 7, "msg": "no"}}


class Killed(BaseException):
    """Stands in for SIGKILL: nothing that comes after it is done."""


def network(version: str = "1.0.0", **more: Any) -> NetworkConfigList:
    plugins = [{"type": "a", "capabilities": {"mac": True}}, {"type": "b"}]
    return NetworkConfigList.from_dict({"cniVersion": version, "name": "net", "plugins": plugins} | more)


NET = network()


def verbs(executor) -> list[str]:
    done = [f"{asked.verb} {asked.plugin}" for asked in executor.invocations if asked.verb != "VERSION"]
    executor.invocations.clear()
    return done


def die(*_ignored: object) -> None:
    raise Killed


def kill_during_add(cni, executor, monkeypatch) -> None:
    """Ends an ADD after its first plugin as SIGKILL does."""
    executor.script("b", "ADD", answer=Killed())
    with monkeypatch.context() as patch:
        patch.setattr("cnictl.runtime.operation.Operation.undo", die)
        with pytest.raises(Killed):
            cni.add(NET, C1)
    verbs(executor)


def test_the_intent_is_on_the_disk_while_the_plugins_run_and_gone_when_all_is_kept(cni, executor):
    seen = []
    run = executor.run

    def look(*asked):
        seen.append(cni.journal.intents())
        return run(*asked)

    executor.run = look
    cni.add(NET, C1)
    asked_version, during = seen[:2], seen[2:]
    assert asked_version == [[], []]
    assert [[(intent.verb, intent.attachment) for intent in each] for each in during] == [[("ADD", C1)]] * 2
    assert cni.journal.intents() == []


def test_an_add_that_was_undone_leaves_no_intent(cni, executor):
    executor.script("b", "ADD", **REFUSAL)
    with pytest.raises(ChainFailed):
        cni.add(NET, C1)
    assert cni.journal.intents() == []


def test_an_add_that_could_not_be_undone_leaves_its_intent(cni, executor):
    executor.script("b", "ADD", **REFUSAL)
    executor.script("a", "DEL", **REFUSAL)
    with pytest.raises(ChainFailed):
        cni.add(NET, C1)
    assert [intent.verb for intent in cni.journal.intents("net")] == ["ADD"]
    assert cni.journal.intents("other") == []


def test_what_cannot_be_journalled_is_not_begun(cni, executor, monkeypatch):
    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "_write_through", full)
    with pytest.raises(CacheError, match=r"^the journal cannot be used: .*: no space left on device$"):
        cni.add(NET, C1)
    assert verbs(executor) == []


def test_gc_finishes_an_add_that_was_killed_with_the_config_and_arguments_it_had(cni, executor, monkeypatch):
    kill_during_add(cni, executor, monkeypatch)
    changed = network(plugins=[{"type": "c"}])
    collected = cni.gc(changed)
    asked = [each for each in executor.invocations if each.verb == "DEL"]
    assert [each.environment["CNI_ARGS"] for each in asked] == ["K=V", "K=V"]
    assert b'"runtimeConfig":{"mac":"0a:58:0a:09:00:07"}' in asked[1].stdin
    assert verbs(executor) == ["DEL b", "DEL a"]
    assert [intent.container_id for intent in collected.finished] == [CONTAINER_ID]
    assert cni.journal.intents() == []


def test_the_next_add_of_the_container_finishes_the_one_that_was_killed_first(cni, executor, monkeypatch):
    kill_during_add(cni, executor, monkeypatch)
    cni.add(NET, C1)
    assert verbs(executor) == ["DEL b", "DEL a", "ADD a", "ADD b"]
    assert cni.journal.intents() == []


def test_an_add_after_one_that_cannot_be_finished_says_why(cni, executor, monkeypatch):
    kill_during_add(cni, executor, monkeypatch)
    executor.script("a", "DEL", **REFUSAL)
    with pytest.raises(ChainFailed) as caught:
        cni.add(NET, C1)
    assert caught.value.__notes__ == [
        "an earlier ADD was cut short, and what it left cannot be removed",
        "if a plugin refuses what ADD gave it, give `cnictl exec del` something else: --cap, --args",
    ]
    assert verbs(executor) == ["DEL b", "DEL a"]
    assert len(cni.journal.intents()) == 1


def test_delete_finishes_an_add_that_was_killed_with_its_arguments(cni, executor, monkeypatch):
    kill_during_add(cni, executor, monkeypatch)
    cni.delete(NET, Attachment(CONTAINER_ID, "/run/netns/c1"))
    assert {each.environment["CNI_ARGS"] for each in executor.invocations} == {"K=V"}
    assert verbs(executor) == ["DEL b", "DEL a"]
    assert cni.journal.intents() == []


def test_a_delete_that_failed_is_finished_by_gc_although_the_container_lives(cni, executor):
    cni.add(NET, replace(C1, netns="/proc/self/ns/net"))
    executor.script("a", "DEL", **REFUSAL)
    with pytest.raises(ChainFailed):
        cni.delete(NET, replace(C1, netns="/proc/self/ns/net"))
    assert [intent.verb for intent in cni.journal.intents()] == ["DEL"]
    verbs(executor)
    collected = cni.gc(NET)
    assert (len(collected.finished), collected.removed, collected.kept) == (1, (), ())
    assert verbs(executor) == ["DEL b", "DEL a"]
    assert cni.journal.intents() == []


def test_a_delete_of_what_nobody_knows_is_not_journalled(cni, executor):
    executor.script("a", "DEL", **REFUSAL)
    with pytest.raises(ChainFailed):
        cni.delete(NET, C1)
    assert cni.journal.intents() == []


def test_a_full_disk_keeps_nobody_from_deleting(cni, executor, monkeypatch):
    cni.add(NET, C1)
    verbs(executor)

    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "_write_through", full)
    cni.delete(NET, C1)
    assert verbs(executor) == ["DEL b", "DEL a"]


def test_a_second_add_is_not_journalled_because_it_must_not_be_undone(cni, executor):
    cni.add(NET, C1)
    executor.script("a", "ADD", **REFUSAL)
    with pytest.raises(ChainFailed):
        cni.add(NET, C1)
    assert cni.journal.intents() == []


def test_a_rollback_that_is_interrupted_says_who_removes_the_rest(cni, executor):
    executor.script("b", "ADD", **REFUSAL)
    executor.script("b", "DEL", answer=KeyboardInterrupt())
    with pytest.raises(ChainFailed) as caught:
        cni.add(NET, C1)
    assert "the rollback was interrupted: `cnictl exec gc net` removes what is left" in caught.value.__notes__
    assert len(cni.journal.intents()) == 1


def test_a_torn_or_foreign_file_in_the_journal_is_passed_over(cni):
    cni.journal.directory.mkdir(parents=True)
    for name, content in {"a": b"", "b": b"{", "c": b'{"kind":"cniCacheV1"}', "d": b"[]"}.items():
        (cni.journal.directory / name).write_bytes(content)
    assert cni.journal.intents() == []


def test_two_attachments_with_the_same_cache_file_name_have_two_intents(cni):
    first, second = replace(NET, name="a-b"), replace(NET, name="a")
    cni.journal.begin("ADD", first, replace(C1, container_id="c"))
    cni.journal.begin("ADD", second, replace(C1, container_id="b-c"))
    assert [(each.network, each.container_id) for each in cni.journal.intents()] == [("a", "b-c"), ("a-b", "c")]


def test_a_plugin_that_outlived_the_killed_runtime_is_ended_before_del(cni, executor, monkeypatch):
    kill_during_add(cni, executor, monkeypatch)
    own = {"CNI_COMMAND": "ADD", "CNI_CONTAINERID": CONTAINER_ID, "CNI_IFNAME": "eth0"}
    other = own | {"CNI_CONTAINERID": "c2"}
    loop = [sys.executable, "-c", "import time; time.sleep(60)"]
    with (
        subprocess.Popen(loop, env=own, start_new_session=True) as orphan,
        subprocess.Popen(loop, env=other, start_new_session=True) as bystander,
    ):
        cni.gc(NET)
        assert has_ended(orphan.pid)
        assert bystander.poll() is None
        bystander.kill()
    assert orphan.returncode == -signal.SIGTERM
