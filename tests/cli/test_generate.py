"""``cnictl generate``."""

from __future__ import annotations

import io
import json
import stat

import pytest

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


def test_the_options_of_a_kind_come_from_the_schema_of_its_plugin(cnictl):
    given = ("generate", "macvlan", "--name", "lab", "--ipam", "dhcp", "--master", "eth1", "--mode", "private")
    assert cnictl(*given).data["plugins"] == [
        {"type": "macvlan", "mode": "private", "master": "eth1", "ipam": {"type": "dhcp"}}
    ]
    assert "--mode bridge|private|vepa|passthru" in cnictl("generate", "macvlan", "--help").out
    ended = cnictl("generate", "macvlan", "--name", "lab", "--ipam", "dhcp", "--mode", "brige")
    assert (ended.status, ended.err) == (
        2,
        'cnictl: --mode is "brige"\n  hint: it can be bridge, private, vepa, passthru\n',
    )


def test_flags_can_be_denied_and_values_can_be_json(cnictl):
    interface = cnictl(*GIVEN, "--no-ip-masq", "--vlan-trunk", '[{"id": 101}]').data["plugins"][0]
    assert (interface["ipMasq"], interface["vlanTrunk"]) == (False, [{"id": 101}])


def test_help_lists_kinds_and_a_kind_of_a_vendor_has_help_too(cnictl):
    listed = cnictl("generate", "--help").out
    assert all(f"\n  {kind} " in listed for kind in ("bridge", "host-device", "loopback", "vlan"))
    assert all(vendor in listed for vendor in ("calico", "cilium-cni", "flannel", "weave-net"))
    assert "--datastore-type " in cnictl("generate", "calico", "--help").out


def test_a_kind_is_missing_unless_one_asks_to_be_asked(cnictl, monkeypatch):
    assert "missing argument 'KIND'" in cnictl("generate").err
    monkeypatch.setattr("sys.stdin", io.StringIO("vlan\nlab\neth0\n100\nnone\n"))
    ended = cnictl("generate", "--interactive")
    assert "vlan gives out" not in ended.err
    monkeypatch.setattr("sys.stdin", io.StringIO("vlan\nlab\neth0\n100\n10.7.0.0/24\n"))
    ended = cnictl("generate", "--interactive")
    assert ended.data["plugins"][0]["vlanId"] == 100
    assert ended.data["plugins"][0]["ipam"]["ranges"] == [[{"subnet": "10.7.0.0/24"}]]


def test_only_what_is_missing_is_asked_for(cnictl, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("maybe\ny\nn\n"))
    ended = cnictl(*GIVEN, "--interactive")
    assert [plugin["type"] for plugin in ended.data["plugins"]] == ["bridge", "portmap"]
    assert "Name of the network" not in ended.err


@pytest.mark.parametrize("typed", ["", "bridge\n", "bridge\npods\n10.1.0.0/16\n"])
def test_an_input_that_ends_too_early_is_no_interrupt(cnictl, monkeypatch, typed):
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    ended = cnictl("generate", "--interactive")
    assert (ended.status, ended.out) == (2, "")
    assert "the input ended before every question was answered" in ended.err


def test_nothing_is_asked_for_without_being_told_to(cnictl, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("pods\n"))
    assert "missing option '--name'" in cnictl("generate", "bridge").err


def test_a_runtime_picks_the_file_name(cnictl, tmp_path):
    given = (*GIVEN, "--runtime", "containerd", "--conf-dir", tmp_path)
    ended = cnictl(*given)
    path = tmp_path / "10-pods.conflist"
    assert (ended.status, ended.out, ended.err) == (0, "", f"wrote {path}, which containerd loads\n")
    assert cnictl("validate", "--strict", "--runtime", "containerd", tmp_path).status == 0
    again = ("generate", "ptp", "--name", "more", "--subnet", "10.2.0.0/16", "--runtime", "containerd")
    assert "would not any more" in cnictl(*again, "--conf-dir", tmp_path).err
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["10-pods.conflist"]
    assert cnictl(*again, "--conf-dir", tmp_path, "--shadow", "-q").err == ""
    files = cnictl("networks", "--conf-dir", tmp_path, "-f", "json").data["files"]
    assert [file["name"] for file in files if file["verdicts"]["containerd"]["default"]] == ["10-more.conflist"]


def test_options_that_do_not_go_together(cnictl, tmp_path):
    for more, message in (
        (("--shadow",), "--shadow goes with --runtime"),
        (("--runtime", "containerd", "-o", tmp_path / "x"), "-o names a file, and --runtime picks one"),
        (("--runtime", "dockerd"), '"dockerd" is no runtime'),
        (("--route", "10.9.0.0/16", "--no-routes"), "--route sets a route"),
        (("--tuning", "net.x"), "is not of the form KEY=VALUE"),
    ):
        ended = cnictl(*GIVEN, *more)
        assert ended.status == 2
        assert message in ended.err


