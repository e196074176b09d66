from __future__ import annotations

from cnictl.report.edits import outer_edits, with_edits
from cnictl.report.finding import Applicable, Finding, Fix, Location, Severity
from cnictl.report.report import FileReport
from cnictl.text.edit import Edit
from cnictl.text.source import Source, Span

TEXT = '{\n "a": "true",\n "b": 1\n}\n'
EDIT = Edit(Span(8, 14), "true")


class Inner(Source):
    """A part of a file that begins at the second line, of which the ``b`` cannot be written otherwise."""

    @property
    def outermost(self) -> Source:
        return Source("outer", TEXT.encode())

    def outer_edit(self, edit: Edit) -> Edit | None:
        return None if edit.text == "b" else Edit(Span(edit.span.start + 2, edit.span.end + 2), edit.text)


def finding(fix: Fix | None) -> Finding:
    return Finding("CNI001", "name", Severity.ERROR, "no", Location("f"), fix=fix)


def safe(*edits: Edit, suffix: str | None = None) -> Finding:
    return finding(Fix("do it", Applicable.SAFE, edits, suffix))


def placed(found: Finding, source: Source | None = None, **facts: object) -> list[tuple[int | None, ...]]:
    report = FileReport(source or Source("f", TEXT.encode()), facts, (finding(None), found))
    (_, nothing), (same, edits) = with_edits(report)
    assert (nothing, same) == ([], found)
    return [(each.place.line, each.place.column, each.place.end_line, each.place.end_column) for each in edits]


def test_edits_have_lines_and_columns():
    assert placed(safe(EDIT)) == [(2, 7, 2, 13)]
    assert placed(safe(EDIT, Edit(Span(15, 15), "x"))) == [(2, 7, 2, 13), (2, 14, 2, 14)]


def test_only_those_that_a_program_may_make_and_that_are_all_of_the_fix():
    assert placed(finding(Fix("do it", Applicable.UNSAFE, (EDIT,)))) == []
    assert placed(safe(EDIT, suffix=".conflist")) == []
    assert placed(safe(Edit(Span(8, 14), '"true"'))) == []  # which changes nothing
    assert placed(safe()) == []


def test_edits_of_a_part_are_edits_of_the_whole():
    inner = Inner("outer", b"{}" + b" " * 30)
    assert placed(safe(Edit(Span(6, 12), "true")), inner) == [(2, 7, 2, 13)]
    assert placed(safe(Edit(Span(6, 12), "true"), Edit(Span(1, 1), "b")), inner) == []


def test_a_text_that_is_not_certain_has_none_unless_it_is_a_template():
    unclear = Source("f", b'{"a" ": "}')
    assert placed(safe(Edit(Span(1, 2), "x")), unclear) == []
    assert placed(safe(Edit(Span(1, 2), "x")), unclear, template=True) == [(1, 2, 1, 3)]
    assert placed(safe(Edit(Span(1, 2), "x")), Source("f", b'["\xff"]')) == []


def test_a_fix_that_renames_may_have_no_edits():
    source = Source("f", TEXT.encode())
    assert outer_edits(safe(suffix=".conflist"), source) == []
    assert outer_edits(safe(EDIT, suffix=".conflist"), source) == [EDIT]
    assert outer_edits(finding(None), source) is None
