from __future__ import annotations

from cnictl.foreign.settings import PerFileIgnore
from cnictl.report.baseline import Baseline, Known
from cnictl.report.finding import Finding, Location, Severity
from cnictl.report.overrides import FileIgnores
from cnictl.validate.stale import stale_entries

FOUND = Finding("CNI401", "unknown-key", Severity.WARNING, "x", Location("a.conflist", pointer="/a"))


def test_nothing_is_stale_without_settings_and_baseline():
    assert stale_entries(["a.conflist"], None, FileIgnores([]), None, "") == []


def test_entries_of_the_settings_that_silence_nothing():
    entries = [
        PerFileIgnore("a.*", ("CNI3",), 7),
        PerFileIgnore("*", ("CNI4",), 8),
        PerFileIgnore("b.*", ("CNI4",), 9),
        PerFileIgnore("a.conflist", ("CNI5",)),
    ]
    ignores = FileIgnores(entries)
    assert ignores.silences(FOUND)
    (report,) = stale_entries(["a.conflist"], ".cnictl.toml", ignores, None, "")
    assert report.source.name == ".cnictl.toml"
    told = [(finding.code, finding.location.line, finding.message) for finding in report.findings]
    assert told == [("CNI021", 7, '"a.*" silences nothing'), ("CNI021", None, '"a.conflist" silences nothing')]
    assert report.findings[0].why


def test_what_a_baseline_knows_and_nobody_found():
    known = [
        Known("a.conflist", "CNI401", "/a", "x"),
        Known("a.conflist", "CNI305", "/b", "y"),
        Known("b", "CNI1", "", "z"),
    ]
    baseline = Baseline(known)
    baseline.split([FOUND])
    (report,) = stale_entries(["a.conflist"], None, FileIgnores([]), baseline, "known.json")
    assert report.source.name == "known.json"
    assert [finding.message for finding in report.findings] == ["CNI305 in a.conflist is found no more: y"]
