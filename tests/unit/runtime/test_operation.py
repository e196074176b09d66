from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cnictl.errors import CacheDamaged, ChainFailed, ExitCode, PluginError, PluginNotFound, ProtocolViolation
from cnictl.model.attachment import Attachment
from cnictl.model.network import NetworkConfigList
from cnictl.model.result import Interface, IPConfig
from cnictl.runtime.cache import CacheEntry
from cnictl.runtime.operation import Operation, Step
from cnictl.testing import FakeExecutor

BIN = Path("/opt/cni/bin")
RESULT = {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/16"}]}


@pytest.fixture
def executor():
    return FakeExecutor()


def operation(
    executor: FakeExecutor, *types: str, version: str = "1.0.0", attachment: Attachment | None = None
) -> Operation:
    config = {"cniVersion": version, "name": "net", "plugins": [{"type": kind} for kind in types]}
    network = NetworkConfigList.from_dict(config)
    steps = [Step(place, plugin, BIN / plugin.type) for place, plugin in enumerate(network.plugins)]
    attachment = attachment or Attachment("c1", "/run/netns/c1")
    return Operation(network, attachment, steps, [BIN], executor=executor, timeout=2.5)


def calls(executor: FakeExecutor) -> list[str]:
    return [f"{asked.verb} {asked.plugin}" for asked in executor.invocations]


def prev_results(executor: FakeExecutor) -> list[Any]:
    return [json.loads(asked.stdin).get("prevResult") for asked in executor.invocations]


def test_each_plugin_is_run_from_its_path_with_the_attachments_environment_and_the_timeout(executor):
    run = operation(executor, "bridge")
    run.add()
    (asked,) = executor.invocations
    assert (asked.path, asked.verb) == (BIN / "bridge", "ADD")
    assert asked.cni_environment == {
        "CNI_COMMAND": "ADD",
        "CNI_CONTAINERID": "c1",
        "CNI_NETNS": "/run/netns/c1",
        "CNI_IFNAME": "eth0",
        "CNI_ARGS": "",
        "CNI_PATH": "/opt/cni/bin",
    }
    executor.script("bridge", "ADD", timed_out=True)
    with pytest.raises(ChainFailed, match=r"did not end within 2.5 s"):
        run.add()


def test_the_result_of_each_plugin_is_given_to_the_next(executor):
    executor.script("a", "ADD", answer=RESULT)
    executor.script("b", "ADD", answer={"cniVersion": "1.0.0", "interfaces": [{"name": "eth0"}]})
    result = operation(executor, "a", "b", "c").add()
    assert prev_results(executor) == [None, RESULT, {"cniVersion": "1.0.0", "interfaces": [{"name": "eth0"}]}]
    assert (result.interfaces, result.ips) == ((Interface("eth0"),), ())


def test_a_result_in_another_version_is_handed_on_in_the_networks(executor):
    executor.script("a", "ADD", answer={"cniVersion": "0.3.1", "ips": [{"version": "4", "address": "10.1.0.5/16"}]})
    result = operation(executor, "a", "b").add()
    assert prev_results(executor) == [None, RESULT]
    assert result.ips == (IPConfig("10.1.0.5/16"),)


def test_keys_that_the_spec_does_not_know_are_handed_on(executor):
    executor.script("a", "ADD", answer=RESULT | {"x-vendor": {"id": 12345678901234567890}})
    operation(executor, "a", "b").add()
    assert prev_results(executor)[1] == RESULT | {"x-vendor": {"id": 12345678901234567890}}


def test_a_result_that_does_not_fit_the_networks_version_is_the_plugins_fault(executor):
    executor.script("a", "ADD", answer={"cniVersion": "1.0.0", "interfaces": [{"name": "eth0"}]})
    with pytest.raises(ChainFailed) as caught:
        operation(executor, "a", "b", version="0.2.0").add()
    assert type(caught.value.cause) is ProtocolViolation
    assert str(caught.value) == (
        'plugin "a" failed (ADD): printed a result that cannot be used: '
        "a result without an address cannot be written in version 0.2.0"
    )
    assert caught.value.exit_code == ExitCode.NO


def test_a_failure_ends_add_and_carries_every_run(executor):
    executor.script("b", "ADD", status=1, answer={"code": 7, "msg": "no"}, stderr=b"log")
    run = operation(executor, "a", "b", "c")
    with pytest.raises(ChainFailed) as caught:
        run.add()
    error = caught.value
    assert str(error) == 'plugin "b" failed (ADD): no (code 7)'
    assert (error.verb, error.index, error.plugin) == ("ADD", 1, "b")
    assert isinstance(error.cause, PluginError)
    assert error.cause.exchange is error.exchanges[1]
    assert [(run.invocation.plugin, run.status, run.stderr) for run in error.exchanges] == [
        ("a", 0, b""),
        ("b", 1, b"log"),
    ]
    assert error.hint == error.cause.hint == "`cnictl validate` shows what is wrong with the config"


def test_each_runs_a_verb_in_the_given_order_until_one_fails(executor):
    executor.script("b", "DEL", status=1, answer={"code": 11, "msg": "busy"})
    run = operation(executor, "a", "b", "c")
    with pytest.raises(ChainFailed, match=r'^plugin "b" failed \(DEL\): busy \(code 11\)$'):
        run.each("DEL", reversed(run.steps))
    assert calls(executor) == ["DEL c", "DEL b"]
    assert [exchange.invocation for exchange in run.exchanges] == executor.invocations


def test_each_goes_on_over_a_known_defect_and_names_it(executor):
    executor.script("portmap", "CHECK", status=1, answer={"code": 999, "msg": "could not check ipv6 dnat"})
    run = operation(executor, "portmap", "b")
    run.prev_result = RESULT
    run.each("CHECK", run.steps)
    assert calls(executor) == ["CHECK portmap", "CHECK b"]
    (line,) = run.overlooked
    assert line.startswith("portmap looks among the IPv6 rules")


def test_undo_runs_del_over_the_whole_chain_in_reverse_whatever_fails(executor):
    executor.script("a", "ADD", answer=RESULT)
    executor.script("b", "ADD", status=1)
    executor.script("c", "DEL", status=1, answer={"code": 7, "msg": "no"})
    executor.script("a", "DEL", status=None, signal=9)
    run = operation(executor, "a", "b", "c")
    with pytest.raises(ChainFailed):
        run.add()
    assert run.undo() == [
        'plugin "c" failed (DEL): no (code 7)',
        'plugin "a" failed (DEL): was ended by SIGKILL',
    ]
    assert calls(executor)[2:] == ["DEL c", "DEL b", "DEL a"]


@pytest.mark.parametrize(("version", "given"), [("0.4.0", "the result so far"), ("0.3.1", None)])
def test_undo_gives_plugins_the_result_so_far_where_del_is_given_one(executor, version, given):
    executor.script("a", "ADD", answer={"cniVersion": version, "interfaces": [{"name": "eth0"}]})
    executor.script("b", "ADD", status=1)
    run = operation(executor, "a", "b", version=version)
    with pytest.raises(ChainFailed):
        run.add()
    run.undo()
    result = {"cniVersion": version, "dns": {}, "interfaces": [{"name": "eth0"}]} if given else None
    assert prev_results(executor)[2:] == [result, result]


def test_there_is_nothing_to_undo_when_no_plugin_could_be_started(executor):
    executor.script("a", "ADD", answer=PluginNotFound("a", [BIN]))
    run = operation(executor, "a", "b")
    with pytest.raises(ChainFailed) as caught:
        run.add()
    assert caught.value.exit_code == ExitCode.UNABLE
    assert (run.began, run.undo(), calls(executor)) == (False, [], ["ADD a"])


def test_there_is_something_to_undo_when_a_later_plugin_could_not_be_started(executor):
    executor.script("b", "ADD", answer=PluginNotFound("b", [BIN]))
    run = operation(executor, "a", "b")
    with pytest.raises(ChainFailed):
        run.add()
    assert run.undo() == []
    assert calls(executor) == ["ADD a", "ADD b", "DEL b", "DEL a"]


def test_there_is_something_to_undo_when_the_first_plugin_was_interrupted(executor):
    executor.script("a", "ADD", answer=KeyboardInterrupt())
    run = operation(executor, "a")
    with pytest.raises(KeyboardInterrupt):
        run.add()
    assert run.undo() == []
    assert calls(executor) == ["ADD a", "DEL a"]


ENTRY = CacheEntry("net", "c1", "eth0", "/gone", args=(("K", "old"),), capability_args={"mac": "old"}, result=RESULT)


def test_recall_takes_over_what_the_caller_did_not_give(executor):
    run = operation(executor, "a")
    run.recall(ENTRY, with_result=True)
    assert run.attachment == Attachment("c1", "/run/netns/c1", args=(("K", "old"),), capability_args={"mac": "old"})
    assert run.prev_result == RESULT


def test_recall_leaves_what_the_caller_gave(executor):
    own = Attachment("c1", "", args=(("K", "new"),), capability_args={"mac": "new"})
    run = operation(executor, "a", attachment=own)
    run.recall(ENTRY, with_result=False)
    assert run.attachment == own
    assert run.prev_result is None


def test_recall_takes_over_the_arguments_also_when_the_result_is_damaged(executor):
    run = operation(executor, "a")
    entry = CacheEntry("net", "c1", "eth0", args=(("K", "old"),), result={"cniVersion": "7"})
    with pytest.raises(CacheDamaged):
        run.recall(entry, with_result=True)
    assert run.container.args == (("K", "old"),)
