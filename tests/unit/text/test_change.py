from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.text.change import put_first, put_last, rename_key, replace_value
from cnictl.text.edit import apply_edits
from cnictl.text.node import ObjectNode
from tests.support.documents import document, json_values

if TYPE_CHECKING:
    from cnictl.text.edit import Edit


def root(text: str) -> ObjectNode:
    node = document(text).root
    assert isinstance(node, ObjectNode)
    return node


def changed(text: str, edit: Edit) -> str:
    return apply_edits(text, [edit])


def test_a_value_is_replaced_and_nothing_else():
    text = '{ "a" :  [1,\t2] ,\r\n"b": 0}'
    assert changed(text, replace_value(root(text).at(["a"]), value=True)) == '{ "a" :  true ,\r\n"b": 0}'
    assert changed(text, replace_value(root(text).at(["a", 1]), "é")) == '{ "a" :  [1,\t"é"] ,\r\n"b": 0}'


def test_a_key_is_renamed_where_it_stands():
    text = '{"a": 1, "b": {"a": 2}}'
    member = root(text).member("a")
    assert member is not None
    assert changed(text, rename_key(member, 'x"é')) == '{"x\\"é": 1, "b": {"a": 2}}'


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("{}", '{"k": 0}', '{"k": 0}'),
        ("{ \n }", '{"k": 0 \n }', '{"k": 0 \n }'),
        ('{"a": 1}', '{"k": 0, "a": 1}', '{"a": 1, "k": 0}'),
        ('{"a": 1,"b": 2}', '{"k": 0, "a": 1,"b": 2}', '{"a": 1,"b": 2, "k": 0}'),
        ('{\n  "a": 1\n}', '{\n  "k": 0,\n  "a": 1\n}', '{\n  "a": 1,\n  "k": 0\n}'),
        ('{\r\n\t"a": 1,\r\n\t"b": 2\r\n}', '{\r\n\t"k": 0,\r\n\t"a": 1,\r\n\t"b": 2\r\n}', None),
        ('{\r\n\t"a": 1,\r\n\t"b": 2\r\n}', None, '{\r\n\t"a": 1,\r\n\t"b": 2,\r\n\t"k": 0\r\n}'),
        ('{"a": 1\n  , "b": 2}', '{"k": 0, "a": 1\n  , "b": 2}', '{"a": 1\n  , "b": 2, "k": 0}'),
        ('{"a": 1, // x\n "b": 2}', '{"k": 0, "a": 1, // x\n "b": 2}', '{"a": 1, // x\n "b": 2, "k": 0}'),
        ('{"a": 1 /* , */, "b": 2 /* end */ }', None, '{"a": 1 /* , */, "b": 2, "k": 0 /* end */ }'),
        ('{"a": 1 "b": 2}', None, '{"a": 1 "b": 2, "k": 0}'),
    ],
)
def test_a_member_is_put_first_or_last_as_its_neighbours_are_written(text, first, last):
    if first is not None:
        assert changed(text, put_first(text, root(text), "k", 0)) == first
    if last is not None:
        assert changed(text, put_last(text, root(text), "k", 0)) == last


_OBJECTS = st.dictionaries(st.text('abc"é', max_size=3), json_values, max_size=4)


@given(data=_OBJECTS, indent=st.sampled_from([None, 0, 2, "\t"]), value=json_values)
def test_whatever_is_put_in_the_rest_means_what_it_did(data, indent, value):
    text = json.dumps(data, indent=indent, ensure_ascii=False)
    first = json.loads(changed(text, put_first(text, root(text), "k", value)))
    last = json.loads(changed(text, put_last(text, root(text), "k", value)))
    assert first == last == {**data, "k": value}
    assert next(iter(first)) == "k"
    assert list(last)[-1] == "k"


@given(data=_OBJECTS.filter(bool), value=json_values)
def test_whatever_is_replaced_the_rest_means_what_it_did(data, value):
    text = json.dumps(data, ensure_ascii=False, indent=1)
    key = next(iter(data))
    member = root(text).member(key)
    assert member is not None
    assert json.loads(changed(text, replace_value(member.node, value))) == {**data, key: value}
    renamed = json.loads(changed(text, rename_key(member, "k")))
    assert renamed == {"k" if name == key else name: value for name, value in data.items()}
