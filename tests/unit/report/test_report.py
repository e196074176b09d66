from __future__ import annotations

from cnictl.errors import SourceNotFound
from cnictl.report.finding import Finding, Location, Severity, Status
from cnictl.report.policy import Policy
from cnictl.report.report import CheckResult, Checkup, FileReport, Report, count
from cnictl.text.source import Source


def finding(code: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code, f"name-of-{code.lower()}", severity, "no", Location("f"))


ONE = FileReport(Source("a", b"{}"), {"network": "pods"}, (finding("CNI001"), finding("CNI301", Severity.WARNING)))
TWO = FileReport(Source("b", b"{}"), {}, (finding("CNI302", Severity.NOTE),))
ABSENT = SourceNotFound("c", "no such file or directory")
REPORT = Report((ONE, TWO), (ABSENT,), suppressed=2)


def test_findings_come_file_by_file():
    assert [found.code for found in REPORT.findings()] == ["CNI001", "CNI301", "CNI302"]
    assert Report(()).findings() == []


def test_a_policy_takes_findings_out_and_counts_them():
    left = REPORT.under(Policy(ignore=("CNI3",)))
    assert [[found.code for found in file.findings] for file in left.files] == [["CNI001"], []]
    assert left.suppressed == 4
    assert (left.files[0].source, left.files[0].facts) == (ONE.source, ONE.facts)
    assert left.errors == (ABSENT,)
    assert len(REPORT.findings()) == 3


def test_a_policy_that_wants_everything_takes_nothing_out():
    strict = Policy(strict=True)
    assert REPORT.under(strict) == Report(REPORT.files, REPORT.errors, REPORT.suppressed, strict)
    assert REPORT.under(Policy()) == REPORT


def test_the_answer_is_no_when_the_policy_refuses_one_finding():
    assert REPORT.refused
    assert not REPORT.under(Policy(ignore=("CNI001",))).refused
    assert REPORT.under(Policy(ignore=("CNI001",), strict=True)).refused
    assert not REPORT.under(Policy(select=("CNI302",), strict=True)).refused
    assert not Report((), policy=Policy(strict=True)).refused


def test_counts_have_every_severity_the_worst_first():
    assert list(count(REPORT.findings()).items()) == [("error", 1), ("warning", 1), ("note", 1)]
    assert count(iter([finding("CNI001"), finding("CNI002")])) == {"error": 2, "warning": 0, "note": 0}
    assert count([]) == {"error": 0, "warning": 0, "note": 0}


def test_a_checkup_has_the_findings_of_all_checks_and_counts_every_status():
    checkup = Checkup(
        {"kernel": "6.1"},
        [
            CheckResult("CNI801", "a", "paths", Status.FAIL, "no", [finding("CNI801"), finding("CNI802")]),
            CheckResult("CNI803", "b", "paths", Status.OK, "well"),
            CheckResult("CNI804", "c", "paths", Status.FAIL, "no", [finding("CNI804")], 1.5),
        ],
    )
    assert [found.code for found in checkup.findings()] == ["CNI801", "CNI802", "CNI804"]
    assert list(checkup.counts().items()) == [("ok", 1), ("warn", 0), ("fail", 2), ("skip", 0), ("error", 0)]


def test_a_checkup_of_nothing_is_empty():
    assert Checkup().findings() == []
    assert set(Checkup().counts().values()) == {0}
