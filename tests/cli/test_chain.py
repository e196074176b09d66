"""``cnictl chain``."""

from __future__ import annotations

import io
import json
import os
import stat

import pytest
from jsonschema import Draft202012Validator

from tests.support.command import PROJECT

SCHEMA = Draft202012Validator(json.loads((PROJECT / "schemas" / "output" / "chain.schema.json").read_text()))


def types(path):
    return [plugin["type"] for plugin in json.loads(path.read_text())["plugins"]]


def test_the_plugins_are_shown_with_what_they_are_told(cnictl):
    ended = cnictl("chain", "list", PROJECT / "docs/examples/30-bridge.conflist")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "network pods",
        "  1  bridge     addresses from host-local",
        "  2  portmap    is told portMappings",
        "  3  bandwidth  is told bandwidth",
    ]


def test_add_remove_and_move_in_either_order_of_arguments(cnictl, good):
    before = good.read_bytes()
    good.chmod(0o640)
    assert cnictl("chain", "add", "portmap", good) == (
        0,
        f"{good}: portmap is added behind bridge: bridge > portmap\n",
        "",
    )
    assert cnictl("chain", "add", good, "bandwidth").status == 0
    assert types(good) == ["bridge", "portmap", "bandwidth"]
    assert cnictl("validate", "--strict", good).status == 0
    assert cnictl("chain", "move", "portmap", good, "--after", "bandwidth").status == 0
    assert types(good) == ["bridge", "bandwidth", "portmap"]
    assert cnictl("chain", "remove", "bandwidth", good).status == 0
    assert cnictl("chain", "remove", "portmap", good).status == 0
    assert good.read_bytes() == before
    assert stat.S_IMODE(good.stat().st_mode) == 0o640


def test_a_plugin_stands_where_the_schema_says_that_the_settings_name(cnictl, good, monkeypatch):
    (good.parent / "own").mkdir()
    schema = {"x-cnictl": {"role": "chained", "order": 40}, "properties": {"speed": {"type": "integer"}}}
    (good.parent / "own" / "mine.schema.json").write_text(json.dumps(schema))
    (good.parent / ".cnictl.toml").write_text('schema-dirs = ["own"]')
    cnictl("chain", "add", "portmap", good)
    cnictl("chain", "add", "mine", good)
    assert types(good) == ["bridge", "portmap", "mine"]  # portmap has 50, and nothing is known of mine
    cnictl("chain", "remove", "mine", good)
    monkeypatch.chdir(good.parent)
    assert cnictl("chain", "add", "mine", good, "--set", "speed=fast").status == 2
    assert cnictl("chain", "add", "mine", good, "--set", "speed=9").status == 0
    assert types(good) == ["bridge", "mine", "portmap"]
    assert cnictl("chain", "move", "mine", good, "--at", "3").status == 0
    assert cnictl("chain", "move", "mine", good).status == 0
    assert types(good) == ["bridge", "mine", "portmap"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_stays_its_owners(cnictl, good):
    os.chown(good, 1234, 5678)
    cnictl("chain", "add", "portmap", good)
    cnictl("upgrade", good, "--to", "0.4.0")
    assert (good.stat().st_uid, good.stat().st_gid) == (1234, 5678)
    assert json.loads(good.read_text())["cniVersion"] == "0.4.0"


def test_twice_changes_nothing_and_says_so(cnictl, good):
    cnictl("chain", "add", "portmap", good)
    status = good.stat()
    ended = cnictl("chain", "add", "portmap", good)
    assert (ended.status, ended.out) == (0, f"{good}: portmap is in the chain already: bridge > portmap\n")
    assert good.stat().st_mtime_ns == status.st_mtime_ns


def test_check_and_diff_change_nothing(cnictl, good):
    before = good.read_text()
    checked = cnictl("chain", "add", "portmap", good, "--check")
    assert (checked.status, "not written: portmap is added behind bridge" in checked.out) == (1, True)
    shown = cnictl("chain", "add", "portmap", good, "--diff")
    assert shown.status == 1
    assert shown.out.startswith(f"--- {good}\n+++ {good}\n")
    assert '+    {"type": "portmap", "capabilities": {"portMappings": true}}\n' in shown.out
    assert good.read_text() == before
    assert cnictl("chain", "remove", "portmap", good, "--check").status == 0
    assert cnictl("chain", "remove", "portmap", good, "--diff").out == ""


def test_keys_are_read_as_the_schema_has_them(cnictl, good):
    given = ("chain", "add", "tuning", good, "--set", "mtu=1400", "--set", 'sysctl={"net.core.somaxconn": "500"}')
    assert cnictl(*given).status == 0
    tuning = json.loads(good.read_text())["plugins"][1]
    assert tuning == {"type": "tuning", "mtu": 1400, "sysctl": {"net.core.somaxconn": "500"}}
    ended = cnictl("chain", "add", "firewall", good, "--set", "backnd=iptables")
    assert (ended.status, "did you mean backend?" in ended.err) == (2, True)


def test_what_would_be_wrong_is_not_done_unless_forced(cnictl, good):
    before = good.read_text()
    cnictl("chain", "add", "portmap", good)
    ended = cnictl("chain", "move", "portmap", good, "--at", "1")
    assert (ended.status, "CNI301" in ended.err, types(good)) == (2, True, ["bridge", "portmap"])
    forced = cnictl("chain", "move", "portmap", good, "--at", "1", "--force")
    assert forced.status == 0
    assert "but CNI301: portmap needs the result" in forced.out
    assert types(good) == ["portmap", "bridge"]
    assert before != good.read_text()


def test_standard_input_goes_to_standard_output(cnictl, good, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(good.read_bytes())))
    ended = cnictl("chain", "add", "portmap", "-")
    assert [plugin["type"] for plugin in ended.data["plugins"]] == ["bridge", "portmap"]
    assert ended.err == "portmap is added behind bridge\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(good.read_bytes())))
    checked = cnictl("chain", "add", "portmap", "-", "--check", "-f", "json")
    assert (checked.status, checked.data["changed"]) == (1, True)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(good.read_bytes())))
    assert "the new text of stdin goes to stdout" in cnictl("chain", "add", "portmap", "-", "-f", "json").err


