"""What users see, kept in files that were read before they were accepted.

``UPDATE_GOLDEN=1 make unit ARGS=tests/golden`` writes them anew; read the difference before you keep it.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from cnictl.cli.terminal import paper_on
from docs.pictures.scenes import show_attachments, show_trace, show_trial
from docs.pictures.terminal import on_terminal
from tests.support.command import PROJECT, run_process
from tests.support.terminal import show, too_wide, without_colours

HERE = Path(__file__).parent
BROKEN = "docs/examples/90-broken.conflist"
NODE = "tests/golden/node"
CHECKS = "CNI80,CNI811"
"""What the node is judged by; the formats are shown with all that they can show in `test_formats`."""
SCHEMAS = {path.name: json.loads(path.read_text()) for path in (PROJECT / "schemas" / "output").glob("*.json")}
REGISTRY: Any = Registry().with_resources((name, Resource.from_contents(text)) for name, text in SCHEMAS.items())

TERMINAL = {
    "validate": ["validate", "docs/examples/10-calico-portmap.conflist", BROKEN],
    "doctor": ["doctor", "--root", NODE, "--select", CHECKS, "--verbose"],
    "explain": ["explain", "CNI305"],
    "rules": ["rules", "--select", "CNI3"],
    "error": ["exec", "add", "no-such-network", "web", "--conf-dir", "docs/examples"],
}
JSON = {
    "report": ["validate", "docs/examples", "no-such-file.conflist"],
    "doctor": ["doctor", "--root", NODE, "--select", CHECKS],
    "explanation": ["explain", "CNI305"],
    "catalogue": ["rules", "--select", "CNI30"],
}


def compare(name: str, text: str) -> None:
    path = HERE / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert path.read_text() == text


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize("name", TERMINAL)
def test_on_a_terminal(name, columns):
    shown = show(*TERMINAL[name], columns=columns, NO_COLOR="1")
    assert "\x1b" not in shown
    assert too_wide(shown, columns) == []
    compare(f"{name}.{columns}.txt", shown)


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize(
    ("name", "write"), [("trace", show_trace), ("trial", show_trial), ("attachments", show_attachments)]
)
def test_what_was_recorded_on_a_terminal(name, write, columns):
    with on_terminal(columns, colour=False) as terminal:
        write(paper_on(sys.stdout))
    compare(f"{name}.{columns}.txt", terminal.text())


def test_a_trace_is_as_wide_as_the_terminal_that_it_goes_to():
    shown = show("validate", "no-such-file", columns=40, piped=True)
    assert shown == "cnictl: no-such-file: no such file or\n  directory\n"


@pytest.mark.parametrize("name", TERMINAL)
def test_colours_change_nothing_else(name):
    coloured = show(*TERMINAL[name])
    assert "\x1b[" in coloured or name == "error"
    assert without_colours(coloured) == show(*TERMINAL[name], NO_COLOR="1")


@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_switched_off(setting):
    assert "\x1b" not in show("validate", BROKEN, **setting)
    assert "\x1b" not in show("validate", BROKEN, "--no-color")


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_a_pipe_gets_plain_lines_in_every_locale(locale):
    ended = run_process("validate", str(PROJECT / BROKEN), LC_ALL=locale, PYTHONIOENCODING="")
    assert "\x1b" not in ended.out
    assert "error[CNI305]: portmap does not declare" in ended.out
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("name", JSON)
def test_as_json(name, monkeypatch):
    monkeypatch.chdir(PROJECT)
    text = run_process(*JSON[name], "--format", "json").out
    text = re.sub(r'"milliseconds": [0-9.]+', '"milliseconds": 0.1', text)
    text = re.sub(r'"began": "[^"]+"', '"began": "2026-01-01T00:00:00Z"', text)
    text = re.sub(r'"seconds": [0-9.]+', '"seconds": 0.1', text)
    compare(f"{name}.json", text)


@pytest.mark.parametrize("name", JSON)
def test_documents_are_as_their_schemas_say(name):
    document = json.loads((HERE / f"{name}.json").read_text())
    assert document["schema"] == f"cnictl.{'doctor' if name == 'doctor' else name}/1"
    require_documented(name, document)


def require_documented(name: str, document: Any) -> None:
    """Every key is in the schema, and every value is as the schema says."""
    schema = closed(SCHEMAS[f"{name}.schema.json"])
    registry: Any = Registry().with_resources(
        (key, Resource.from_contents(closed(text))) for key, text in SCHEMAS.items()
    )
    problems = [error.message for error in Draft202012Validator(schema, registry=registry).iter_errors(document)]
    assert problems == []


def closed(schema: Any) -> Any:
    """The schema without room for keys that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {key: closed(part) for key, part in schema.items()}
    if "properties" in shut and isinstance(shut["properties"], dict) and "type" in shut:
        shut.setdefault("additionalProperties", False)
    return shut


def test_the_documents_of_exec_are_as_their_schemas_say(tmp_path):
    plugin = tmp_path / "mine"
    plugin.write_text(
        '#!/bin/sh\n[ -e "$0.fail" ] && exit 3\n[ $CNI_COMMAND != ADD ] || echo \'{"cniVersion": "1.0.0"}\'\n'
    )
    plugin.chmod(0o755)
    network = tmp_path / "net.conflist"
    network.write_text('{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "mine"}]}')

    def document(verb: str, *options: str) -> Any:
        places = ("--bin-dir", str(tmp_path), "--cache-dir", str(tmp_path / "cache"), "-f", "json")
        return json.loads(run_process("exec", verb, str(network), "/proc/self/ns/net", *places, *options).out)

    assert document("add") == {"cniVersion": "1.0.0"}
    require_documented("outcome", document("check"))
    require_documented("trace", document("check", "--trace"))
    (tmp_path / "mine.fail").touch()
    failed = document("add", "--trace")
    require_documented("trace", failed)
    assert (failed["result"], failed["exchanges"][0]["status"]) == (None, 3)
    (tmp_path / "mine.fail").unlink()
    require_documented("outcome", document("del"))
