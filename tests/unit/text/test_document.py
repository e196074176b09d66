from __future__ import annotations

import pytest

from tests.support.documents import document


def test_a_text_without_mistakes_is_complete_and_not_refused():
    parsed = document("{}")
    assert parsed.complete
    assert parsed.refused is None


def test_a_mistake_that_leaves_no_doubt_is_refused_but_complete():
    parsed = document("[1,] // end")
    assert parsed.complete
    assert parsed.refused is parsed.problems[0]
    assert parsed.refused.kind == "trailing-comma"


@pytest.mark.parametrize("text", ["[01]", "[bridge]", r'["\q"]', "[1e999]"])
def test_a_value_in_doubt_makes_the_document_incomplete(text):
    parsed = document(text)
    assert parsed.root
    assert not parsed.complete


@pytest.mark.parametrize("text", ["", "[", "[}"])
def test_without_a_tree_the_document_is_incomplete(text):
    parsed = document(text)
    assert parsed.root is None
    assert not parsed.complete
    assert parsed.refused


def test_a_key_that_stands_there_twice_is_a_problem_that_no_strict_parser_refuses():
    parsed = document('{"a": 1, "a": 2}')
    assert [problem.kind for problem in parsed.problems] == ["duplicate-key"]
    assert parsed.refused is None
    assert parsed.complete


def test_what_is_refused_is_the_first_problem_that_a_strict_parser_minds():
    parsed = document('{"a": 1, "a": 2, "b": True,}')
    assert [problem.kind for problem in parsed.problems] == ["duplicate-key", "bad-literal", "trailing-comma"]
    assert parsed.refused is parsed.problems[1]


@pytest.mark.parametrize("text", ['["a", ": ", "x,"]', "[1,]", '{"a" "b"}', "['a']"])
def test_a_text_whose_mistakes_are_where_they_seem_to_be_is_certain(text):
    assert document(text).certain


@pytest.mark.parametrize(
    "text", ['["a", ": ", x: 1]', '{"a": ", " "b": 1}', '{"a" ": "}', '["a", " ,", ]', "[01]", "["]
)
def test_what_a_missing_quote_may_have_turned_inside_out_is_not_certain(text):
    assert not document(text).certain
