from __future__ import annotations

import pytest

from cnictl.text.node import ArrayNode, Node, ObjectNode, ScalarNode, kind_of
from cnictl.text.source import Span
from tests.support.documents import document

TEXT = '{"name": "pods", "plugins": [{"type": "bridge", "a/b": {"m~n": null}}, 1.0]}'


def root(text: str = TEXT) -> ObjectNode:
    node = document(text).root
    assert isinstance(node, ObjectNode)
    return node


def test_a_path_leads_to_a_node_that_knows_its_pointer_and_span():
    node = root().at(["plugins", 0, "type"])
    assert (node.value, node.pointer, node.span) == ("bridge", "/plugins/0/type", (38, 46))
    assert node.label == (Span(38, 46), "/plugins/0/type")


def test_a_path_is_followed_as_far_as_it_leads():
    assert root().at(["plugins", 0, "ipam", "type"]).pointer == "/plugins/0"
    assert root().at(["plugins", 7]).pointer == "/plugins"
    assert root().at(["name", "x"]).pointer == "/name"
    assert root().at([]).pointer == ""


def test_slashes_and_tildes_in_keys_are_escaped_in_pointers():
    assert root().at(["plugins", 0, "a/b", "m~n"]).pointer == "/plugins/0/a~1b/m~0n"


def test_the_root_has_no_parent_and_the_empty_pointer():
    node = root()
    assert node.parent is None
    assert node.label == (Span(0, len(TEXT)), "")


@pytest.mark.parametrize("token", [-1, 2, "0", "plugins"])
def test_an_array_has_no_item_of_another_name(token):
    assert root().at(["plugins"]).child(token) is None


def test_an_object_has_no_member_with_a_number():
    assert root('{"0": 1}').child(0) is None


def test_a_scalar_has_no_children():
    assert root().at(["name"]).child("x") is None


def test_a_member_is_labelled_at_its_key():
    member = root().member("plugins")
    assert member
    assert (member.name, member.label) == ("plugins", ((17, 26), "/plugins"))
    assert isinstance(member.node, ArrayNode)
    assert root().member("Plugins") is None


def test_look_ups_find_the_last_of_equal_keys_and_iteration_passes_over_the_others():
    node = root('{"a": 1, "b": 2, "a": 3}')
    assert node.at(["a"]).value == 3
    assert [(member.name, member.node.value) for member in node] == [("a", 3), ("b", 2)]
    assert "a" in node
    assert "A" not in node


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"type": 1}', "type"),
        ('{"TYPE": 1}', "TYPE"),
        ('{"Type": 1, "tYPE": 2}', "tYPE"),
        ('{"kind": 1}', None),
    ],
)
def test_a_key_is_found_in_any_letter_case(text, found):
    member = root(text).folded("type")
    assert (member.name if member else None) == found


def test_values_are_plain_data_with_exact_numbers():
    assert repr(root().value) == ("{'name': 'pods', 'plugins': [{'type': 'bridge', 'a/b': {'m~n': None}}, 1.0]}")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (True, "boolean"),
        (0, "integer"),
        (10**30, "integer"),
        (1.0, "number"),
        ("", "string"),
        ({}, "object"),
        ([], "array"),
        ((), "array"),
    ],
)
def test_the_kind_of_a_value_is_its_json_type(value, kind):
    assert kind_of(value) == kind


def test_nodes_have_the_kind_of_their_value():
    items = document('[null, true, 1, 1.0, 1e2, "", {}, []]').root
    assert isinstance(items, ArrayNode)
    assert [item.kind for item in items.items] == [
        "null",
        "boolean",
        "integer",
        "number",
        "number",
        "string",
        "object",
        "array",
    ]


def test_a_node_shows_where_it_stands():
    assert repr(root().at(["name"])) == "<ScalarNode /name 9:15>"
    assert repr(ScalarNode(Span(3, 4), 1)) == "<ScalarNode / 3:4>"
    assert Node(Span(0, 0)).kind == "value"
