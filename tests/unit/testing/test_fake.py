from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import cnictl.testing
from cnictl.errors import PluginError
from cnictl.invoke.decode import plugin_info_of
from cnictl.runtime.cni import CNI
from cnictl.testing.fake import FakeExecutor
from tests.support.plugins import invocation, write_plugin

BRIDGE = Path("/opt/cni/bin/bridge")


def test_it_is_public():
    assert cnictl.testing.FakeExecutor is FakeExecutor


def test_an_unscripted_add_succeeds_with_an_empty_result_of_the_configs_version():
    exchange = FakeExecutor().run(invocation(BRIDGE, stdin=b'{"cniVersion":"0.4.0"}'))
    assert exchange.ok
    assert json.loads(exchange.stdout) == {"cniVersion": "0.4.0"}


def test_an_unscripted_add_hands_on_the_result_that_it_was_given():
    config = {"cniVersion": "1.0.0", "prevResult": {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/16"}]}}
    exchange = FakeExecutor().run(invocation(BRIDGE, stdin=json.dumps(config).encode()))
    assert json.loads(exchange.stdout) == config["prevResult"]


@pytest.mark.parametrize("verb", ["CHECK", "DEL", "GC", "STATUS"])
def test_every_other_unscripted_verb_succeeds_in_silence(verb):
    exchange = FakeExecutor().run(invocation(BRIDGE, verb=verb))
    assert (exchange.ok, exchange.stdout, exchange.stderr) == (True, b"", b"")


def test_an_unscripted_plugin_speaks_all_versions_of_the_spec():
    exchange = FakeExecutor().run(invocation(BRIDGE, verb="VERSION"))
    assert plugin_info_of(exchange).versions == ("0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0")


def test_a_plugin_speaks_the_versions_that_it_was_given_and_no_other_plugin_does():
    executor = FakeExecutor()
    executor.speaks("bridge", "0.3.1", "0.4.0")
    for _ in range(2):
        answer = json.loads(executor.run(invocation(BRIDGE, verb="VERSION")).stdout)
        assert answer == {"cniVersion": "0.4.0", "supportedVersions": ["0.3.1", "0.4.0"]}
    assert b"1.1.0" in executor.run(invocation(Path("/opt/cni/bin/portmap"), verb="VERSION")).stdout


def test_a_script_for_version_comes_before_what_it_speaks():
    executor = FakeExecutor()
    executor.speaks("bridge", "0.4.0")
    executor.script("bridge", "VERSION", answer=b"what?")
    answers = [executor.run(invocation(BRIDGE, verb="VERSION")).stdout for _ in range(2)]
    assert answers[0] == b"what?"
    assert b"0.4.0" in answers[1]


def test_runs_are_the_invocations_without_the_questions_for_version():
    executor = FakeExecutor()
    for verb in ("VERSION", "ADD", "VERSION", "DEL"):
        executor.run(invocation(BRIDGE, verb=verb, stdin=b'{"cniVersion":"1.0.0"}'))
    assert [asked.verb for asked in executor.runs] == ["ADD", "DEL"]
    assert [asked.verb for asked in executor.invocations] == ["VERSION", "ADD", "VERSION", "DEL"]


def test_a_script_is_for_one_run_only_however_many_threads_ask():
    executor = FakeExecutor()
    for _ in range(50):
        executor.script("bridge", "DEL", status=1)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(executor.run, [invocation(BRIDGE, verb="DEL")] * 400))
    assert sum(exchange.status == 1 for exchange in done) == 50
    assert len(executor.invocations) == 400


def test_scripts_queue_up_by_plugin_and_verb_and_then_it_succeeds_again():
    executor = FakeExecutor()
    executor.script("bridge", "DEL", status=1, answer={"code": 11, "msg": "busy"})
    executor.script("bridge", "DEL", status=None, signal=9, stderr=b"killed")
    executor.script("portmap", "DEL", timed_out=True)

    first, second, third = (executor.run(invocation(BRIDGE, verb="DEL"), 2.5) for _ in range(3))

    assert (json.loads(first.stdout), first.status, first.limit) == ({"code": 11, "msg": "busy"}, 1, 2.5)
    assert (second.status, second.signal, second.stderr) == (None, 9, b"killed")
    assert third.ok
    assert executor.run(invocation(Path("/opt/cni/bin/portmap"), verb="DEL")).timed_out
    assert executor.run(invocation(BRIDGE, verb="CHECK")).ok


def test_bytes_are_printed_as_they_are():
    executor = FakeExecutor()
    executor.script("bridge", "ADD", answer=b"no JSON\n")
    assert executor.run(invocation(BRIDGE)).stdout == b"no JSON\n"


def test_an_exception_is_raised_and_the_invocation_is_remembered_all_the_same():
    executor = FakeExecutor()
    executor.script("bridge", "ADD", answer=KeyboardInterrupt())
    asked = invocation(BRIDGE)
    with pytest.raises(KeyboardInterrupt):
        executor.run(asked)
    assert executor.invocations == [asked]


def test_it_stands_in_for_plugins(tmp_path):
    write_plugin(tmp_path / "bin", "exit 1", name="bridge")
    executor = FakeExecutor()
    executor.script("bridge", "VERSION", answer={"cniVersion": "1.0.0", "supportedVersions": ["1.0.0"]})
    executor.script("bridge", "VERSION", status=1, answer={"code": 7, "msg": "no"})
    cni = CNI([tmp_path / "bin"], cache_dir=tmp_path, executor=executor)
    assert cni.plugin_info("bridge").versions == ("1.0.0",)
    with pytest.raises(PluginError, match=r"^no \(code 7\)$"):
        cni.plugin_info("bridge")
