"""``cnictl upgrade``."""

from __future__ import annotations

import io
import json
import stat

import pytest
from jsonschema import Draft202012Validator

from tests.support.command import PROJECT
from tests.support.plugins import write_plugin

SCHEMA = Draft202012Validator(json.loads((PROJECT / "schemas" / "output" / "upgrade.schema.json").read_text()))
SINGLE = '{"cniVersion": "0.3.1", "name": "pods", "type": "mine"}\n'


@pytest.fixture
def single(tmp_path):
    path = tmp_path / "10-pods.conf"
    path.write_text(SINGLE)
    return path


def test_a_file_gets_its_new_form_and_name_and_keeps_its_mode(cnictl, single):
    single.chmod(0o600)
    ended = cnictl("upgrade", single, "--to", "1.0.0")
    new = single.with_suffix(".conflist")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[:2] == [
        f"{single}: 0.3.1 to 1.0.0, now {new}",
        '  changed  "cniVersion" is now 1.0.0',
    ]
    assert json.loads(new.read_text()) == {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "mine"}]}
    assert not single.exists()
    assert stat.S_IMODE(new.stat().st_mode) == 0o600
    assert cnictl("validate", "--strict", new).status == 0
    assert cnictl("upgrade", new, "--to", "1.0.0").out == f"{new}: 1.0.0 already\n"


def test_a_name_that_is_taken(cnictl, single):
    single.with_suffix(".conflist").write_text("{}")
    ended = cnictl("upgrade", single, "--to", "1.0.0")
    assert (ended.status, "there is such a file already" in ended.err) == (2, True)
    assert single.read_text() == SINGLE


def test_what_is_lost_is_named_and_asks_for_force(cnictl, good):
    cnictl("chain", "add", "portmap", good)
    before = good.read_text()
    ended = cnictl("upgrade", good, "--to", "0.2.0")
    assert ended.status == 1
    assert "lost     portmap is left out" in ended.out
    assert "say --force if it may be" in ended.err
    assert good.read_text() == before
    assert cnictl("upgrade", good, "--to", "0.2.0", "--force").status == 0
    assert json.loads(good.with_suffix(".conf").read_text())["type"] == "bridge"


def test_check_and_diff_change_nothing(cnictl, single):
    checked = cnictl("upgrade", single, "--to", "1.0.0", "--check")
    assert (checked.status, checked.out.splitlines()[0]) == (1, f"{single}: 0.3.1 to 1.0.0, not written")
    ended = cnictl("upgrade", single, "--to", "1.0.0", "--diff")
    assert ended.status == 1
    assert ended.out.startswith(f"--- {single}\n+++ {single.with_suffix('.conflist')}\n")
    assert "it is a list of one plugin now" in ended.err
    assert single.read_text() == SINGLE
    assert cnictl("upgrade", single, "--to", "0.1.0", "--diff").status == 1
    cnictl("upgrade", single, "--to", "1.0.0")
    assert cnictl("upgrade", single.with_suffix(".conflist"), "--to", "1.0.0", "--check").status == 0


def test_standard_input_goes_to_standard_output(cnictl, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SINGLE.encode())))
    ended = cnictl("upgrade", "-", "--to", "1.0.0")
    assert (ended.status, ended.data["plugins"]) == (0, [{"type": "mine"}])
    assert "it is a list of one plugin now" in ended.err


def test_what_is_lost_on_standard_input_is_not_printed(cnictl, good, monkeypatch):
    cnictl("chain", "add", "portmap", good)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(good.read_bytes())))
    ended = cnictl("upgrade", "-", "--to", "0.2.0")
    assert (ended.status, ended.out) == (1, "")


def test_installed_plugins_are_asked(cnictl, single, tmp_path):
    write_plugin(
        tmp_path / "bin", 'echo \'{"cniVersion": "0.4.0", "supportedVersions": ["0.3.1", "0.4.0"]}\'', name="mine"
    )
    given = ("upgrade", single, "--bin-dir", tmp_path / "bin")
    ended = cnictl(*given, "--to", "1.0.0", "--with-plugins")
    assert (ended.status, "the installed mine does not speak 1.0.0" in ended.out) == (1, True)
    assert cnictl(*given, "--for", "kubernetes").status == 0
    assert json.loads(single.with_suffix(".conflist").read_text())["cniVersion"] == "0.4.0"


def test_json_is_as_its_schema_says(cnictl, single):
    data = cnictl("upgrade", single, "--to", "1.0.0", "-f", "json").data
    assert [error.message for error in SCHEMA.iter_errors(data)] == []
    assert (data["from"], data["to"], data["written"]) == ("0.3.1", "1.0.0", True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say either --to VERSION or --for kubernetes"),
        (("--to", "1.0.0", "--for", "kubernetes"), "say either --to VERSION or --for kubernetes"),
        (("--to", "1.2.0"), "there is no CNI spec 1.2.0"),
        (("--to", "1.0.0", "--diff", "-f", "json"), "--diff prints a diff, and --format json one document"),
        (("--for", "nomad"), 'nothing is known of what suits "nomad"'),
        (("--to", "1.0.0", "--network", "x"), 'no network in it is called "x"'),
    ],
)
def test_what_makes_no_sense(cnictl, single, arguments, message):
    ended = cnictl("upgrade", single, *arguments)
    assert (ended.status, message in ended.err) == (2, True)
