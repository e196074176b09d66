from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.text.parser import parse
from cnictl.text.pointer import format_pointer, parse_pointer
from cnictl.text.source import Source

if TYPE_CHECKING:
    from cnictl.text.node import Node

_EXAMPLE = r"""{
  "foo": ["bar", "baz"],
  "": 0,
  "a/b": 1,
  "c%d": 2,
  "e^f": 3,
  "g|h": 4,
  "i\\j": 5,
  "k\"l": 6,
  " ": 7,
  "m~n": 8
}"""
"""RFC 6901, section 5."""

_POINTERS = [
    (["foo"], "/foo", ["bar", "baz"]),
    (["foo", 0], "/foo/0", "bar"),
    ([""], "/", 0),
    (["a/b"], "/a~1b", 1),
    (["c%d"], "/c%d", 2),
    (["e^f"], "/e^f", 3),
    (["g|h"], "/g|h", 4),
    (["i\\j"], "/i\\j", 5),
    (['k"l'], '/k"l', 6),
    ([" "], "/ ", 7),
    (["m~n"], "/m~0n", 8),
]


def _root(text: str) -> Node:
    root = parse(Source("f", text.encode())).root
    assert root is not None
    return root


@pytest.mark.parametrize(("path", "pointer", "value"), _POINTERS)
def test_the_examples_of_the_rfc(path, pointer, value):
    node = _root(_EXAMPLE).at(path)
    assert node.value == value
    assert node.pointer == pointer
    assert format_pointer(path) == pointer
    assert parse_pointer(pointer) == [str(token) for token in path]


def test_the_empty_pointer_is_the_whole_document():
    assert format_pointer([]) == ""
    assert parse_pointer("") == []
    assert _root(_EXAMPLE).pointer == ""


@pytest.mark.parametrize(
    ("tokens", "pointer"),
    [
        (["~/"], "/~0~1"),
        (["~1"], "/~01"),
        (["/~0"], "/~1~00"),
        (["", ""], "//"),
        (["plugins", 12, "cni.dev/x"], "/plugins/12/cni.dev~1x"),
    ],
)
def test_tilde_and_slash_are_escaped_in_the_order_of_the_rfc(tokens, pointer):
    assert format_pointer(tokens) == pointer
    assert parse_pointer(pointer) == [str(token) for token in tokens]


@pytest.mark.parametrize("pointer", ["a", "a/b", "#/a", " /a"])
def test_a_pointer_begins_with_a_slash(pointer):
    with pytest.raises(ValueError, match="a JSON pointer begins with /") as caught:
        parse_pointer(pointer)
    assert str(caught.value) == f"a JSON pointer begins with /, and this is {pointer!r}"


@settings(deadline=None, max_examples=80)
@given(tokens=st.lists(st.text(alphabet="~/01a", max_size=5) | st.text(max_size=3), max_size=4))
def test_what_is_written_is_read_back(tokens):
    assert parse_pointer(format_pointer(tokens)) == tokens
