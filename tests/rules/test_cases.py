"""Every rule reports what is in its folder's bad files, at this very place, and nothing in the good ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cnictl.text.node import ArrayNode, Node, ObjectNode
from cnictl.text.parser import parse
from cnictl.validate.registry import all_rules
from tests.rules.cases import EXPECTED, ROOT, configs, expected, findings, folders, row

if TYPE_CHECKING:
    from cnictl.text.source import Source


def test_every_rule_has_a_folder_and_every_folder_a_rule():
    files = [rule for rule in all_rules() if not rule.on_directory and not rule.on_use]  # these have tests of their own
    assert [folder.name for folder in folders()] == [rule.code for rule in files]


@pytest.mark.parametrize("code", [folder.name for folder in folders()])
def test_a_folder_has_good_files_and_bad_ones_and_says_what_is_bad_in_them(code):
    names = {path.name for path in (ROOT / code).iterdir()}
    bad = {name for name in names if name.startswith("bad")}
    good = {name for name in names if name.startswith("good")}
    assert bad
    assert good
    assert names == bad | good | {EXPECTED}
    assert set(expected(code)) == bad
    for rows in expected(code).values():
        assert rows, "a bad file is one in which something is found"
        assert {entry[0] for entry in rows} == {code}


@pytest.mark.parametrize("case", configs("bad"))
def test_bad(case):
    code, name = case.split("/")
    _, found = findings(case)
    assert [row(finding) for finding in found if finding.code == code] == expected(code)[name]


@pytest.mark.parametrize("case", configs("good"))
def test_good(case):
    code = case.split("/")[0]
    _, found = findings(case)
    assert [row(finding) for finding in found if finding.code == code] == []


def test_every_finding_points_to_a_value_or_its_key():
    """A finding in a text that is clear has the place of the value its pointer names, or of that value's key."""
    for case in (*configs("bad"), *configs("good")):
        source, found = findings(case)
        places = _places(source)
        for finding in found:
            where = finding.location
            if places is not None and not finding.code.startswith("CNI0"):
                assert (where.line, where.column) in places[where.pointer], (case, finding)


def _places(source: Source) -> dict[str | None, set[tuple[int, int]]] | None:
    """Pointer → where its value and its key begin; ``None`` for a text that is no JSON or has a key twice."""
    document = parse(source)
    if document.root is None or document.problems:
        return None
    places: dict[str | None, set[tuple[int, int]]] = {}
    waiting: list[Node] = [document.root]
    for node in waiting:
        places.setdefault(node.pointer, set()).add(source.position(node.span.start))
        if isinstance(node, ObjectNode):
            for member in node:
                places.setdefault(member.node.pointer, set()).add(source.position(member.key_span.start))
                waiting.append(member.node)
        elif isinstance(node, ArrayNode):
            waiting += node.items
    return places


def test_every_finding_lies_inside_the_text():
    for case in (*configs("bad"), *configs("good")):
        source, found = findings(case)
        lines = source.text.split("\n")
        for finding in found:
            where = finding.location
            assert where.file == case
            assert where.line
            assert where.column
            assert where.end_line
            assert where.end_column
            assert (1, 1) <= (where.line, where.column) <= (where.end_line, where.end_column), (case, finding)
            assert where.end_line <= len(lines), (case, finding)
            assert where.column <= len(lines[where.line - 1]) + 1, (case, finding)
            assert where.end_column <= len(lines[where.end_line - 1]) + 1, (case, finding)


def test_every_finding_has_what_a_reader_needs():
    for case in (*configs("bad"), *configs("good")):
        for finding in findings(case)[1]:
            assert finding.message, case
            assert finding.message.rstrip(".") == finding.message or "..." in finding.message, (case, finding)
            assert finding.why, case
            assert finding.reference, case
            assert finding.fix is not None, case
            assert finding.fix.description, case
            assert not finding.fix.description.endswith("."), (case, finding)
            assert json.loads(json.dumps(dict(finding.evidence))) == finding.evidence, case
