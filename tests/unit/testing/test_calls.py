from __future__ import annotations

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cnictl.errors import ChainFailed, IncompatibleVersion, TryAgainLater
from cnictl.model.attachment import Attachment
from cnictl.model.network import NetworkConfigList
from cnictl.runtime.cni import CNI
from cnictl.testing import ScriptedPlugin, calls_in, runs_in
from tests.unit.testing.running import run

C1 = Attachment("c1", "/run/netns/c1")
RESULT = {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/24"}]}


def network(*types: str, version: str = "1.0.0") -> NetworkConfigList:
    plugins = [{"type": name} for name in types]
    return NetworkConfigList.from_dict({"cniVersion": version, "name": "net", "plugins": plugins})


# What it notes


def test_a_run_is_noted_with_the_variables_of_the_protocol_and_the_exact_stdin(bridge):
    stdin = b'{"a":\n "\xff\x00"}\n\n'
    odd = {"CNI_ARGS": "A=1;B='$(x)'\n", "CNI_NETNS": "", "CNI_IFNAME": "\udcff", "SECRET": "1"}
    run(bridge, "DEL", stdin, 20, **odd)
    (call,) = bridge.calls
    del odd["SECRET"]
    assert (call.plugin, call.verb, call.stdin, call.child) == ("bridge", "DEL", stdin, None)
    assert call.environment == {"CNI_COMMAND": "DEL", **odd}


def test_what_it_read_is_given_as_data(bridge):
    run(bridge, stdin=b'{"name": "net"}')
    assert bridge.calls[0].config == {"name": "net"}


def test_there_are_no_calls_before_the_first(bridge, tmp_path):
    assert (bridge.calls, calls_in(tmp_path), calls_in(tmp_path / "none")) == ([], [], [])


def test_runs_are_in_order_for_each_plugin_and_for_all_of_a_directory(tmp_path):
    plugins = [ScriptedPlugin(tmp_path, name) for name in ("order", "calls", "a plugin's")]
    expected = [(plugin.name, verb) for verb in ("ADD", "VERSION", "DEL") * 4 for plugin in plugins]
    for name, verb in expected:
        run(next(plugin for plugin in plugins if plugin.name == name), verb)
    assert [(call.plugin, call.verb) for call in calls_in(tmp_path)] == expected
    assert [(call.plugin, call.verb) for call in runs_in(tmp_path)] == [
        pair for pair in expected if pair[1] != "VERSION"
    ]
    assert [call.verb for call in plugins[1].calls] == ["ADD", "VERSION", "DEL"] * 4
    assert [call.verb for call in plugins[1].runs] == ["ADD", "DEL"] * 4


def test_many_runs_at_once_are_all_noted_and_none_is_used_twice(tmp_path):
    plugins = [ScriptedPlugin(tmp_path, name).on("DEL", status=7, times=15) for name in "ab"]
    asked = [(plugin, f"c{number}") for number in range(40) for plugin in plugins]

    def delete(pair: tuple[ScriptedPlugin, str]) -> int | None:
        return run(pair[0], "DEL", stdin=pair[1].encode(), CNI_CONTAINERID=pair[1]).status

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(delete, asked))
    assert statuses.count(7) == 30
    assert statuses.count(0) == 50
    noted = [(call.plugin, call.environment["CNI_CONTAINERID"], call.stdin.decode()) for call in calls_in(tmp_path)]
    assert sorted(noted) == sorted((plugin.name, name, name) for plugin, name in asked)


def test_a_process_number_that_was_used_before_takes_no_note_away(bridge):
    """The kernel gives numbers out again, so that of the next run may be one of those that are noted."""
    script = 'for n in 1 2 3; do CNI_COMMAND=DEL CNI_CONTAINERID=c$n sh -c ". $0" "$0" </dev/null; done'
    same_number = bridge.path.read_text().replace("$$-", "4711-")
    bridge.path.write_text(same_number)
    subprocess.run(["sh", "-c", script, bridge.path], check=True)
    assert [call.environment["CNI_CONTAINERID"] for call in bridge.calls] == ["c1", "c2", "c3"]


def test_a_run_that_is_killed_is_noted(bridge):
    bridge.on("ADD", delay=60)
    run(bridge, timeout=1)
    assert [call.verb for call in bridge.calls] == ["ADD"]


def test_a_plugin_whose_notes_are_gone_says_so(bridge, tmp_path):
    shutil.rmtree(tmp_path / ".scripted")
    exchange = run(bridge)
    assert (exchange.status, b"no room for notes" in exchange.stderr) == (70, True)


def test_a_plugin_that_is_there_is_replaced_and_its_runs_are_kept(bridge, tmp_path):
    bridge.on("ADD", status=5).on("ADD", status=6, times=1)
    assert run(bridge).status == 6
    again = ScriptedPlugin(tmp_path, "bridge")
    assert run(again).ok
    assert len(again.calls) == 2


# In a runtime


@pytest.fixture
def cni(tmp_path):
    return CNI([tmp_path / "bin"], cache_dir=tmp_path / "cache")


def test_a_chain_of_them_is_run_as_any_other(cni, tmp_path):
    first = ScriptedPlugin(tmp_path / "bin", "first").on("ADD", result=RESULT)
    second = ScriptedPlugin(tmp_path / "bin", "second")
    net = network("first", "second")

    assert str(cni.add(net, C1).ips[0].address) == "10.1.0.5/24"
    second.on("DEL", error={"code": 11, "msg": "busy"}, times=1)
    with pytest.raises(ChainFailed) as caught:
        cni.delete(net, C1)
    assert isinstance(caught.value.cause, TryAgainLater)
    cni.delete(net, C1)

    ran = [f"{run.verb} {run.plugin}" for run in runs_in(tmp_path / "bin")]
    assert ran == ["ADD first", "ADD second", "DEL second", "DEL second", "DEL first"]
    assert second.runs[0].config["prevResult"]["ips"] == RESULT["ips"]
    assert first.runs[0].environment["CNI_CONTAINERID"] == "c1"


def test_a_change_of_versions_is_noticed_by_a_runtime_that_asks_once_for_each_file(cni, tmp_path):
    plugin = ScriptedPlugin(tmp_path / "bin", "mine")
    cni.add(network("mine"), C1)
    refused: list[Any] = [
        lambda: plugin.speaks("0.4.0"),
        lambda: plugin.on("VERSION", result={"cniVersion": "1.1.0", "supportedVersions": ["1.1.0"]}),
    ]
    for change in refused:
        change()
        with pytest.raises(IncompatibleVersion):
            cni.add(network("mine"), Attachment("c2", "/run/netns/c2"))
