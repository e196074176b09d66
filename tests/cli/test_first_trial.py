"""What people who tried the program ran into, once each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CNICTL = Path(sys.executable).parent / "cnictl"
NAD = "{kind: NetworkAttachmentDefinition, spec: {config: '%s'}}\n"
BRIDGE = {"cniVersion": "1.0.0", "name": "a", "plugins": [{"type": "bridge", "isGateway": True}]}


def codes(ended) -> list[str]:
    return [finding["code"] for file in ended.data["files"] for finding in file["findings"]]


@pytest.mark.parametrize("directory", [".", "./", "../here"])
def test_a_manifest_in_the_current_directory_is_mended_as_a_manifest(cnictl, tmp_path, monkeypatch, directory):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (here / "nad.yaml").write_text("# remark\n" + NAD % '{"cniVersion":"1.0.0","type":"bridge","mtu":"1500"}')
    cnictl("validate", "--fix", directory)
    assert (here / "nad.yaml").read_text() == "# remark\n" + NAD % '{"cniVersion":"1.0.0","type":"bridge","mtu":1500}'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"cniVersion":"1.0.0","name":"a","plugins":[{"type":"bridge","isGateway":true,"_see":"$WIKI"},]}', "CNI005"),
        ('{"cniVersion":"1.0.0","name":"a","plugins":[{"type":"bridge","mtu":__MTU__,"isGateway":true},]}', "CNI005"),
        ('{"cniVersion":"1.0.0","name":"a-$USER" "plugins":[{"type":"bridge","isGateway":true}]}', "CNI007"),
        ('{"cniVersion":"1.0.0","name":"a","plugins":[{"type":"bridge","ISGATEWAY":"yes"}]}', "CNI402"),
        ('{"cniVersion":"1.0.0","name":"a","plugins":[{"type":"macvlan","MODE":"brigde"}]}', "CNI403"),
        ('{"cniVersion":"1.0.0","name":"a","plugins":[{"type":"bridge","pa":"pa$word"},]}', "CNI005"),
    ],
)
def test_a_placeholder_excuses_only_what_it_stands_for(cnictl, tmp_path, text, found):
    path = tmp_path / "net.conflist"
    path.write_text(text)
    assert found in codes(cnictl("validate", "-f", "json", path))


def test_a_key_in_another_letter_case_is_the_key(cnictl, tmp_path):
    ipam = {"type": "host-local", "Subnet": "10.3.0.0/16"}
    path = tmp_path / "net.conflist"
    path.write_text(json.dumps({**BRIDGE, "plugins": [{"type": "bridge", "ipam": ipam}]}))
    assert codes(cnictl("validate", "-f", "json", path)) == ["CNI406"]


def test_other_json_in_a_config_map_is_no_config(cnictl, tmp_path):
    path = tmp_path / "multus.yaml"
    config = {"chrootDir": "/hostroot", "cniVersion": "0.3.1", "socketDir": "/host/run/multus/"}
    path.write_text(json.dumps({"kind": "ConfigMap", "data": {"daemon-config.json": json.dumps(config)}}))
    assert codes(cnictl("validate", "-f", "json", path)) == ["CNI024"]


def test_a_config_is_not_lost_to_a_baseline(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    path.write_text(json.dumps(BRIDGE))
    ended = cnictl("validate", "--write-baseline", path, path)
    assert ended.status == 2
    assert path.read_text() == json.dumps(BRIDGE)
    ended = cnictl("validate", "--write-baseline", tmp_path / "known.json", tmp_path / "no.conflist")
    assert ended.status == 2
    assert not (tmp_path / "known.json").exists()


@pytest.mark.parametrize(
    ("redirection", "status"), [(">&-", 1), ("2>&-", 1), (">&- 2>&-", 1), ("<&-", 1), ("<&- >&- 2>&-", 1)]
)
def test_closed_streams_end_in_no_traceback(tmp_path, redirection, status):
    path = tmp_path / "net.conflist"
    path.write_text("{")
    done = subprocess.run(
        ["/bin/sh", "-c", f"{CNICTL} validate {path} {redirection}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    assert "Traceback" not in done.stdout + done.stderr


def test_github_is_given_no_escape_codes(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    path.write_text(json.dumps({**BRIDGE, "name": "a\u001b[2J"}))
    assert "\x1b" not in cnictl("validate", "-f", "github", path).out


def test_a_schema_of_ones_own_need_not_name_what_every_plugin_is_given(cnictl, tmp_path):
    (tmp_path / "mine.schema.json").write_text('{"additionalProperties": false, "properties": {"speed": {}}}')
    plugin = {"type": "mine", "speed": 1, "capabilities": {"mac": True}, "args": {}, "dns": {}}
    path = tmp_path / "net.conflist"
    path.write_text(json.dumps({**BRIDGE, "plugins": [plugin]}))
    assert codes(cnictl("validate", "-f", "json", "--schema-dir", tmp_path, path)) == []


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ('{"$ref": "../common.schema.json#/$defs/nope"}', "refers to"),
        ('{"properties": {"x": {"$ref": "https://example.org/x.json"}}}', "refers to"),
        ('{"x-cnictl": {"role": "banana"}}', '"x-cnictl".role is not as it must be'),
        ('{"x-cnictl": {"role": "other", "versions": {"from": "9"}}}', '"x-cnictl".versions.from'),
        ('{"x-cnictl": []}', '"x-cnictl" is not as it must be'),
        ('{"type": "nothing"}', "is no JSON Schema"),
        ("[]", "a schema is a JSON object"),
        ("{", "is no JSON"),
    ],
)
def test_a_schema_that_is_none_is_one_clear_error(cnictl, tmp_path, schema, reason):
    (tmp_path / "mine.schema.json").write_text(schema)
    path = tmp_path / "net.conflist"
    path.write_text(json.dumps(BRIDGE))
    ended = cnictl("validate", "--schema-dir", tmp_path, path)
    assert ended.status == 2
    assert reason in ended.err
    assert "bug" not in ended.err


def test_a_fix_that_would_break_another_thing_is_left_out(cnictl, tmp_path):
    plugins: list[dict[str, object]] = [
        {"type": "bridge", "isGatewayy": "10.1.0.1", "isGateway": True},
        {"type": "tuning", "mtu": "1450"},
    ]
    path = tmp_path / "net.conflist"
    path.write_text(json.dumps({**BRIDGE, "plugins": plugins}))
    cnictl("validate", "--fix", path)
    plugins[1]["mtu"] = 1450
    assert json.loads(path.read_text())["plugins"] == plugins


def test_a_file_that_works_keeps_its_name_in_a_directory(cnictl, tmp_path):
    single = {"cniVersion": "1.0.0", "name": "a", "type": "bridge", "isGateway": True}
    (tmp_path / "10-a.conf").write_text(json.dumps(single))
    cnictl("validate", "--fix", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["10-a.conf"]
    cnictl("validate", "--fix", tmp_path / "10-a.conf")
    assert [path.name for path in tmp_path.iterdir()] == ["10-a.conflist"]
