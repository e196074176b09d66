"""The edits of fixes in the machine formats: what a program has to change, where."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.test_validate_json import require_documented

BROKEN = """\
{
  "cniVersion": "1.0.0",
  "name": "pods", // é😀
  "plugins": [
    {"type": "bridge", "isGateway": "true", "ipMasq": true, "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}},
    {"type": "portmap"},
  ]
}
"""
MANIFEST = """\
apiVersion: v1
kind: List
items:
- kind: NetworkAttachmentDefinition
  apiVersion: k8s.cni.cncf.io/v1
  metadata: {name: single}
  spec:
    config: '{"cniVersion": "1.0.0", "name": "it''s", "type": "bridge", "isGateway": "true"}'
- kind: NetworkAttachmentDefinition
  apiVersion: k8s.cni.cncf.io/v1
  metadata: {name: block}
  spec:
    config: |
      {
        "cniVersion": "1.0.0", # é😀
        "type": "bridge", "isGateway": "true"
      }
- kind: NetworkAttachmentDefinition
  apiVersion: k8s.cni.cncf.io/v1
  metadata: {name: double}
  spec: {config: "{\\"cniVersion\\": \\"1.0.0\\", \\"type\\": \\"bridge\\", \\"isGatway\\": true}"}
"""


def edits_in(data) -> list[dict[str, Any]]:
    findings = [finding for file in data["files"] for finding in file["findings"]]
    return [edit for finding in findings if finding["fix"] for edit in finding["fix"].get("edits", [])]


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """The text after the edits, made as a program would that knows of lines and columns only."""
    lines = text.splitlines(keepends=True)

    def offset(edit: dict[str, Any], side: str) -> int:
        line, column = int(edit[f"{side}Line"]), int(edit[f"{side}Column"])
        return sum(map(len, lines[: line - 1])) + column - 1

    for edit in sorted(edits, key=lambda edit: offset(edit, "start"), reverse=True):
        text = text[: offset(edit, "start")] + edit["replacement"] + text[offset(edit, "end") :]
    return text


@pytest.mark.parametrize(("name", "text"), [("net.conflist", BROKEN), ("nets.yaml", MANIFEST)])
def test_who_makes_the_edits_mends_what_fix_mends(cnictl, tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    data = cnictl("validate", "-f", "json", path).data
    require_documented("report", data)
    mended = applied(text, edits_in(data))
    cnictl("validate", "--fix", path)
    assert mended == path.read_text() != text


def test_sarif_has_the_same_edits(cnictl, tmp_path):
    path = tmp_path / "nets.yaml"
    path.write_text(MANIFEST)
    (run,) = cnictl("validate", "-f", "sarif", path).data["runs"]
    changes = [
        change for result in run["results"] for fix in result.get("fixes", ()) for change in fix["artifactChanges"]
    ]
    assert {change["artifactLocation"]["uri"] for change in changes} == {f"file://{path}"}
    replacements = [each for change in changes for each in change["replacements"]]
    found = [{**each["deletedRegion"], "replacement": each["insertedContent"]["text"]} for each in replacements]
    assert found == edits_in(cnictl("validate", "-f", "json", path).data)
    descriptions = [fix["description"]["text"] for result in run["results"] for fix in result.get("fixes", ())]
    assert "write true, without quotes" in descriptions


def fixes(cnictl, path) -> dict[str, list[dict[str, Any]] | None]:
    files = cnictl("validate", "-f", "json", path).data["files"]
    return {each["code"]: each["fix"].get("edits") for file in files for each in file["findings"] if each["fix"]}


def test_an_edit_is_where_the_value_is(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    path.write_text('{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": "true"}]}')
    assert fixes(cnictl, path)["CNI402"] == [
        {"startLine": 1, "startColumn": 85, "endLine": 1, "endColumn": 91, "replacement": "true"}
    ]


def test_what_only_a_person_can_mend_has_none(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    path.write_text('{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "colour": "red"}]}')
    assert fixes(cnictl, path)["CNI401"] is None


def test_edits_that_are_half_of_a_fix_are_left_out(cnictl, tmp_path):
    path = tmp_path / "net.conf"
    path.write_text('{"cniVersion": "1.0.0", "name": "pods", "type": "bridge", "isGateway": true}')
    assert fixes(cnictl, path) == {"CNI125": None}
    assert f"+++ {path}list\n" in cnictl("validate", "--diff", path).out


@pytest.mark.parametrize("wrong", ['"x" ": "', '"x": ["a", ": ", y: 1]'])
def test_a_text_with_missing_quotes_gets_none(cnictl, tmp_path, wrong):
    path = tmp_path / "net.conflist"
    path.write_text(f'{{"cniVersion": "1.0.0", "name": "pods", {wrong}, "plugins": [{{"type": "bridge"}}]}}')
    found = fixes(cnictl, path)
    assert found
    assert set(found.values()) == {None}


def test_a_text_that_is_not_utf8_gets_none(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    path.write_bytes(b'{"cniVersion": "1.0.0", "name": "p\xffds", "plugins": [{"type": "bridge"},]}')
    assert fixes(cnictl, path)["CNI005"] is None


def test_a_template_gets_them_where_it_is_certain(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    text = '{"cniVersion": "1.0.0", "name": {{ .name }}, "plugins": [{"type": "bridge", "isGateway": "true"}]}'
    path.write_text(text)
    found = edits_in(cnictl("validate", "-f", "json", path).data)
    assert applied(text, found) == text.replace('"true"', "true")
