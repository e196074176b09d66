"""The tree of a JSON document, in which every node knows where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.text.pointer import format_pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.text.source import Span


class Label(NamedTuple):
    """A place that a finding can point to: a stretch of text, and the JSON pointer of what is there."""

    span: Span
    pointer: str


class Node:
    """A value in a document.

    Attributes:
        span: From its first to its last character, quotes and brackets included.
        parent: The object or array that holds it; ``None`` for the root.
        token: Its key or index there.
        value: It as plain Python data; integers are exact, and of equal keys the last one counts, as in Go.
    """

    __slots__ = ("parent", "span", "token")

    kind = "value"
    value: Any

    def __init__(self, span: Span) -> None:
        self.span = span
        self.parent: Node | None = None
        self.token: str | int = ""

    @property
    def pointer(self) -> str:
        """The RFC 6901 pointer of this node."""
        tokens: list[str | int] = []
        node = self
        while node.parent is not None:
            tokens.append(node.token)
            node = node.parent
        return format_pointer(reversed(tokens))

    @property
    def label(self) -> Label:
        """This node as a place to point to."""
        return Label(self.span, self.pointer)

    def at(self, path: list[str | int]) -> Node:
        """The node below this one that a path of keys and indexes leads to, as far as it leads."""
        node = self
        for token in path:
            step = node.child(token)
            if step is None:
                break
            node = step
        return node

    def child(self, token: str | int) -> Node | None:
        """The member or item called ``token``; scalars have none."""
        del token
        return None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.pointer or '/'} {self.span.start}:{self.span.end}>"


class ScalarNode(Node):
    """A string, number, boolean or null."""

    __slots__ = ("value",)

    def __init__(self, span: Span, value: str | float | bool | None) -> None:
        super().__init__(span)
        self.value = value

    @property
    def kind(self) -> str:  # type: ignore[override]
        """``string``, ``integer``, ``number`` (with a fraction or exponent), ``boolean`` or ``null``."""
        return kind_of(self.value)


class ArrayNode(Node):
    """An array."""

    __slots__ = ("items",)

    kind = "array"

    def __init__(self, span: Span, items: list[Node]) -> None:
        super().__init__(span)
        self.items = items
        for index, item in enumerate(items):
            item.parent, item.token = self, index

    @property
    def value(self) -> list[Any]:
        """The items as plain data."""
        return [item.value for item in self.items]

    def child(self, token: str | int) -> Node | None:
        """The item with this index."""
        if isinstance(token, int) and 0 <= token < len(self.items):
            return self.items[token]
        return None


class Member:
    """One ``"key": value`` of an object.

    Attributes:
        name: The key.
        key_span: Where the key stands, quotes included.
        node: The value.
    """

    __slots__ = ("key_span", "name", "node")

    def __init__(self, name: str, key_span: Span, node: Node) -> None:
        self.name = name
        self.key_span = key_span
        self.node = node

    @property
    def label(self) -> Label:
        """The key as a place to point to."""
        return Label(self.key_span, self.node.pointer)


class ObjectNode(Node):
    """An object. Keys that occur twice are both in ``members``; look-ups find the last, as Go does."""

    __slots__ = ("_by_name", "_folded", "members")

    kind = "object"

    def __init__(self, span: Span, members: list[Member]) -> None:
        super().__init__(span)
        self.members = members
        self._by_name = {member.name: member for member in members}
        self._folded: dict[str, Member] | None = None
        for member in members:
            member.node.parent, member.node.token = self, member.name

    @property
    def value(self) -> dict[str, Any]:
        """The members as plain data."""
        return {member.name: member.node.value for member in self._by_name.values()}

    def child(self, token: str | int) -> Node | None:
        """The value of the key ``token``."""
        member = self._by_name.get(token) if isinstance(token, str) else None
        return member.node if member else None

    def member(self, name: str) -> Member | None:
        """Key and value of ``name``."""
        return self._by_name.get(name)

    def folded(self, name: str) -> Member | None:
        """Key and value of ``name`` in any letter case, the last of several: how Go fills a struct."""
        if self._folded is None:
            self._folded = {member.name.casefold(): member for member in self.members}
        return self._folded.get(name.casefold())

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Member]:
        return iter(self._by_name.values())


def walk(root: Node) -> Iterator[Node]:
    """A node and all that is in it, the outer ones first; of equal keys the last one, as in Go."""
    waiting = [root]
    for node in waiting:
        yield node
        if isinstance(node, ObjectNode):
            waiting += [member.node for member in node]
        elif isinstance(node, ArrayNode):
            waiting += node.items


def kind_of(value: object) -> str:
    """The JSON type of plain data; a number written with a fraction or exponent is no ``integer``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for types, name in ((int, "integer"), (float, "number"), (str, "string"), (dict, "object")):
        if isinstance(value, types):
            return name
    return "array"