def test_a_schema_of_ones_own_is_a_kind(cnictl, tmp_path):
    schema = {"description": "Mine.", "x-cnictl": {"role": "interface"}, "properties": {"speed": {"type": "integer"}}}
    (tmp_path / "mine.schema.json").write_text(json.dumps(schema))
    given = ("generate", "--schema-dir", tmp_path, "mine")
    assert "--speed NUMBER" in cnictl(*given, "--help").out
    ended = cnictl(*given, "--name", "fast", "--speed", "9", "--ipam", "none")
    assert ended.data["plugins"] == [{"type": "mine", "speed": 9}]
    assert cnictl("generate", "mine", "--name", "fast").status == 2


def test_a_schema_that_the_settings_name_is_a_kind_too(cnictl, tmp_path, monkeypatch):
    schema = {"x-cnictl": {"role": "interface"}, "properties": {"speed": {"type": "integer"}}}
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mine.schema.json").write_text(json.dumps(schema))
    (tmp_path / ".cnictl.toml").write_text('schema-dirs = ["own"]')
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    ended = cnictl("generate", "mine", "--name", "fast", "--speed", "9", "--ipam", "none")
    assert ended.data["plugins"] == [{"type": "mine", "speed": 9}]
    monkeypatch.setattr("sys.stdin", io.StringIO("mine\nfast\nnone\nn\nn\n"))
    asked = cnictl("generate", "--interactive")
    assert asked.data["plugins"][0]["type"] == "mine", asked.err
    (tmp_path / ".cnictl.toml").write_text("schema-dirs = 5")
    assert cnictl("generate", "mine", "--name", "fast").err.startswith(f"cnictl: {tmp_path}/.cnictl.toml: line 1: ")


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("settings", ["[", 'schema-dirs = ["nowhere"]'])
def test_settings_that_cannot_be_read_do_not_hide_the_help(cnictl, tmp_path, monkeypatch, settings, option):
    (tmp_path / ".cnictl.toml").write_text(settings)
    monkeypatch.chdir(tmp_path)
    assert cnictl(*GIVEN).status == 2
    ended = cnictl("generate", "bridge", option)
    assert (ended.status, ended.err) == (0, "")
    assert "--is-gateway" in ended.out


def test_keys_whose_options_would_be_called_alike(cnictl, tmp_path):
    flag, word = {"type": "boolean"}, {"type": "string"}
    keys = {
        "log-level": word,
        "log_level": word,
        "name": word,
        "subnet": word,
        "routes": flag,
        "help": word,
        "class": word,
    }
    schema = {"x-cnictl": {"role": "interface"}, "properties": keys}
    (tmp_path / "mine.schema.json").write_text(json.dumps(schema))
    given = ("generate", "--schema-dir", tmp_path, "mine", "--name", "fast", "--ipam", "none", "--class", "c")
    mine = ("--log-level", "a", "--mine-log-level", "b", "--mine-subnet", "d", "--no-mine-routes", "--mine-help", "e")
    assert cnictl(*given, *mine).data["plugins"] == [
        {"type": "mine", "log-level": "a", "log_level": "b", "subnet": "d", "routes": False, "help": "e", "class": "c"}
    ]


def test_a_key_that_a_schema_requires_and_does_not_describe(cnictl, tmp_path, monkeypatch):
    colours = {"type": "array", "items": {"type": "string"}, "examples": [["red"]]}
    properties = {"type": {"const": "mine"}, "colours": colours}
    schema = {"x-cnictl": {"role": "interface"}, "required": ["colour", "colours"], "properties": properties}
    (tmp_path / "mine.schema.json").write_text(json.dumps(schema))
    given = ("generate", "--schema-dir", tmp_path, "mine", "--name", "fast", "--ipam", "none")
    assert "mine needs --colour" in cnictl(*given).err
    told = cnictl(*given, "--colour", "[1]", "--colours", "a", "--colours", "b")
    assert told.data["plugins"] == [{"type": "mine", "colours": ["a", "b"], "colour": [1]}]
    monkeypatch.setattr("sys.stdin", io.StringIO("red\nblue, green\nn\nn\n"))
    asked = cnictl(*given, "--interactive").data["plugins"]
    assert asked == [{"type": "mine", "colours": ["blue", "green"], "colour": "red"}]
    assert "--colour null" in cnictl("generate", "--schema-dir", tmp_path, "mine", "--help").out
