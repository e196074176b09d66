"""``cnictl plugins``."""

from __future__ import annotations

import os
import re
import time

import pytest

from tests.arch.test_laziness import HEAVY, loaded_by
from tests.cli.test_validate_json import require_documented
from tests.support.plugins import write_plugin
from tests.support.terminal import show, too_wide

ANSWER = 'echo \'{"cniVersion": "1.1.0", "supportedVersions": [%s]}\''


def speaking(*versions):
    """The script of a plugin that speaks these versions."""
    return ANSWER % ", ".join(f'"{version}"' for version in versions)


@pytest.fixture
def first(tmp_path):
    return tmp_path / "first"


@pytest.fixture
def second(tmp_path):
    return tmp_path / "second"


@pytest.fixture
def listed(cnictl, first, second):
    """Runs the command for the directories of the test."""
    return lambda *arguments: cnictl("plugins", "--bin-dir", first, "--bin-dir", second, *arguments)


@pytest.fixture
def mixed(first, second):
    """One of everything."""
    write_plugin(first, speaking("0.3.1", "0.4.0", "1.0.0", "1.1.0"), name="bridge")
    write_plugin(first, "echo hello", name="talks")
    write_plugin(first, "exit 3", name="fails")
    write_plugin(first, "true", name="elsewhere", interpreter="/no/such/interpreter")
    (first / "LICENSE").write_text("text")
    (first / "unset").write_text("#!/bin/sh\n")
    (first / "folder").mkdir()
    (first / "dangling").symlink_to("nowhere")
    write_plugin(second, speaking("0.3.1"), name="bridge")
    write_plugin(second, speaking("0.3.1"), name="ptp")
    (second / "link").symlink_to("ptp")


def by_type(ended):
    return {plugin["path"] or plugin["type"]: plugin for plugin in ended.data["plugins"]}


@pytest.mark.parametrize(
    ("versions", "verbs", "spoken"),
    [
        (["0.1.0"], "ADD, DEL", "0.1.0"),
        (["0.1.0", "0.2.0"], "ADD, DEL", "0.1.0, 0.2.0"),
        (["0.1.0", "0.2.0", "0.3.0", "0.3.1"], "ADD, DEL", "0.1.0 to 0.3.1"),
        (["0.4.0", "1.0.0"], "ADD, DEL, CHECK", "0.4.0, 1.0.0"),
        (["1.0.0", "0.4.0", "1.1.0"], "ADD, DEL, CHECK, GC, STATUS", "0.4.0 to 1.1.0"),
        (["0.3.0", "0.4.0", "1.1.0"], "ADD, DEL, CHECK, GC, STATUS", "0.3.0, 0.4.0, 1.1.0"),
        (["1.0.0", "9.0", "v2"], "ADD, DEL, CHECK", "1.0.0, 9.0, v2"),
        (["9.0"], "ADD, DEL", "9.0"),
    ],
    ids=str,
)
def test_the_verbs_follow_from_the_versions(cnictl, first, versions, verbs, spoken):
    write_plugin(first, speaking(*versions), name="mine")
    ended = cnictl("plugins", "--bin-dir", first)
    assert ended == (0, f"{first}\n  mine  {verbs}; speaks {spoken}\n", "")


def test_every_file_is_told(listed, mixed, first, second):
    ended = listed("-f", "json")
    require_documented("plugins", ended.data)
    assert ended.status == 0
    told = {path.removeprefix(str(first.parent)): plugin["status"] for path, plugin in by_type(ended).items()}
    assert told == {
        "/first/LICENSE": "other",
        "/first/bridge": "ok",
        "/first/dangling": "other",
        "/first/elsewhere": "broken",
        "/first/fails": "silent",
        "/first/folder": "other",
        "/first/talks": "silent",
        "/first/unset": "other",
        "/second/bridge": "shadowed",
        "/second/link": "ok",
        "/second/ptp": "ok",
    }
    plugins = by_type(ended)
    assert plugins[f"{first}/bridge"]["verbs"] == ["ADD", "DEL", "CHECK", "GC", "STATUS"]
    assert plugins[f"{second}/bridge"]["reason"] == f"{first}/bridge is found before it"
    assert plugins[f"{second}/bridge"]["versions"] == []


def test_what_is_no_plugin_has_a_reason_and_a_way_out(listed, mixed, first):
    plugins = by_type(listed("-f", "json"))
    assert plugins[f"{first}/LICENSE"]["hint"] is None
    assert plugins[f"{first}/unset"]["reason"] == "it is not executable"
    assert plugins[f"{first}/unset"]["hint"] == f"chmod 755 {first}/unset"
    assert plugins[f"{first}/folder"]["reason"] == "it is a directory"
    assert plugins[f"{first}/dangling"]["reason"] == "the link leads nowhere"
    assert "cannot be started" in plugins[f"{first}/elsewhere"]["reason"]
    assert "interpreter or loader is missing" in plugins[f"{first}/elsewhere"]["hint"]
    assert plugins[f"{first}/talks"]["reason"].endswith('printed no JSON: "hello"')
    assert "exit status 3" in plugins[f"{first}/fails"]["reason"]


