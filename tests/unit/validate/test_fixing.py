from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnictl.report.finding import Applicable, Finding, Fix, Location, Severity
from cnictl.report.report import FileReport
from cnictl.text.edit import Edit
from cnictl.text.source import Source, Span
from cnictl.validate.fixing import fix, renamed_path

if TYPE_CHECKING:
    from collections.abc import Callable

Rule = tuple[str, str, str, Severity]
"""A word, what is to stand in its place, the code, and how bad it is."""


def judge(*rules: Rule, suffix: str | None = None) -> Callable[[Source], list[FileReport]]:
    """Finds words."""

    def look(source: Source) -> list[FileReport]:
        found = []
        for word, better, code, severity in rules:
            at = source.text.find(word)
            if at >= 0:
                edit = Edit(Span(at, at + len(word)), better)
                mend = Fix("write it", Applicable.SAFE if better else Applicable.MANUAL, (edit,) if better else ())
                found.append(Finding(code, "a-word", severity, word, Location(source.name), fix=mend))
        if suffix and not source.path.endswith(suffix):
            mend = Fix("rename it", Applicable.SAFE, (), suffix)
            found.append(Finding("CNI104", "a-name", Severity.ERROR, "no", Location(source.name), fix=mend))
        return [FileReport(source, {}, tuple(found))]

    return look


def source(text: str) -> Source:
    return Source("net.conf", text.encode())


E, W = Severity.ERROR, Severity.WARNING


def test_everything_that_can_be_mended_is():
    fixed = fix(source('["a", "b"]'), judge(('"a"', '"x"', "CNI1", W), ('"b"', '"y"', "CNI2", E)))
    assert (fixed.text, fixed.count, fixed.suffix) == ('["x", "y"]', 2, None)


def test_one_fix_makes_room_for_another():
    fixed = fix(source('["a"]'), judge(('"a"', '"b"', "CNI1", W), ('"b"', '"c"', "CNI2", W), ('["a', '["z', "CNI3", W)))
    assert (fixed.text, fixed.count) == ('["c"]', 2)


def test_fixes_that_never_end_are_given_up():
    fixed = fix(source('["a"]'), judge(('"a"', '"b"', "CNI1", W), ('"b"', '"a"', "CNI2", W)))
    assert fixed.text in ('["a"]', '["b"]')


def test_a_fix_that_brings_an_error_to_light_is_left_out_and_the_others_are_not():
    rules = (
        ('"a"', '"bad"', "CNI1", W),
        ('"c"', '"d"', "CNI2", E),
        ('"bad"', "", "CNI9", E),
        ('"e"', '"f"', "CNI3", W),
    )
    fixed = fix(source('["a", "c", "e"]'), judge(*rules))
    assert (fixed.text, fixed.count) == ('["a", "d", "f"]', 2)


def test_an_error_that_was_there_before_is_no_obstacle():
    rules = (('"a"', '"b"', "CNI1", W), ('"bad"', "", "CNI9", E))
    assert fix(source('["a", "bad"]'), judge(*rules)).text == '["b", "bad"]'


def test_an_error_of_a_key_whose_letter_case_is_mended_was_there_before():
    rules = (
        ('"Mtu"', '"mtu"', "CNI1", W),
        ('"Mtu": 1', "", "CNI9", E),
        ('"mtu": 1', "", "CNI9", E),
        ('"c"', '"bad"', "CNI2", W),
        ('"bad"', "", "CNI8", E),
    )
    assert fix(source('{"Mtu": 1, "b": "c"}'), judge(*rules)).text == '{"mtu": 1, "b": "c"}'


def test_a_new_name_counts_once_and_is_judged_as_such():
    fixed = fix(source('["a"]'), judge(('"a"', '"b"', "CNI1", W), suffix=".conflist"))
    assert (fixed.text, fixed.count, fixed.suffix) == ('["b"]', 2, ".conflist")


def test_a_name_that_another_file_has_keeps_no_other_fix_back():
    paths = []

    def is_taken(path: str) -> bool:
        paths.append(path)
        return True

    fixed = fix(source('["a"]'), judge(('"a"', '"b"', "CNI1", W), suffix=".conflist"), is_taken)
    assert (fixed.text, fixed.count, fixed.suffix, fixed.taken) == ('["b"]', 1, None, "net.conflist")
    assert set(paths) == {"net.conflist"}


def test_a_fix_that_is_left_out_keeps_no_other_fix_back():
    rules = (('["a", "c"]', '["bad"]', "CNI1", W), ('"c"', '"d"', "CNI2", E), ('"bad"', "", "CNI9", E))
    assert fix(source('["a", "c"]'), judge(*rules)).text == '["a", "d"]'


def test_nothing_to_do():
    fixed = fix(source("[]"), judge())
    assert (fixed.text, fixed.count, fixed.suffix) == ("[]", 0, None)


@pytest.mark.parametrize("text", ['["a" "', '["a", ": ", x: 1]', '{"a": ", " "b": 1}', '{"a" ": "}'])
def test_what_a_missing_quote_may_have_turned_inside_out_is_left_alone(text):
    assert fix(source(text), judge(('"a"', '"b"', "CNI1", W))).text == text


def test_such_strings_are_no_obstacle_in_json():
    assert fix(source('["a", ": ", "x,"]'), judge(('"a"', '"b"', "CNI1", W))).text == '["b", ": ", "x,"]'


@pytest.mark.parametrize(
    ("path", "suffix", "renamed"),
    [
        ("net.d/10.conf", ".conflist", "net.d/10.conflist"),
        ("net.d/10.conf", None, "net.d/10.conf"),
        ("net.d/10", ".conflist", "net.d/10.conflist"),
        ("a.b/c.json", ".conflist", "a.b/c.conflist"),
        ("-", None, "-"),
    ],
)
def test_what_a_file_is_called_afterwards(path, suffix, renamed):
    assert renamed_path(path, suffix) == renamed
