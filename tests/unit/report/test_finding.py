from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from cnictl.report.finding import Applicable, Finding, Fix, Location, Severity, Status
from cnictl.text.node import Label
from cnictl.text.source import Source, Span

SOURCE = Source("10-net.conflist", '{\n "é": [1,\n 2]}'.encode())


def test_the_words_are_those_of_the_contract():
    assert [severity.value for severity in Severity] == ["error", "warning", "note"]
    assert [status.value for status in Status] == ["ok", "warn", "fail", "skip", "error"]
    assert [applicable.value for applicable in Applicable] == ["safe", "unsafe", "manual"]
    assert f"{Severity.ERROR} {Status.SKIP} {Applicable.SAFE}" == "error skip safe"


def test_a_label_becomes_a_location_with_lines_columns_and_pointer():
    location = Location.of(SOURCE, Label(Span(8, 15), "/é"))
    assert location == Location("10-net.conflist", 2, 7, 3, 4, "/é")


def test_a_stretch_of_any_text_has_no_pointer():
    assert Location.in_text(SOURCE, Span(0, 1)) == Location("10-net.conflist", 1, 1, 1, 2, None)


def test_something_missing_has_a_place_without_a_width():
    location = Location.in_text(SOURCE, Span(16, 16))
    assert (location.line, location.column) == (location.end_line, location.end_column) == (3, 5)


def test_standard_input_is_called_so():
    assert Location.in_text(Source("-", b"{}"), Span(0, 2)).file == "<stdin>"


def test_a_location_may_be_a_file_as_a_whole():
    location = Location("/etc/cni/net.d")
    assert (location.line, location.column, location.end_line, location.end_column, location.pointer) == (None,) * 5


def test_a_finding_needs_no_more_than_what_is_wrong_and_where():
    finding = Finding("CNI001", "unexpected-text", Severity.ERROR, "no", Location("f"))
    assert (finding.why, finding.fix, dict(finding.evidence), finding.reference) == ("", None, {}, "")


def test_findings_do_not_share_their_evidence():
    one, two = (Finding("CNI001", "n", Severity.NOTE, "m", Location("f")) for _ in range(2))
    assert one == two
    assert one.evidence is not two.evidence


def test_a_finding_cannot_be_changed_but_copied_with_a_change():
    finding = Finding("CNI001", "n", Severity.NOTE, "m", Location("f"))
    with pytest.raises(FrozenInstanceError):
        finding.severity = Severity.ERROR  # type: ignore[misc]
    assert replace(finding, severity=Severity.ERROR).severity is Severity.ERROR


def test_a_fix_is_for_people_unless_it_says_otherwise():
    assert Fix("remove it").applicable is Applicable.MANUAL
