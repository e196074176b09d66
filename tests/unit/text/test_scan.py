from __future__ import annotations

import pytest

from cnictl.text.scan import GiveUp, Scanner, quote, shorten


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("  a\n\t b ", "a b"),
        ("x" * 30, "x" * 30),
        ("x" * 31, "x" * 27 + "..."),
    ],
)
def test_a_text_is_shown_on_one_line_and_cut_where_it_is_too_long(text, shown):
    assert shorten(text) == shown


def test_the_length_that_is_shown_can_be_chosen():
    assert shorten("abcdefgh", 6) == "abc..."


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a", "a"), ("\u00a0", "white space (U+00A0)"), ("\u2003\u2003", "white space (U+2003)"), ("\u00a0a", "a")],
)
def test_white_space_at_fault_is_named_by_its_code_point(text, shown):
    assert quote(text) == shown


@pytest.mark.parametrize(
    ("text", "end", "comments"),
    [
        ("", 0, []),
        (" \t\r\n1", 4, []),
        ("\u00a01", 0, []),
        ("/1", 0, []),
        ("// a\n /* b */ # c\n1", 18, [(0, 17)]),
        ("/* a */1", 7, [(0, 7)]),
        ("/* * / */1", 9, [(0, 9)]),
        ("/* open", 7, [(0, 7)]),
    ],
)
def test_white_space_and_comments_are_passed_over(text, end, comments):
    scanner = Scanner(text)
    scanner.skip()
    assert scanner.at == end
    assert [problem.span for problem in scanner.problems] == comments


@pytest.mark.parametrize(
    ("text", "value", "end"),
    [
        ("12,", 12, 2),
        ("-3]", -3, 2),
        ("1.50}", 1.5, 4),
        ("1e2 ", 100.0, 3),
        ("7//", 7, 1),
        ('7"', 7, 1),
        ("1" * 300, int("1" * 300), 300),
        ("1" * 305, float("1" * 305), 305),
    ],
)
def test_a_number_ends_where_the_next_thing_begins(text, value, end):
    scanner = Scanner(text)
    node = scanner.number()
    assert repr(node.value) == repr(value)
    assert node.span == (0, end)
    assert scanner.at == end
    assert scanner.problems == []


@pytest.mark.parametrize(
    ("text", "at_key"),
    [('"a"', True), ("'a'", True), ("“a”", True), ("a", True), ("$a", True), ("1", False), ("}", False), ("", False)],
)
def test_a_key_may_begin_with_any_quote_or_a_letter(text, at_key):
    assert Scanner(text).at_key() is at_key


def test_a_key_that_is_no_word_ends_the_parse():
    scanner = Scanner("-a")
    with pytest.raises(GiveUp):
        scanner.bare_key()
    [problem] = scanner.problems
    assert (problem.kind, problem.span, problem.message) == ("unexpected-text", (0, 2), "unexpected -a")
