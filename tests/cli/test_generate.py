"""``cnictl generate``."""

from __future__ import annotations

import json
import stat

GIVEN = ("generate", "bridge", "--name", "pods", "--subnet", "10.1.0.0/16")


def test_a_config_goes_to_stdout(cnictl):
    ended = cnictl(*GIVEN, "--portmap", "--bandwidth")
    assert (ended.status, ended.err) == (0, "")
    assert [plugin["type"] for plugin in ended.data["plugins"]] == ["bridge", "portmap", "bandwidth"]
    assert ended.data["plugins"][1]["capabilities"] == {"portMappings": True}
    assert ended.data["plugins"][0]["ipam"]["ranges"] == [[{"subnet": "10.1.0.0/16"}]]


def test_two_families(cnictl):
    ipam = cnictl(*GIVEN, "--subnet", "fd00:1::/64").data["plugins"][0]["ipam"]
    assert ipam["ranges"] == [[{"subnet": "10.1.0.0/16"}], [{"subnet": "fd00:1::/64"}]]
    assert ipam["routes"] == [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]


def test_options_reach_the_config(cnictl):
    data = cnictl(*GIVEN, "--bridge", "cni7", "--mtu", "1400", "--cni-version", "0.4.0").data
    assert data["cniVersion"] == "0.4.0"
    assert (data["plugins"][0]["bridge"], data["plugins"][0]["mtu"]) == ("cni7", 1400)


def test_a_file_is_written_whole_and_keeps_its_mode(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    assert cnictl(*GIVEN, "-o", path) == (0, "", "")
    assert json.loads(path.read_text())["name"] == "pods"
    path.chmod(0o640)
    cnictl(*GIVEN, "--mtu", "1400", "-o", path)
    assert json.loads(path.read_text())["plugins"][0]["mtu"] == 1400
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["net.conflist"]


def test_nothing_is_written_when_the_config_cannot_be_made(cnictl, tmp_path):
    ended = cnictl("generate", "bridge", "--name", "x", "--subnet", "10.1.0.0/99", "-o", tmp_path / "net.conflist")
    assert ended.status == 2
    assert list(tmp_path.iterdir()) == []
