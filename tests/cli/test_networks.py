"""``cnictl networks``."""

from __future__ import annotations

import json
import os
import re

import pytest

from tests.arch.test_laziness import HEAVY, loaded_by
from tests.cli.test_validate_json import require_documented
from tests.support.command import PROJECT
from tests.support.terminal import show, too_wide
from tests.support.users import let_in, ordinary_user

EXAMPLES = str(PROJECT / "docs" / "examples")


def config(name="pods", *types, **more):
    plugins = [{"type": plugin} for plugin in types or ("bridge", "portmap")]
    return json.dumps({"cniVersion": "1.0.0", "name": name, "plugins": plugins} | more)


@pytest.fixture
def conf_dir(tmp_path):
    directory = tmp_path / "net.d"
    directory.mkdir()
    return directory


@pytest.fixture
def listed(cnictl, conf_dir):
    """Runs the command for the directory of the test."""
    return lambda *arguments: cnictl("networks", "--conf-dir", conf_dir, *arguments)


@pytest.fixture
def mixed(conf_dir):
    """Two networks, a broken file, and what nobody reads."""
    (conf_dir / "10-pods.conflist").write_text(config())
    (conf_dir / "20-storage.conf").write_text('{"cniVersion": "0.4.0", "name": "storage", "type": "macvlan"}')
    (conf_dir / "30-broken.conflist").write_text("{,}")
    (conf_dir / "README").touch()


def test_a_table_of_files_and_runtimes(listed, mixed):
    ended = listed()
    assert (ended.status, ended.err) == (0, "")
    table = [re.split(" {2,}", line) for line in ended.out.split("\n\n")[0].splitlines()]
    assert table == [
        ["file", "containerd", "cri-o", "libcni", "multus"],
        ["10-pods.conflist", "default", "default", "loaded", "default"],
        ["20-storage.conf", "passed over", "loaded", "passed over", "passed over"],
        ["30-broken.conflist", "passed over", "refused", "refused", "passed over"],
    ]


def test_below_it_what_is_in_each_file_and_why(listed, mixed):
    lines = listed("--runtime", "libcni").out.splitlines()
    assert '  network "pods", cniVersion 1.0.0, bridge -> portmap' in lines
    assert '  loaded       libcni: it is found by its network\'s name, "pods"' in lines
    assert "  no network that can be read" in lines
    assert any(line.startswith("  refused      libcni: libcni gives up at this file") for line in lines)
    assert lines[-1] == "README: ignored: its name ends in none of .conflist, .conf, .json"


def test_runtimes_that_say_the_same_share_a_line(listed, conf_dir):
    for name in ("10-a.conflist", "20-b.conflist"):
        (conf_dir / name).write_text(config())
    out = listed("--runtime", "libcni", "--runtime", "cri-o", "--runtime", "libcni").out
    assert 'passed over  libcni, cri-o: 10-a.conflist has the network "pods" already' in out


def test_as_json(listed, mixed):
    ended = listed("-f", "json")
    require_documented("networks", ended.data)
    assert (ended.status, ended.err) == (0, "")
    assert ended.data["runtimes"] == ["containerd", "cri-o", "libcni", "multus"]
    assert [file["name"] for file in ended.data["files"]] == [
        "10-pods.conflist",
        "20-storage.conf",
        "30-broken.conflist",
        "README",
    ]
    pods, storage, broken, readme = ended.data["files"]
    assert (pods["network"], pods["cniVersion"], pods["plugins"]) == ("pods", "1.0.0", ["bridge", "portmap"])
    assert [verdict["default"] for verdict in pods["verdicts"].values()] == [True, True, False, True]
    assert (storage["network"], storage["plugins"]) == ("storage", ["macvlan"])
    assert storage["verdicts"]["cri-o"]["status"] == "taken"
    assert (broken["network"], broken["verdicts"]["cri-o"]["status"]) == (None, "refused")
    assert {verdict["status"] for verdict in readme["verdicts"].values()} == {"ignored"}


