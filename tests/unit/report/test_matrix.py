from __future__ import annotations

import pytest

from cnictl.errors import SourceNotFound
from cnictl.report.finding import Finding, Location, Severity
from cnictl.report.matrix import Matrix, MatrixRow, matrix_of
from cnictl.report.report import FileReport, Report
from cnictl.text.source import Source

ERROR = Finding("CNI101", "an-error", Severity.ERROR, "no", Location("f"))
WARNING = Finding("CNI102", "a-warning", Severity.WARNING, "hm", Location("f"))


def file(*findings: Finding, name: str = "f", plugins: tuple[str, ...] = ("bridge",), declared: object = "1.0.0"):
    facts = {"network": "pods", "cniVersion": declared, "plugins": list(plugins)}
    return FileReport(Source(name, b""), facts, findings)


def report(*files: FileReport) -> Report:
    return Report(files)


@pytest.mark.parametrize(
    ("declared", "obstacles", "demanded", "refused"),
    [
        ("1.0.0", {"0.1.0": ERROR, "1.0.0": None}, False, False),
        ("1.0.0", {"0.1.0": None, "1.0.0": ERROR}, False, True),
        ("1.0.0", {"0.1.0": ERROR, "1.0.0": None}, True, True),
        ("1.0.0", {"0.1.0": None, "1.0.0": None}, True, False),
        ("9.9.9", {"0.1.0": None, "1.0.0": None}, False, True),
        ("9.9.9", {"0.1.0": None, "1.0.0": None}, True, False),
        (None, {"0.1.0": None, "1.0.0": ERROR}, False, False),
        (None, {"0.1.0": ERROR, "1.0.0": None}, False, True),
        ("", {"0.1.0": None, "1.0.0": ERROR}, False, False),
        ("", {"0.1.0": ERROR, "1.0.0": None}, False, True),
    ],
)
def test_what_a_config_must_go_with(declared, obstacles, demanded, refused):
    row = MatrixRow("f", "pods", declared, obstacles)
    assert Matrix(list(obstacles), [row], demanded=demanded).refused is refused


def test_without_files_nothing_is_refused():
    assert not Matrix(["1.0.0"], []).refused


def test_the_first_error_is_what_keeps_a_config_away():
    matrix = matrix_of({"0.1.0": report(file(WARNING, ERROR)), "1.0.0": report(file(WARNING))}, demanded=False)
    assert matrix.rows == [MatrixRow("f", "pods", "1.0.0", {"0.1.0": ERROR, "1.0.0": None})]


def test_what_is_no_config_has_no_row():
    note = file(WARNING, plugins=(), name="README.yaml")
    assert matrix_of({"1.0.0": report(note, file())}, demanded=False).rows[0].file == "f"


def test_what_is_wrong_with_one_version_only_has_a_row_for_all():
    """A directory, or a file without plugins, may have an error with one version and be silent with another."""
    empty, wrong = file(plugins=(), name="d"), file(ERROR, plugins=(), name="d")
    for old, new in (((empty, file()), (wrong, file())), ((file(),), (file(), wrong))):
        matrix = matrix_of({"0.1.0": report(*old), "1.0.0": report(*new)}, demanded=False)
        rows = {row.file: row.obstacles for row in matrix.rows}
        assert rows["d"] == {"0.1.0": None, "1.0.0": ERROR}
        assert rows["f"] == {"0.1.0": None, "1.0.0": None}


def test_several_configs_of_one_manifest_have_a_row_each():
    reports = {version: report(file(declared=None), file(ERROR, declared=5)) for version in ("0.1.0", "1.0.0")}
    rows = matrix_of(reports, demanded=False).rows
    assert [(row.declared, row.obstacles["1.0.0"]) for row in rows] == [(None, None), (None, ERROR)]


def test_what_could_not_be_read_is_kept_once():
    error = SourceNotFound("x", "no such file or directory")
    reports = {version: Report((), (error,)) for version in ("0.1.0", "1.0.0")}
    assert list(matrix_of(reports, demanded=False).errors) == [error]