def test_only_some(listed, mixed, first):
    ended = listed("bridge", "ptp")
    assert ended.status == 0
    assert [line.split()[0] for line in ended.out.splitlines()[1:]] == [
        "bridge",
        f"{first.parent}/second",
        "bridge",
        "ptp",
    ]


@pytest.mark.parametrize("name", ["talks", "fails", "elsewhere", "folder", "unset", "none", "../first/bridge"])
def test_one_that_was_asked_for_and_cannot_be_used_is_a_no(listed, mixed, name):
    assert listed("bridge", name).status == 1
    assert listed("bridge", name, "-f", "json").status == 1


def test_one_that_is_missing_comes_with_a_hint(listed, mixed):
    ended = listed("brigde", "no-such-thing", "brigde")
    assert ended.status == 1
    assert ended.out.count('plugin "brigde" is not in') == 1
    assert "hint: did you mean bridge?" in ended.out
    assert "hint: install the product that brings no-such-thing" in ended.out
    plugins = by_type(listed("brigde", "-f", "json"))
    assert (plugins["brigde"]["status"], plugins["brigde"]["path"]) == ("missing", None)


def test_a_directory_that_is_missing_is_told(listed, first, second):
    write_plugin(first, speaking("1.0.0"), name="bridge")
    ended = listed()
    assert ended.status == 0
    assert f"{second}: no such file or directory\n" in ended.out
    errors = [directory["error"] for directory in listed("-f", "json").data["directories"]]
    assert errors == [None, "no such file or directory"]


def test_no_directory_at_all(listed, first):
    ended = listed()
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(f"cnictl: {first}: no such file or directory")
    assert listed("bridge").status == 1


def test_an_empty_directory(cnictl, tmp_path):
    assert cnictl("plugins", "--bin-dir", tmp_path) == (0, f"{tmp_path}: no plugins\n", "")


def test_the_directories_of_the_environment(cnictl, first, second, mixed, monkeypatch):
    monkeypatch.setenv("CNI_PATH", f"{second}{os.pathsep}{first}{os.pathsep}{second}")
    data = cnictl("plugins", "bridge", "-f", "json").data
    assert [directory["path"] for directory in data["directories"]] == [str(second), str(first)]
    assert [plugin["status"] for plugin in data["plugins"]] == ["ok", "shadowed"]


def test_a_file_that_cannot_be_run_shadows_too(cnictl, first, second, mixed):
    write_plugin(second, speaking("1.0.0"), name="unset")
    ended = cnictl("plugins", "unset", "--bin-dir", first, "--bin-dir", second, "-f", "json")
    assert [plugin["status"] for plugin in ended.data["plugins"]] == ["other", "shadowed"]
    assert ended.status == 1


def test_plugins_are_asked_with_version_and_without_the_environment(cnictl, first, monkeypatch):
    write_plugin(first, f'env >"$0.env"; cat >"$0.in"; {speaking("1.0.0")}', name="mine")
    monkeypatch.setenv("SECRET", "told")
    assert cnictl("plugins", "mine", "--bin-dir", first).status == 0
    environment = (first / "mine.env").read_text()
    assert "CNI_COMMAND=VERSION" in environment
    assert "SECRET" not in environment
    assert (first / "mine.in").read_text() == '{"cniVersion":"1.1.0"}'


def test_those_that_hang_are_waited_for_together(cnictl, first, monkeypatch):
    monkeypatch.setattr("cnictl.cli.plugins._PATIENCE", 0.5)
    for number in range(8):
        write_plugin(first, "sleep 60", name=f"hangs{number}")
    began = time.monotonic()
    ended = cnictl("plugins", "--bin-dir", first)
    assert time.monotonic() - began < 3
    assert ended.out.count("did not end within 0.5 s and was stopped") == 8


def test_escape_sequences_are_shown_and_not_obeyed(cnictl, first):
    write_plugin(first, "printf 'a\\033[2Jb'", name="a\x1b[2J")
    write_plugin(first, speaking("1.0.0", "\\\\u001b[2J"), name="b")
    out = cnictl("plugins", "--bin-dir", first).out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 3


@pytest.mark.parametrize("columns", [40, 80])
def test_no_line_is_wider_than_the_terminal(mixed, first, second, columns):
    call = ["plugins", "--bin-dir", str(first), "--bin-dir", str(second)]
    shown = show(*call, columns=columns, NO_COLOR="1")
    assert too_wide(shown, columns) == []
    coloured = show(*call, columns=columns)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown


def test_nothing_heavy_is_loaded(mixed, first):
    assert loaded_by("plugins", "--bin-dir", str(first)) & HEAVY == set()