@pytest.mark.parametrize(
    ("runtime", "without"),
    [("containerd", ["containerd"]), ("cri-o", []), ("libcni", []), ("multus", ["multus"])],
)
def test_a_runtime_without_a_network_is_a_no(listed, conf_dir, runtime, without):
    (conf_dir / "05-broken.conf").write_text("{")
    (conf_dir / "10-pods.conflist").write_text(config())
    ended = listed("--runtime", runtime)
    assert ended.status == (1 if without else 0)
    assert ("would have none" in ended.out) is bool(without)
    assert listed("--runtime", runtime, "-f", "json").data["without"] == without


def test_an_empty_directory_has_a_network_for_nobody(listed, conf_dir):
    ended = listed()
    assert ended.status == 1
    assert ended.out.splitlines() == [
        f"no network: {name} would have none from {conf_dir}" for name in ("containerd", "CRI-O", "libcni", "multus")
    ]


def test_a_directory_that_is_not_there(cnictl, tmp_path, monkeypatch):
    ended = cnictl("networks", "--conf-dir", tmp_path / "none")
    assert (ended.status, ended.out) == (2, "")
    assert "no such file or directory" in ended.err
    monkeypatch.setenv("NETCONFPATH", str(tmp_path / "other"))
    assert f"{tmp_path}/other" in cnictl("networks").err


def test_an_unknown_runtime(listed):
    ended = listed("--runtime", "docker")
    assert ended.status == 2
    assert "there are containerd, cri-o, libcni, multus" in ended.err


def test_drop_ins_are_named(listed, conf_dir):
    (conf_dir / "10-pods.conflist").write_text(config())
    (conf_dir / "pods").mkdir()
    (conf_dir / "pods" / "10-tuning.conf").write_text('{"type": "tuning"}')
    (conf_dir / "pods" / "README").touch()
    assert "bridge -> portmap, and the plugins in pods/10-tuning.conf\n" in listed().out
    assert listed("-f", "json").data["files"][0]["dropIns"] == ["pods/10-tuning.conf"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"type": "bridge"}', "a network without a name, no cniVersion, bridge"),
        ('{"name": "pods", "plugins": []}', 'network "pods", no cniVersion, no plugins'),
        ('{"name": "pods", "plugins": [{"type": 7}]}', 'network "pods", no cniVersion, ?'),
        ("[]", "no network that can be read"),
        ("", "no network that can be read"),
    ],
    ids=str,
)
def test_what_a_file_lacks(listed, conf_dir, text, shown):
    (conf_dir / "10-net.conf").write_text(text)
    assert f"  {shown}\n" in listed().out


def test_a_file_that_this_user_may_not_read(listed, conf_dir, tmp_path):
    (conf_dir / "10-pods.conflist").write_text(config())
    (conf_dir / "20-secret.conflist").write_text(config("secret"))
    (conf_dir / "20-secret.conflist").chmod(0)
    let_in(conf_dir)
    with ordinary_user():
        text, data = listed(), listed("-f", "json")
    assert (text.status, data.status) == (2, 2)
    assert re.search(r"20-secret.conflist( +unknown){4}\n", text.out)
    assert "it cannot be read by this user" in text.out
    assert text.err == f"cnictl: {conf_dir}/20-secret.conflist: permission denied\n"
    require_documented("networks", data.data)
    assert [file["readable"] for file in data.data["files"]] == [True, False]
    assert len(data.data["errors"]) == 1


def test_links_that_lead_nowhere_and_pipes_are_told_and_never_waited_for(listed, conf_dir):
    (conf_dir / "10-gone.conflist").symlink_to("nowhere")
    os.mkfifo(conf_dir / "20-pipe.conflist")
    ended = listed("--runtime", "cri-o")
    assert ended.status == 1
    assert ended.out.count("  refused      cri-o: ") == 2


def test_escape_sequences_are_shown_and_not_obeyed(listed, conf_dir):
    (conf_dir / "10-\x1b[2J.conflist").write_text(config("a\x1b[2J\nb", "c\x1b[2J"))
    ended = listed()
    assert "\x1b" not in ended.out
    assert "\nb" not in ended.out


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(columns):
    call = ("networks", "--conf-dir", EXAMPLES)
    shown = show(*call, columns=columns, NO_COLOR="1")
    assert too_wide(shown, columns) == []
    assert ("containerd   cri-o" in shown) is (columns >= 80)
    coloured = show(*call, columns=columns)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown


def test_nothing_heavy_is_loaded():
    assert loaded_by("networks", "--conf-dir", EXAMPLES) & HEAVY == set()
