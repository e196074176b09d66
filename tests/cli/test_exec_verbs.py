"""gc, status, version, --dry-run and many containers at once, with plugins of our own."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cnictl.cli.exec.attachment import _cnitool_id
from tests.support.command import CNICTL, PROJECT

PLUGIN = """#!/bin/sh
# Writes down what it is asked; does what the file with the container's name says.
case $CNI_COMMAND in
VERSION) echo '{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.0.0","1.1.0"]}'; exit ;;
esac
echo "$CNI_COMMAND $CNI_NETNS" >> "$0.log"
[ ! -e "$0.stdin" ] || cat > "$0.stdin"
[ "$CNI_COMMAND" != ADD ] || [ ! -e "$0.hang" ] || { touch "$0.began"; exec sleep 60; }
[ ! -e "$0.refuses" ] || ! grep -qx "$CNI_COMMAND $CNI_NETNS" "$0.refuses" || {
    echo '{"code": 50, "msg": "not now"}'; exit 1; }
[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion": "1.1.0", "ips": [{"address": "10.1.0.5/24"}]}'
"""


class Place:
    """A network of one plugin in the directories of a test, and network namespaces that are all our own."""

    def __init__(self, directory: Path, cnictl) -> None:
        self.directory = directory
        self.run = cnictl
        self.plugin = directory / "mine"
        self.plugin.write_text(PLUGIN)
        self.plugin.chmod(0o755)
        self.network = directory / "conf" / "pods.conflist"
        self.network.parent.mkdir()
        self.write("1.1.0")
        self.namespaces = []
        for name in ("a", "b", "c"):
            (directory / name).symlink_to("/proc/self/ns/net")
            self.namespaces.append(str(directory / name))

    def write(self, version: str) -> None:
        self.network.write_text(json.dumps({"cniVersion": version, "name": "pods", "plugins": [{"type": "mine"}]}))

    @property
    def options(self) -> list[str]:
        return [
            *("--bin-dir", str(self.directory)),
            *("--cache-dir", str(self.directory / "cache")),
            *("--conf-dir", str(self.network.parent)),
        ]

    def exec(self, verb: str, *more: object):
        return self.run("exec", verb, "pods", *more, *self.options)

    @property
    def log(self) -> list[str]:
        path = self.directory / "mine.log"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def refuse(self, *calls: str) -> None:
        (self.directory / "mine.refuses").write_text("\n".join(calls) + "\n")


@pytest.fixture
def place(tmp_path, cnictl):
    return Place(tmp_path, cnictl)


def is_described(document) -> bool:
    """Whether a document is as its published schema says."""
    name = document["schema"].removeprefix("cnictl.").partition("/")[0]
    schema = json.loads((PROJECT / "schemas" / "output" / f"{name}.schema.json").read_text())
    problems = [error.message for error in Draft202012Validator(schema).iter_errors(document)]
    assert problems == []
    return True


# gc


def test_gc_removes_what_is_gone_and_says_what_it_did(place):
    for netns in place.namespaces[:2]:
        place.exec("add", netns)
    Path(place.namespaces[0]).unlink()
    assert place.log
    ended = place.exec("gc")
    gone = _cnitool_id(place.namespaces[0])
    assert (ended.status, ended.out) == (0, "")
    assert ended.err == f"cnictl: removed {gone} eth0\ncnictl: 1 attachment kept\n"
    assert place.log == ["DEL ", "GC "]
    assert place.exec("gc").err == "cnictl: 1 attachment kept\n"


def test_gc_with_keep(place):
    for name in ("one", "two"):
        place.exec("add", place.namespaces[0], "--container-id", name)
    ended = place.exec("gc", "--keep", "two:eth0", "-f", "json")
    assert ended.data["notes"] == ["removed one eth0", "1 attachment kept"]
    assert is_described(ended.data)


@pytest.mark.parametrize("text", ["one", "one:", ":eth0", "../x:eth0", "one:eth0/1"])
def test_gc_with_a_keep_that_is_none(place, text):
    ended = place.exec("gc", "--keep", text)
    assert ended.status == 2
    assert f'--keep "{text}" cannot be used: ' in ended.err


def test_gc_as_cnitool_is_called(place):
    assert place.exec("gc", place.namespaces[0]).status == 0


def test_a_dry_run_of_gc_changes_nothing(place):
    place.exec("add", place.namespaces[0], "--container-id", "one")
    before = place.log
    text = place.exec("gc", "--keep", "x:eth0", "--dry-run")
    assert (text.status, text.out.splitlines()[0]) == (0, f"would delete one eth0 ({place.namespaces[0]})")
    data = place.exec("gc", "--dry-run", "-f", "json").data
    assert is_described(data)
    assert [each["containerId"] for each in data["garbage"]["keep"]] == ["one"]
    assert data["plugins"][0]["stdin"]["cni.dev/valid-attachments"] == [{"containerID": "one", "ifname": "eth0"}]
    assert before
    assert place.log == []


def test_a_dry_run_of_gc_asks_nobody_before_1_1_0(place):
    place.write("1.0.0")
    assert place.exec("gc", "--dry-run").out.endswith('GC would ask no plugin of the network "pods"\n')


def test_a_gc_that_fails_names_everything(place):
    for name in ("one", "two"):
        place.exec("add", place.namespaces[0], "--container-id", name)
    place.refuse(f"DEL {place.namespaces[0]}", "GC ")
    ended = place.exec("gc", "--keep", "x:eth0")
    assert ended.status == 1
    first, *rest = ended.err.splitlines()
    assert first.endswith('failed: plugin "mine" failed (DEL): not now (code 50) (and 2 more)')
    assert rest == ['  plugin "mine" failed (DEL): not now (code 50)', '  plugin "mine" failed (GC): not now (code 50)']


# status


def test_status_says_who_is_ready(place):
    ended = place.exec("status")
    assert ended == (0, "", "cnictl: ready: mine\n")
    assert is_described(place.exec("status", "-f", "json").data)


def test_status_of_a_plugin_that_is_not_ready(place):
    place.refuse("STATUS ")
    ended = place.exec("status", "-f", "json")
    assert ended.status == 1
    assert (ended.data["code"], ended.data["msg"]) == (50, "not now")


def test_status_before_1_1_0_asks_nobody_and_says_so(place):
    place.write("1.0.0")
    ended = place.exec("status", place.namespaces[0])
    assert ended == (0, "", "cnictl: nothing was asked: STATUS needs cniVersion 1.1.0, and the config says 1.0.0\n")
    assert place.log == []
    assert place.exec("status", "--dry-run").out == 'STATUS would ask no plugin of the network "pods"\n'


# version


def test_version_asks_the_plugins_that_are_named(place):
    ended = place.run("exec", "version", "mine", "--bin-dir", place.directory)
    assert ended.status == 0
    assert "mine" in ended.out
    assert "1.1.0" in ended.out
    assert place.log == []


# --dry-run


def test_a_dry_run_shows_the_exact_stdin_and_runs_nothing(place):
    shown = place.exec("add", place.namespaces[0], "--dry-run", "--args", "K=V", "-f", "json")
    (plan,) = shown.data["plugins"]
    assert is_described(shown.data)
    assert place.log == []
    assert not (place.directory / "cache").exists()
    (place.directory / "mine.stdin").write_text("")
    place.exec("add", place.namespaces[0], "--args", "K=V")
    assert plan["stdin"] == json.loads((place.directory / "mine.stdin").read_text())
    assert plan["environment"]["CNI_ARGS"] == "K=V"
    assert place.exec("del", place.namespaces[0], "--dry-run", "-f", "json").data["plugins"][0]["stdin"]["prevResult"]
    text = place.exec("del", place.namespaces[0], "--dry-run").out
    assert text.startswith("mine DEL  would be run\n  path    /")


def test_a_dry_run_says_whose_result_is_missing(place):
    plugins = [{"type": "mine"}, {"type": "other"}]
    (place.directory / "other").write_text(PLUGIN)
    (place.directory / "other").chmod(0o755)
    place.network.write_text(json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": plugins}))
    shown = place.exec("add", *place.namespaces[:2], "--dry-run", "-f", "json").data
    assert [each["prevResultOf"] for each in shown["plugins"]] == [None, "mine", None, "mine"]
    assert 'and "prevResult", with what mine answers' in place.exec("add", place.namespaces[0], "--dry-run").out


def test_a_dry_run_of_what_could_not_be_run_fails(place):
    place.plugin.unlink()
    ended = place.exec("add", place.namespaces[0], "--dry-run", "-f", "json")
    assert (ended.status, ended.data["code"]) == (2, 999)
    assert 'plugin "mine" is not in' in ended.err


# Many at once


def test_many_containers_are_told_in_the_order_in_which_they_were_named(place):
    ended = place.exec("add", *reversed(place.namespaces), "--jobs", "3")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines() == [f"{netns}  10.1.0.5/24" for netns in reversed(place.namespaces)]
    assert sorted(place.log) == [f"ADD {netns}" for netns in place.namespaces]
    assert place.exec("check", *place.namespaces).out.splitlines() == [f"{netns}  ok" for netns in place.namespaces]
    assert place.exec("del", *place.namespaces).status == 0
    assert list((place.directory / "cache" / "results").iterdir()) == []


def test_one_failure_does_not_stop_the_others_and_is_told_at_the_end(place):
    first, second, third = place.namespaces
    place.refuse(f"ADD {second}")
    ended = place.exec("add", first, second, third, "--jobs", "1")
    assert ended.status == 1
    assert ended.out.splitlines() == [f"{first}  10.1.0.5/24", f"{second}  failed", f"{third}  10.1.0.5/24"]
    assert ended.err.splitlines() == [
        f'cnictl: {second}: plugin "mine" failed (ADD): not now (code 50)',
        "  everything was undone: DEL succeeded for every plugin of the chain",
        "cnictl: 1 of 3 attachments failed",
    ]


def test_many_containers_as_json(place):
    place.refuse(f"ADD {place.namespaces[1]}")
    data = place.exec("add", *place.namespaces, "-f", "json", "--trace").data
    assert is_described(data)
    assert data["summary"] == {"done": 2, "failed": 1}
    first, second, _ = data["attachments"]
    assert (first["result"]["ips"], first["error"]) == ([{"address": "10.1.0.5/24"}], None)
    assert (second["result"], second["error"]["code"]) == (None, 50)
    assert [run["verb"] for run in second["exchanges"]] == ["VERSION", "ADD", "DEL"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--container-id", "c1"), "--container-id is one name for 3 containers"),
        (("--jobs", "0"), "--jobs is 0, and it must be 1 or more"),
        (("--timeout", "0"), "--timeout is 0, and it must be more than 0"),
        (("--lock-timeout", "-1"), "--lock-timeout is -1, and it must be more than 0"),
    ],
)
def test_what_many_containers_cannot_have(place, more, message):
    ended = place.exec("add", *place.namespaces, *more)
    assert (ended.status, ended.err.splitlines()[0]) == (2, f"cnictl: {message}")
    assert place.log == []


def test_a_container_that_is_named_twice(place):
    ended = place.exec("add", place.namespaces[0], place.namespaces[0])
    assert (ended.status, ended.err) == (2, f"cnictl: {place.namespaces[0]} is named twice\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_many_containers_that_are_interrupted_are_undone_or_not_begun(place, number):
    (place.directory / "mine.hang").write_text("")
    script = place.plugin.read_text().replace("exec sleep 60", "sleep 1")
    place.plugin.write_text(script)
    command = [*CNICTL, "exec", "add", "pods", *place.namespaces, "--jobs", "1", *place.options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (place.directory / "mine.began").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "cnictl: stopping; waiting for 1 attachment to be undone or ended" in err
    assert err.endswith("cnictl: interrupted: 2 attachments not begun\n")
    assert place.log in ([f"ADD {place.namespaces[0]}"], [f"ADD {place.namespaces[0]}", f"DEL {place.namespaces[0]}"])
    assert out


# Locks, and configs that are gone


def test_a_container_that_is_being_worked_on_is_named_with_who_does_it(place):
    (place.directory / "mine.hang").write_text("")
    arguments = ["exec", "add", "pods", place.namespaces[0], *place.options]
    with subprocess.Popen([*CNICTL, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
        while not (place.directory / "mine.began").exists():
            time.sleep(0.02)
        ended = place.exec("add", place.namespaces[0], "--lock-timeout", "0.1")
        elsewhere = place.exec("gc", "--lock-timeout", "0.1")
        first.terminate()
    assert ended.status == 2
    assert f"is in use by process {first.pid} (" in ended.err
    assert "exec add pods" in ended.err
    assert elsewhere.err.startswith('cnictl: the network "pods" is in use by process ')


def test_del_takes_the_config_of_add_when_the_directory_has_it_no_more(place):
    place.exec("add", place.namespaces[0])
    place.network.unlink()
    assert place.log
    ended = place.exec("del", place.namespaces[0])
    conf_dir = place.network.parent
    assert ended == (
        0,
        "",
        f'cnictl: note: {conf_dir} has no network "pods": taking what the container was added with\n',
    )
    assert place.log == [f"DEL {place.namespaces[0]}"]
    assert place.exec("del", place.namespaces[0]).status == 2
