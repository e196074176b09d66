"""Edits of a JSON text that leave its layout as it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cnictl.text.edit import Edit
from cnictl.text.source import Span

if TYPE_CHECKING:
    from cnictl.text.node import Member, Node, ObjectNode


def replace_value(node: Node, value: object) -> Edit:
    """Writes another value in a value's place, on one line."""
    return Edit(node.span, json.dumps(value, ensure_ascii=False))


def rename_key(member: Member, name: str) -> Edit:
    """Writes another key in a key's place."""
    return Edit(member.key_span, json.dumps(name, ensure_ascii=False))


def put_first(text: str, node: ObjectNode, name: str, value: object) -> Edit:
    """Writes a new member before all others of an object.

    Args:
        text: The text that the object stands in.
        node: The object.
        name: The key.
        value: Its value as plain data.
    """
    new = _written(name, value)
    if not node.members:
        return Edit(Span(node.span.start + 1, node.span.start + 1), new)
    at = node.members[0].key_span.start
    return Edit(Span(at, at), f"{new},{_gap(text, node)}")


def put_last(text: str, node: ObjectNode, name: str, value: object) -> Edit:
    """Writes a new member after all others of an object.

    Args:
        text: The text that the object stands in.
        node: The object.
        name: The key.
        value: Its value as plain data.
    """
    new = _written(name, value)
    if not node.members:
        return Edit(Span(node.span.start + 1, node.span.start + 1), new)
    end = node.members[-1].node.span.end
    return Edit(Span(end, end), f",{_gap(text, node)}{new}")


def _written(name: str, value: object) -> str:
    return f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"


def _gap(text: str, node: ObjectNode) -> str:
    """What stands between two members: the space after the comma, or else before the first of them."""
    first = node.members[0]
    before = text[node.span.start + 1 : first.key_span.start]
    if len(node.members) > 1:
        before = text[first.node.span.end : node.members[1].key_span.start].partition(",")[2]
    return before if before.isspace() else " "
