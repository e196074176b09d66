"""Edits of the items of a JSON array that leave the layout of all the others as it is.

What `insert_item` writes, `remove_item` takes away to the last blank.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cnictl.text.edit import Edit
from cnictl.text.node import ObjectNode
from cnictl.text.source import Span

if TYPE_CHECKING:
    from cnictl.text.node import ArrayNode, Node


def insert_item(text: str, array: ArrayNode, index: int, value: object, *, flat: bool = False) -> Edit:
    """Writes a new item, laid out like the one beside it.

    Args:
        text: The text that the array stands in.
        array: The array.
        index: The place of the new item, from 0 to the number of items.
        value: It as plain data.
        flat: Whether to write it on one line, whatever the others look like.
    """
    if not array.items:
        at = array.span.start + 1
        return Edit(Span(at, at), json.dumps(value, ensure_ascii=False))
    beside = array.items[max(index - 1, 0)]
    new = _flat(text, beside, value) if flat else _laid_out(text, beside, value)
    gap = " " if flat else _gap(text, array)
    if index == 0:
        start = array.items[0].span.start
        return Edit(Span(start, start), f"{new},{gap}")
    return Edit(Span(beside.span.end, beside.span.end), f",{gap}{new}")


def remove_item(array: ArrayNode, index: int) -> Edit:
    """Takes an item away, with the comma and the blanks that set it apart from the one before it.

    Args:
        array: The array.
        index: The item's place.
    """
    items = array.items
    if index > 0:
        return Edit(Span(items[index - 1].span.end, items[index].span.end), "")
    end = items[1].span.start if len(items) > 1 else items[0].span.end
    return Edit(Span(items[0].span.start, end), "")


def move_item(text: str, array: ArrayNode, index: int, to: int) -> list[Edit]:
    """Gives an item another place; what stands between the items stays where it is.

    Args:
        text: The text that the array stands in.
        array: The array.
        index: The item's place.
        to: Its place afterwards.
    """
    order = list(range(len(array.items)))
    order.insert(to, order.pop(index))
    pairs = zip(array.items, (array.items[at] for at in order), strict=True)
    return [Edit(old.span, text[slice(*new.span)]) for old, new in pairs if old is not new]


def _gap(text: str, array: ArrayNode) -> str:
    """What stands between two items behind the comma, or else before the first of them."""
    first = array.items[0]
    if len(array.items) > 1:
        gap = text[first.span.end : array.items[1].span.start].partition(",")[2]
        return gap if gap.isspace() or not gap else " "
    gap = text[array.span.start + 1 : first.span.start]
    if gap.isspace():
        return gap
    return "" if _is_compact(text, first) else " "


def _is_compact(text: str, node: Node) -> bool:
    return " " not in text[slice(*node.span)]


def _flat(text: str, beside: Node, value: object) -> str:
    separators = (",", ":") if _is_compact(text, beside) else None
    return json.dumps(value, ensure_ascii=False, separators=separators)


def _laid_out(text: str, beside: Node, value: object) -> str:
    """A value on as many lines as the one beside it would take, indented as that is."""
    first = beside.members[0] if isinstance(beside, ObjectNode) and beside.members else None
    if first is None or "\n" not in text[beside.span.start : first.key_span.start]:
        return _flat(text, beside, value)
    margin, inner = _indent(text, beside.span.end - 1), _indent(text, first.key_span.start)
    unit = inner.removeprefix(margin)
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = json.dumps(value, ensure_ascii=False, indent=unit).split("\n")
    return f"{newline}{margin}".join(lines)


def _indent(text: str, at: int) -> str:
    """The blanks with which the line of a place begins, up to that place."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]
