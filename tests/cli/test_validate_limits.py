"""What is too much for ``cnictl validate``, and what it says then."""

from __future__ import annotations

import gc
import json

import pytest

from cnictl.schema import library
from cnictl.text.source import MAX_BYTES
from cnictl.validate.paths import MANIFEST_BYTES
from tests.support.command import run_process

# An end that comes in a destructor is swallowed there, and comes again; that Python tells so is as it should be.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")

CONFIG = '{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "own", "mode": "%s"}]}'
NAD = """\
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: fast}
spec: {config: '{"cniVersion": "1.0.0", "type": "bridge", "colour": "red"}'}
"""


@pytest.fixture(autouse=True)
def _usual_garbage_collection():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_standard_input_may_be_as_large_as_a_file():
    manifest = NAD + "#\n" * MAX_BYTES
    ended = run_process("validate", "-f", "json", "-", stdin=manifest)
    assert [file["plugins"] for file in ended.data["files"]] == [["bridge"]]
    ended = run_process("validate", "-", stdin=CONFIG % ("a" * MAX_BYTES))
    assert (ended.status, ended.err.splitlines()[0]) == (2, "cnictl: <stdin>: is 2.0 MiB, the limit is 2 MiB")
    ended = run_process("validate", "-", stdin=NAD + "#\n" * (MANIFEST_BYTES // 2))
    assert (ended.status, ended.err.splitlines()[0]) == (2, "cnictl: <stdin>: is larger than 32 MiB")


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A schema that takes for ever, two configs of its plugin, and one that it has nothing to do with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(library, "PATIENCE", 0.2)
    (tmp_path / "schemas").mkdir()
    schema = {"properties": {"mode": {"pattern": "^(a+)+$"}}}
    (tmp_path / "schemas" / "own.schema.json").write_text(json.dumps(schema))
    for name in ("1.conflist", "2.conflist"):
        (tmp_path / name).write_text(CONFIG % ("a" * 60 + "!"))
    (tmp_path / "3.conflist").write_text(CONFIG.replace("own", "loopback") % "a")
    return ["1.conflist", "2.conflist", "3.conflist"]


SAID = "schemas/own.schema.json: judging an object by it takes more than 0.2 seconds, at the pattern ^(a+)+$"


def test_a_schema_that_takes_for_ever_is_said_once_and_the_rest_is_judged(cnictl, files):
    ended = cnictl("validate", "-f", "json", "--schema-dir", "schemas", *files)
    assert ended.status == 2
    assert [error["message"] for error in ended.data["errors"]] == [SAID]
    assert [(file["file"], len(file["findings"])) for file in ended.data["files"]] == [("3.conflist", 1)]


@pytest.mark.parametrize("options", [[], ["--fix"], ["--diff"], ["--matrix"]])
def test_it_is_one_line_whatever_is_to_be_done(cnictl, files, options):
    ended = cnictl("validate", "--schema-dir", "schemas", *options, *files)
    assert ended.status == 2
    assert ended.err.count(SAID) == 1


def test_garbage_is_not_looked_for_at_every_turn(cnictl, good):
    cnictl("validate", good)
    assert gc.get_threshold()[0] >= 100_000


@pytest.mark.parametrize("pattern", ["CNI801", "CNI8", "no-network-config"])
def test_a_code_of_the_doctor_is_his(cnictl, good, pattern):
    ended = cnictl("validate", "--select", pattern, good)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        f"cnictl: {pattern} is about nodes, and configs are judged here",
        f"  hint: `cnictl doctor --select {pattern}` looks at a node",
    ]


def test_a_code_of_the_doctor_in_the_settings(cnictl, good, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cnictl.toml").write_text('ignore = ["CNI801"]')
    assert cnictl("validate", good).err.splitlines() == [
        f"cnictl: {tmp_path}/.cnictl.toml: CNI801 is about nodes, and configs are judged here",
        "  hint: `cnictl doctor --ignore CNI801` looks at a node",
    ]
