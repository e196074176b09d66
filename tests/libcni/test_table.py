"""Every behaviour that libcni's tests pin is shown by a test that names it, or has a reason why it does not apply."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.libcni.table import ROWS, TESTS, all_marks, marks_in, read_table

MODULE = TESTS / "unit" / "test_x.py"
REASONS = "NOT_APPLICABLE.tsv"


def test_every_row_is_shown_by_a_test_or_does_not_apply_and_never_both():
    shown = {row for mark in all_marks() for row in mark.rows}
    reasons = {int(row) for row, _ in read_table(REASONS)}
    missing = sorted(set(ROWS) - shown - reasons)
    both = sorted(shown & reasons)
    assert (missing, both, (shown | reasons) - set(ROWS)) == ([], [], set())


def test_every_mark_stands_at_a_test_that_runs():
    assert [(mark.place, mark.fault) for mark in all_marks() if mark.fault] == []


def test_the_table_has_every_row_once_with_a_situation_and_what_is_pinned():
    lines = read_table("BEHAVIOURS.tsv")
    assert [int(row) for row, *_ in lines] == list(ROWS)
    assert [line for line in lines if len(line) != 3 or not all(cell.strip() for cell in line)] == []


def test_every_reason_is_one_sentence():
    lines = read_table(REASONS)
    assert [row for row, times in Counter(row for row, _ in lines).items() if times > 1] == []
    assert [row for row, _ in lines] == sorted((row for row, _ in lines), key=int)
    odd = [row for row, reason in lines if not reason.endswith(".") or ". " in reason or len(reason.split()) < 6]
    assert odd == []


# What finds the marks


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("@pytest.mark.libcni(4, 36)\ndef test_a(): ...", None),
        ("@pytest.mark.parametrize('a', [1])\n@pytest.mark.libcni(4)\nasync def test_a(a): ...", None),
        ("@pytest.mark.libcni\ndef test_a(): ...", "it names no rows"),
        ("@pytest.mark.libcni()\ndef test_a(): ...", "it names no rows"),
        ("@pytest.mark.libcni('4')\ndef test_a(): ...", "it names no rows"),
        ("@pytest.mark.libcni(4, *MORE)\ndef test_a(): ...", "it names no rows"),
        ("@pytest.mark.libcni(4, 4)\ndef test_a(): ...", "it names a row twice"),
        ("@pytest.mark.libcni(251)\ndef test_a(): ...", "it names a row twice, or one that is not in the table"),
        ("@pytest.mark.libcni(4)\ndef a_test(): ...", "it stands at no test"),
        ("pytestmark = pytest.mark.libcni(4)", "it stands at no test"),
        ("def make():\n    @pytest.mark.libcni(4)\n    def test_a(): ...", "it stands at no test"),
        ("@pytest.mark.libcni(4)\ndef test_a(): ...\ndef test_a(): ...", "it stands at no test"),
        ("@pytest.mark.libcni(4)\n@pytest.mark.skipif(True, reason='')\ndef test_a(): ...", "its test does not"),
        ("@pytest.mark.netns\n@pytest.mark.libcni(4)\ndef test_a(): ...", "its test does not always run"),
        ("@pytest.mark.xfail\n@pytest.mark.libcni(4)\ndef test_a(): ...", "its test does not always run"),
    ],
)
def test_a_mark_that_shows_nothing_is_found(text, fault):
    (mark,) = marks_in(text, MODULE)
    assert (mark.fault or "none").startswith(fault or "none")


def test_a_mark_in_a_module_in_which_pytest_looks_for_no_tests_shows_nothing():
    text = "\n@pytest.mark.libcni(4)\ndef test_a(): ..."
    (mark,) = marks_in(text, TESTS / "libcni" / "scene.py")
    assert (mark.rows, mark.place, mark.test, mark.fault) == (
        (4,),
        "libcni/scene.py:2",
        "test_a",
        "it stands at no test",
    )
