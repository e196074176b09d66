from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cnictl.errors import SourceError, SourceNotFound
from cnictl.report.baseline import Baseline, Known, read_baseline
from cnictl.report.finding import Finding, Location, Severity
from tests.support.command import PROJECT

SCHEMA = json.loads((PROJECT / "schemas" / "output" / "baseline.schema.json").read_text())
ENTRY = {"file": "a.conf", "code": "CNI305", "pointer": "/plugins/1", "message": "no", "count": 1}


def finding(file: str = "/p/a.conf", code: str = "CNI305", message: str = "no", pointer: str | None = "/x", line=1):
    return Finding(code, "name", Severity.ERROR, message, Location(file, line, 1, line, 2, pointer))


def written(path, text: str):
    path.write_text(text)
    return path


def test_what_is_known_is_not_new():
    one, two = finding(), finding(code="CNI401")
    new, known = Baseline.of([one], "/p").split([one, two])
    assert (new, known) == ([two], [one])


def test_lines_do_not_matter():
    assert Baseline.of([finding(line=1)], "/p").split([finding(line=99)])[0] == []


@pytest.mark.parametrize(
    "other",
    [
        finding(file="/p/b.conf"),
        finding(code="CNI304"),
        finding(message="no, not at all"),
        finding(pointer="/y"),
        finding(pointer=None),
        finding(pointer=""),
    ],
)
def test_file_code_pointer_and_message_do(other):
    baseline = Baseline.of([finding()], "/p")
    assert baseline.split([other]) == ([other], [])
    assert baseline.stale == [Known("a.conf", "CNI305", "/x", "no", 1)]


def test_lines_in_messages_do_not_matter_either():
    before = finding(message='the key "mtu" stands in line 7 already')
    after = finding(message='the key "mtu" stands in line 12 already')
    baseline = Baseline.of([before], "/p")
    assert baseline.text() == Baseline.of([after], "/p").text()
    assert baseline.split([after, finding(message='the key "mtv" stands in line 12 already')])[1] == [after]
    assert baseline.stale == []


def test_other_numbers_do():
    assert Baseline.of([finding(message="vlan 7")], "/p").split([finding(message="vlan 8")])[1] == []
    assert Baseline.of([finding(message="online 7")], "/p").split([finding(message="online 8")])[1] == []


def test_what_is_known_twice_is_known_twice():
    findings = [finding(line=line) for line in (1, 2, 3)]
    baseline = Baseline.of(findings[:2], "/p")
    assert baseline.split(findings) == (findings[2:], findings[:2])
    assert baseline.split(findings[:1]) == (findings[:1], [])


def test_files_can_be_split_one_by_one():
    a, b = finding(), finding("/p/b.conf")
    baseline = Baseline.of([a, b], "/p")
    assert baseline.split([a]) == ([], [a])
    assert baseline.stale == [Known("b.conf", "CNI305", "/x", "no", 1)]
    assert baseline.split([b]) == ([], [b])
    assert baseline.stale == []


def test_what_was_put_right_is_stale():
    baseline = Baseline.of([finding(), finding(), finding(), finding(code="CNI401")], "/p")
    assert [entry.count for entry in baseline.stale] == [3, 1]
    baseline.split([finding()])
    assert baseline.stale == [Known("a.conf", "CNI305", "/x", "no", 2), Known("a.conf", "CNI401", "/x", "no", 1)]


def test_files_that_were_not_judged_are_not_accused():
    baseline = Baseline.of([finding(), finding("/p/b.conf")], "/p")
    assert baseline.stale_in(["/p/b.conf", "/p/c.conf"]) == [Known("b.conf", "CNI305", "/x", "no", 1)]
    assert baseline.stale_in([]) == []


def test_the_text_is_sorted_and_counts():
    findings = [
        finding("/p/b.conf"),
        finding(pointer=None),
        finding(pointer=""),
        finding(code="CNI001"),
        finding("/p/b.conf"),
        finding("/q/c.conf"),
        finding("<stdin>"),
    ]
    text = Baseline.of(findings, "/p").text()
    assert text == Baseline.of(reversed(findings), "/p").text()
    assert [(known["file"], known["code"], known["pointer"], known["count"]) for known in entries(text)] == [
        ("../q/c.conf", "CNI305", "/x", 1),
        ("<stdin>", "CNI305", "/x", 1),
        ("a.conf", "CNI001", "/x", 1),
        ("a.conf", "CNI305", None, 1),
        ("a.conf", "CNI305", "", 1),
        ("b.conf", "CNI305", "/x", 2),
    ]


def entries(text: str):
    document = json.loads(text)
    Draft202012Validator(SCHEMA).validate(document)
    return document["findings"]


def test_the_text_is_made_for_version_control():
    assert Baseline.of([finding(message='"größe" is unknown')], "/p").text() == (
        '{\n  "schema": "cnictl.baseline/1",\n  "findings": [\n    {\n      "file": "a.conf",\n'
        '      "code": "CNI305",\n      "pointer": "/x",\n      "message": "\\"größe\\" is unknown",\n'
        '      "count": 1\n    }\n  ]\n}\n'
    )
    assert entries(Baseline.of([], "/p").text()) == []


def test_a_split_changes_nothing_in_the_text():
    baseline = Baseline.of([finding()], "/p")
    before = baseline.text()
    baseline.split([finding(), finding(code="CNI999")])
    assert baseline.text() == before


