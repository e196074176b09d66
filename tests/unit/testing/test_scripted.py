from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest

from cnictl.errors import UsageError
from cnictl.invoke.decode import plugin_info_of
from cnictl.testing import ScriptedPlugin
from tests.support.plugins import has_ended
from tests.unit.testing.running import run

RESULT = {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/24"}]}
BUSY = {"code": 11, "msg": "it's 100 % \\busy\\"}


# What it answers when nobody says


@pytest.mark.parametrize(
    ("config", "answer"),
    [
        ({"cniVersion": "0.4.0"}, {"cniVersion": "0.4.0"}),
        ({"name": "no version"}, {}),
        ({"cniVersion": "1.0.0", "prevResult": RESULT}, RESULT),
        ({"prevResult": RESULT | {"dns": {"domain": 'a"}\\'}}, "z": 1}, RESULT | {"dns": {"domain": 'a"}\\'}}),
        (
            {"a": "prevResult", "b": {"prevResult": 1, "cniVersion": "7"}, "cniVersion": "1.0.0"},
            {"cniVersion": "1.0.0"},
        ),
        ({"prevResult": {"ips": [], "prevResult": [{"ä": "\u2028"}]}}, {"ips": [], "prevResult": [{"ä": "\u2028"}]}),
        ([], {}),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_an_unscripted_add_hands_on_the_result_that_it_was_given(bridge, config, answer, indent, ascii_only):
    exchange = run(bridge, stdin=json.dumps(config, indent=indent, ensure_ascii=ascii_only).encode())
    assert (json.loads(exchange.stdout), exchange.stderr, exchange.status) == (answer, b"", 0)


@pytest.mark.parametrize("verb", ["CHECK", "DEL", "GC", "STATUS"])
def test_every_other_unscripted_verb_succeeds_in_silence(bridge, verb):
    exchange = run(bridge, verb)
    assert (exchange.status, exchange.stdout, exchange.stderr) == (0, b"", b"")


def test_it_speaks_all_versions_of_the_spec(bridge):
    assert plugin_info_of(run(bridge, "VERSION")).versions[::6] == ("0.1.0", "1.1.0")


def test_it_speaks_the_versions_that_it_was_given(tmp_path):
    plugin = ScriptedPlugin(tmp_path, "old", versions=["0.3.1", "0.4.0"])
    answer = {"cniVersion": "0.4.0", "supportedVersions": ["0.3.1", "0.4.0"]}
    assert json.loads(run(plugin, "VERSION").stdout) == answer
    assert plugin.speaks("1.0.0") is plugin
    assert plugin_info_of(run(plugin, "VERSION")).versions == ("1.0.0",)


@pytest.mark.libcni(238, 241)
@pytest.mark.parametrize("verb", ["", "NOPE", "../bridge/ADD", "ADD\n"])
def test_what_is_no_command_is_refused_as_the_reference_plugins_do(bridge, verb):
    exchange = run(bridge, verb)
    assert (json.loads(exchange.stdout)["code"], exchange.status) == (4, 1)
    assert [call.verb for call in bridge.calls] == [verb]


# What it is told to do


def test_a_result_is_printed_as_it_is(bridge):
    assert bridge.on("ADD", result=RESULT) is bridge
    exchange = run(bridge)
    assert (json.loads(exchange.stdout), exchange.status) == (RESULT, 0)


def test_an_error_is_printed_and_the_run_fails(bridge):
    bridge.on("DEL", error=BUSY, stderr="more\n")
    exchange = run(bridge, "DEL")
    assert (json.loads(exchange.stdout), exchange.stderr, exchange.status) == (BUSY, b"more\n", 1)
    bridge.on("DEL", error=BUSY, status=0)
    assert run(bridge, "DEL").ok


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_any_bytes_can_be_printed(bridge, stream):
    everything = bytes(range(256)) * 500
    bridge.on("ADD", **{stream: everything})
    assert getattr(run(bridge), stream) == everything


@pytest.mark.libcni(247)
def test_nothing_is_printed_when_that_is_said(bridge):
    bridge.on("ADD", stdout="")
    assert (run(bridge).stdout, run(bridge).status) == (b"", 0)


@pytest.mark.libcni(248)
def test_a_run_that_fails_without_an_answer_prints_none(bridge):
    bridge.on("ADD", status=3)
    exchange = run(bridge)
    assert (exchange.stdout, exchange.status) == (b"", 3)


def test_a_signal_ends_it_after_it_printed(bridge):
    bridge.on("ADD", signal=signal.SIGSEGV, stdout="half")
    exchange = run(bridge)
    assert (exchange.stdout, exchange.signal, exchange.status) == (b"half", signal.SIGSEGV, None)


def test_a_delay_lets_it_wait_and_then_answer_as_usual(bridge):
    bridge.on("ADD", delay=0.3)
    exchange = run(bridge)
    assert exchange.seconds >= 0.3
    assert json.loads(exchange.stdout) == {"cniVersion": "1.0.0"}


def test_a_delay_beyond_the_runtimes_patience_is_a_plugin_that_hangs_and_logged_before(bridge):
    bridge.on("ADD", result=RESULT, delay=60, stderr="working\n")
    exchange = run(bridge, timeout=1)
    assert (exchange.timed_out, exchange.stdout, exchange.stderr) == (True, b"", b"working\n")


def test_what_waits_holds_no_pipe_when_the_plugin_alone_is_killed(bridge):
    bridge.on("ADD", delay=5)
    process = subprocess.Popen(
        [bridge.path], env={"CNI_COMMAND": "ADD"}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    time.sleep(0.3)
    process.kill()
    began = time.monotonic()
    process.communicate(timeout=4)
    assert time.monotonic() - began < 2


def test_lines_of_shell_are_run_first_such_as_those_that_ignore_sigterm(bridge, tmp_path):
    bridge.on("ADD", shell=f"trap '' TERM\necho $CNI_IFNAME >{tmp_path}/told", delay=60)
    exchange = run(bridge, timeout=1, CNI_IFNAME="eth7")
    assert (exchange.timed_out, exchange.signal) == (True, signal.SIGKILL)
    assert (tmp_path / "told").read_text() == "eth7\n"


def test_a_child_that_lives_on_is_named(bridge):
    bridge.on("ADD", child=60)
    assert run(bridge).ok
    (call,) = bridge.calls
    assert call.child
    assert not has_ended(call.child, within=0)
    os.kill(call.child, signal.SIGKILL)


def test_a_child_holds_the_pipes(bridge):
    bridge.on("ADD", child=0.5)
    began = time.monotonic()
    subprocess.run([bridge.path], env={"CNI_COMMAND": "ADD"}, input=b"", capture_output=True, check=True)
    assert time.monotonic() - began >= 0.5


def test_a_flood_is_printed_besides_the_answer(bridge):
    bridge.on("DEL", flood=100_000)
    assert run(bridge, "DEL").stdout == b"x" * 100_000
    bridge.on("VERSION", flood=10)
    assert run(bridge, "VERSION").stdout.endswith(b"}\nxxxxxxxxxx")


def test_stdin_need_not_be_read(bridge):
    bridge.on("ADD", result=RESULT, reads_stdin=False)
    exchange = run(bridge, stdin=bytes(1_000_000))
    assert json.loads(exchange.stdout) == RESULT
    assert bridge.calls[0].stdin == b""


def test_what_holds_for_a_number_of_runs_is_used_up_in_order_and_then_the_rest_holds(bridge):
    bridge.on("DEL", status=9)
    bridge.on("DEL", status=1, times=2).on("DEL", status=2, times=1).on("ADD", status=8, times=1)
    assert [run(bridge, "DEL").status for _ in range(5)] == [1, 1, 2, 9, 9]
    bridge.on("DEL", status=0)
    assert [run(bridge, verb).status for verb in ("DEL", "ADD", "ADD")] == [0, 8, 0]


@pytest.mark.parametrize(
    ("verb", "wrong", "message"),
    [
        ("ADD", {"result": {}, "error": {}}, "a run has one answer"),
        ("ADD", {"result": {}, "stdout": ""}, "a run has one answer"),
        ("add", {}, '"add" is no command of CNI'),
        ("ADD", {"times": 0}, "1 run at least, not for 0"),
        ("ADD", {"status": 256}, "from 0 to 255, not 256"),
        ("ADD", {"signal": 0}, "no signal 0"),
        ("ADD", {"delay": -0.1}, "cannot be less than 0"),
    ],
)
def test_what_no_plugin_can_do_is_an_error(bridge, verb, wrong, message):
    with pytest.raises(UsageError, match=message):
        bridge.on(verb, **wrong)


@pytest.mark.parametrize("name", ["", "..", "a/b"])
def test_a_name_that_is_no_type_is_an_error(tmp_path, name):
    with pytest.raises(UsageError, match="the plugin type"):
        ScriptedPlugin(tmp_path / "bin", name)
    assert not (tmp_path / "bin").exists()