def test_json_is_as_its_schema_says(cnictl, good):
    data = {}
    for arguments in (("list", good), ("add", "portmap", good), ("move", "portmap", good, "--at", "1", "--force")):
        data = cnictl("chain", *arguments, "-f", "json").data
        assert [error.message for error in SCHEMA.iter_errors(data)] == []
        assert data["schema"] == "cnictl.chain/1"
    assert data["changed"] is True
    assert data["findings"][0]["code"] == "CNI301"


def test_a_manifest(cnictl, tmp_path):
    path = tmp_path / "nad.yaml"
    config = '{"cniVersion": "1.0.0", "name": "lab", "plugins": [{"type": "ptp", "ipam": {"type": "dhcp"}}]}'
    nad = f"kind: NetworkAttachmentDefinition\nmetadata:\n  name: lab\nspec:\n  config: '{config}'\n"
    path.write_text(f"{nad}---\n{nad.replace('lab', 'test')}")
    assert cnictl("chain", "list", path).out.count("network ") == 2
    assert cnictl("chain", "list", path, "--network", "test").out.count("network ") == 1
    assert "choose one with --network: lab, test" in cnictl("chain", "add", "portmap", path).err
    ended = cnictl("chain", "add", "portmap", path, "--network", "test")
    assert ended.status == 0, ended.err
    assert path.read_text().count("portmap") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--at", "1", "--before", "bridge"), "each name a place"),
        (("--before", "sbr"), "sbr is not in the chain"),
        (("--set", "mtu"), "is not of the form KEY=VALUE"),
        (("--diff", "-f", "json"), "--diff prints a diff, and --format json one document"),
    ],
)
def test_options_that_make_no_sense(cnictl, good, arguments, message):
    ended = cnictl("chain", "add", "tuning", good, *arguments)
    assert (ended.status, message in ended.err) == (2, True)