def test_a_file_is_read_as_it_was_written(tmp_path, monkeypatch):
    findings = [finding("net.d/a.conf"), finding("net.d/a.conf"), finding("-"), finding("net.d/\udcff\u2028.conf")]
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "baseline.json"
    path.write_text(Baseline.of(findings, tmp_path).text(), encoding="utf-8")
    assert read_baseline(path).text() == path.read_text(encoding="utf-8")
    assert read_baseline("baseline.json").split(findings) == ([], findings)
    (tmp_path / "net.d").mkdir()
    monkeypatch.chdir("net.d")
    moved = [replace(findings[0], location=Location("a.conf", pointer="/x"))]
    assert read_baseline("../baseline.json").split(moved) == ([], moved)


def test_it_goes_with_its_directory(tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    text = Baseline.of([finding(str(before / "a.conf"))], before).text()
    written(before / "baseline.json", text)
    before.rename(after)
    assert read_baseline(after / "baseline.json").split([finding(str(after / "a.conf"))])[0] == []


def test_what_others_wrote_is_read(tmp_path):
    text = json.dumps({"schema": "cnictl.baseline/1", "findings": [ENTRY, {**ENTRY, "since": 2026}], "more": {}})
    baseline = read_baseline(written(tmp_path / "b.json", f"\ufeff{text}"))
    assert baseline.stale == [Known("a.conf", "CNI305", "/plugins/1", "no", 2)]


def test_a_count_and_a_pointer_may_be_left_out(tmp_path):
    entry = {"file": "a.conf", "code": "CNI001", "message": "stands in line 3 already"}
    path = written(tmp_path / "b.json", json.dumps({"schema": "cnictl.baseline/1", "findings": [entry]}))
    assert read_baseline(path).stale == [Known("a.conf", "CNI001", None, "stands in line N already", 1)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1, column 1: no valid JSON"),
        ('{\n  "schema": ,\n}', "line 2, column 13: no valid JSON"),
        ('{\n<<<<<<< HEAD\n"schema": 1}', "line 2, column 1: no valid JSON"),
        ("[" * 100_000, "no valid JSON"),
        ("1" * 10_000, "no valid JSON"),
        ("[]", 'is no baseline: it has no "schema": "cnictl.baseline/1"'),
        ("null", 'is no baseline: it has no "schema": "cnictl.baseline/1"'),
        ('{"findings": []}', 'is no baseline: it has no "schema": "cnictl.baseline/1"'),
        ('{"schema": 1, "findings": []}', 'is no baseline: it has no "schema": "cnictl.baseline/1"'),
        ('{"schema": "cnictl.report/1"}', 'is no baseline: it has no "schema": "cnictl.baseline/1"'),
        (
            '{"schema": "cnictl.baseline/2", "findings": []}',
            "is a baseline of another kind, cnictl.baseline/2; this cnictl reads cnictl.baseline/1",
        ),
        ('{"schema": "cnictl.baseline/1"}', '"findings" must be a list'),
        ('{"schema": "cnictl.baseline/1", "findings": {}}', '"findings" must be a list'),
        ('{"schema": "cnictl.baseline/1", "findings": ["CNI305"]}', "/findings/0 must be an object"),
    ],
)
def test_what_is_no_baseline_is_refused(tmp_path, text, reason):
    path = written(tmp_path / "b.json", text)
    with pytest.raises(SourceError) as caught:
        read_baseline(path)
    assert caught.value.message == f"{path}: {reason}"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"file": None}, '/findings/1 needs a "file", which is a string'),
        ({"code": 305}, '/findings/1 needs a "code", which is a string'),
        ({"message": ["no"]}, '/findings/1 needs a "message", which is a string'),
        ({"pointer": 1}, '/findings/1: "pointer" must be a string or null'),
        ({"count": 0}, '/findings/1: "count" must be a whole number from 1 on'),
        ({"count": -1}, '/findings/1: "count" must be a whole number from 1 on'),
        ({"count": True}, '/findings/1: "count" must be a whole number from 1 on'),
        ({"count": 1.0}, '/findings/1: "count" must be a whole number from 1 on'),
        ({"count": None}, '/findings/1: "count" must be a whole number from 1 on'),
    ],
    ids=str,
)
def test_an_entry_that_is_none_is_named(tmp_path, change, reason):
    document = {"schema": "cnictl.baseline/1", "findings": [ENTRY, {**ENTRY, **change}]}
    path = written(tmp_path / "b.json", json.dumps(document))
    with pytest.raises(SourceError, match="b") as caught:
        read_baseline(path)
    assert caught.value.reason == reason
    assert not Draft202012Validator(SCHEMA).is_valid(document) or change == {"count": 1.0}


def test_a_key_that_is_missing_is_named(tmp_path):
    entry = {key: value for key, value in ENTRY.items() if key != "message"}
    path = written(tmp_path / "b.json", json.dumps({"schema": "cnictl.baseline/1", "findings": [entry]}))
    with pytest.raises(SourceError, match=r'/findings/0 needs a "message"'):
        read_baseline(path)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(SourceNotFound):
        read_baseline(tmp_path / "absent.json")
    with pytest.raises(SourceError, match="is a directory, not a file"):
        read_baseline(tmp_path)
    (tmp_path / "b.json").write_bytes(b'{"schema": "\xff"}')
    with pytest.raises(SourceError, match="byte 0xff is not UTF-8"):
        read_baseline(tmp_path / "b.json")


@given(
    st.lists(
        st.builds(
            finding,
            st.sampled_from(["/p/a", "/p/b", "/q"]),
            st.sampled_from(["CNI1", "CNI2"]),
            st.text(max_size=5),
            st.none() | st.text(max_size=3),
        )
    )
)
def test_a_baseline_knows_exactly_what_it_was_made_of(findings):
    baseline = Baseline.of(findings, "/p")
    assert baseline.split(findings) == ([], findings)
    assert baseline.stale == []
    assert baseline.split(findings) == (findings, [])
