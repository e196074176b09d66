"""The formats of ``cnictl validate`` for other programs."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from tests.support.command import PROJECT

BROKEN = str(PROJECT / "docs" / "examples" / "90-broken.conflist")
WARNED = '{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "loopback", "colour": "red"}]}'


@pytest.fixture
def warned(tmp_path):
    path = tmp_path / "20-warned.conflist"
    path.write_text(WARNED)
    return path


@pytest.mark.parametrize("name", ["json", "github", "gitlab", "junit", "sarif"])
def test_the_exit_code_is_that_of_the_text(cnictl, good, warned, name):
    assert cnictl("validate", "-f", name, good).status == 0
    assert cnictl("validate", "-f", name, BROKEN).status == 1
    assert cnictl("validate", "-f", name, warned).status == 0
    assert cnictl("validate", "-f", name, "--strict", warned).status == 1
    missing = cnictl("validate", "-f", name, "/no/such/file.conf")
    assert (missing.status, missing.err) == (2, "")
    assert "no such file or directory" in missing.out


def test_github_annotates_the_line_to_blame(cnictl):
    lines = cnictl("validate", "-f", "github", "--select", "CNI402,CNI305", BROKEN).out.splitlines()
    assert lines[0].startswith(
        f"::error file={BROKEN},line=5,endLine=8,title=CNI305 portmap-without-capability::portmap"
    )
    assert lines[1].startswith(
        f'::error file={BROKEN},line=7,endLine=7,col=15,endColumn=21,title=CNI402 wrong-type::"snat" must be true'
    )
    assert "%0AFix: write true, without quotes" in lines[1]
    assert len(lines) == 2


def test_github_commands_cannot_be_broken_out_of(cnictl, tmp_path):
    path = tmp_path / "50%,a:b.conflist"
    path.write_text('{"cniVersion": "1.0.0", "name": "a\\n::error::b", "plugins": [{"type": "loopback"}]}')
    lines = cnictl("validate", "-f", "github", path).out.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"::error file={tmp_path}/50%25%2Ca%3Ab.conflist,line=1,")


def test_junit_has_a_suite_for_each_file(cnictl, good, warned):
    root = ET.fromstring(cnictl("validate", "-f", "junit", good, BROKEN, warned).out)
    suites = [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root]
    assert suites == [(str(good), "1", "0"), (BROKEN, "7", "5"), (str(warned), "1", "0")]
    failure = root.find(".//testcase[@name='5:5 CNI305 portmap-without-capability']/failure")
    assert failure is not None
    assert failure.get("type") == "error"
    assert "Fix: add" in (failure.text or "")


def test_junit_fails_for_warnings_when_they_count(cnictl, warned):
    root = ET.fromstring(cnictl("validate", "-f", "junit", "--strict", warned).out)
    assert [suite.get("failures") for suite in root] == ["1"]


def test_junit_is_xml_whatever_a_config_holds(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    path.write_text('{"cniVersion": "1.0.0", "name": "<a>&\\u0000\\u001b\\ud800", "plugins": [{"type": "loopback"}]}')
    root = ET.fromstring(cnictl("validate", "-f", "junit", path, "/no/such/file").out)
    assert [suite.get("errors") for suite in root] == ["0", "1"]


def test_sarif_names_rules_places_and_what_could_not_be_read(cnictl, tmp_path):
    log = cnictl("validate", "-f", "sarif", BROKEN, "/no/such/file").data
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"][0]["executionSuccessful"] is False
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 1
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({rule["id"] for rule in rules})
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        region = result["locations"][0]["physicalLocation"]["region"]
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == f"file://{BROKEN}"


def test_sarif_names_relative_files_as_they_are(cnictl, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.conflist").write_text(WARNED)
    result = cnictl("validate", "-f", "sarif", "a b.conflist").data["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.conflist"


def test_gitlab_has_an_issue_for_each_finding(cnictl, tmp_path, monkeypatch, warned):
    monkeypatch.chdir(tmp_path)
    broken = tmp_path / "net.d" / "90-broken.conflist"
    broken.parent.mkdir()
    broken.write_text((PROJECT / "docs" / "examples" / "90-broken.conflist").read_text())
    issues = cnictl("validate", "-f", "gitlab", "./net.d", warned, "/no/such/file").data
    found = cnictl("validate", "-f", "json", "./net.d", warned).data["files"]
    findings = [finding for file in found for finding in file["findings"]]
    assert [issue["check_name"] for issue in issues[:-1]] == [
        f"{finding['code']} {finding['name']}" for finding in findings
    ]
    assert [issue["location"]["lines"]["begin"] for issue in issues[:-1]] == [
        finding["location"]["line"] for finding in findings
    ]
    assert {issue["location"]["path"] for issue in issues[:-1]} == {"net.d/90-broken.conflist", "20-warned.conflist"}
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    severities = {"error": "critical", "warning": "major", "note": "info"}
    assert [issue["severity"] for issue in issues[:-1]] == [severities[finding["severity"]] for finding in findings]
    assert issues[-1]["description"].startswith("/no/such/file: no such file or directory")
    assert issues[-1]["severity"] == "blocker"


def test_gitlab_knows_a_finding_again_when_lines_move(cnictl, tmp_path):
    path = tmp_path / "10-net.conflist"
    twice = WARNED.replace('"loopback", ', '"loopback", "color": 1, ').replace(
        '"red"}]', '"red"}, {"type": "loopback"}]'
    )
    prints = []
    for text in (twice, "\n\n" + twice.replace(", ", ",\n")):
        path.write_text(text)
        prints.append(sorted(issue["fingerprint"] for issue in cnictl("validate", "-f", "gitlab", path).data))
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == len(prints[0]) > 1


def test_gitlab_tells_findings_apart_that_are_alike(cnictl, tmp_path):
    path = tmp_path / "10-net.conflist"
    path.write_text('{"cniVersion": "1.0.0", "name": "n", "plugins": [{"type": "loopback"},,,]}')
    issues = cnictl("validate", "-f", "gitlab", path).data
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) > 1


def test_gitlab_has_an_empty_list_when_all_is_well(cnictl, good):
    assert cnictl("validate", "-f", "gitlab", good).data == []


def test_no_format_has_escape_sequences(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    path.write_text('{"cniVersion": "1.0.0", "name": "a\\u001b[31m", "plugins": [{"type": "loopback"}]}')
    for name in ("text", "junit"):
        assert not re.search(r"[\x00-\x08\x1b]", cnictl("validate", "-f", name, path).out)
    assert json.loads(cnictl("validate", "-f", "json", path).out)
