"""Items of arrays that come and go without a trace."""

from __future__ import annotations

import pytest

from cnictl.text.edit import apply_edits
from cnictl.text.items import insert_item, move_item, remove_item
from cnictl.text.node import ArrayNode
from cnictl.text.parser import parse
from cnictl.text.source import Source


def array(text: str) -> ArrayNode:
    root = parse(Source("x.json", text.encode())).root
    assert isinstance(root, ArrayNode)
    return root


@pytest.mark.parametrize(
    "text", ["[]", "[ ]", "[\n  ]", "[1]", "[ 1 , 2 ]", "[\n\t1,\n\t2\n]", '[{"a":1}]', "[\r\n  1\r\n]"]
)
@pytest.mark.parametrize("index", [0, 1, 2])
def test_what_is_inserted_is_removed_to_the_last_blank(text, index):
    before = array(text)
    index = min(index, len(before.items))
    longer = apply_edits(text, [insert_item(text, before, index, {"new": "é"})])
    assert array(longer).value == [*before.value[:index], {"new": "é"}, *before.value[index:]]
    assert apply_edits(longer, [remove_item(array(longer), index)]) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('[{"a": 1}]', '[{"a": 1}, {"b": {"c": 2}}]'),
        ('[{"a":1}]', '[{"a":1},{"b":{"c":2}}]'),
        (
            '[\n  {\n    "a": 1\n  }\n]',
            '[\n  {\n    "a": 1\n  },\n  {\n    "b": {\n      "c": 2\n    }\n  }\n]',
        ),
        ('[\n\t{\n\t\t"a": 1\n\t}]', '[\n\t{\n\t\t"a": 1\n\t},\n\t{\n\t\t"b": {\n\t\t\t"c": 2\n\t\t}\n\t}]'),
    ],
)
def test_it_is_laid_out_like_the_one_beside_it(text, written):
    assert apply_edits(text, [insert_item(text, array(text), 1, {"b": {"c": 2}})]) == written


def test_it_can_be_kept_on_one_line():
    text = '[\n  {\n    "a": 1\n  }\n]'
    assert apply_edits(text, [insert_item(text, array(text), 1, {"b": 2}, flat=True)]) == text[:-2] + ', {"b": 2}\n]'


def test_what_is_moved_leaves_what_is_between_where_it_was():
    text = "[ 1,  2,\n3 ]"
    assert apply_edits(text, move_item(text, array(text), 0, 2)) == "[ 2,  3,\n1 ]"
    assert apply_edits(text, move_item(text, array(text), 2, 0)) == "[ 3,  1,\n2 ]"
    assert move_item(text, array(text), 1, 1) == []
