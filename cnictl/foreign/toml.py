"""TOML documents as trees in which every value knows where it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.text.document import Problem
from cnictl.text.node import ArrayNode, Member, Node, ObjectNode, ScalarNode
from cnictl.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.text.source import Source

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = (
    re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}', re.DOTALL),
    re.compile(r"'''(?:[^']|'{1,2}(?!'))*'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
_OTHER = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,\]}#]+")
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class TomlDocument(NamedTuple):
    """A TOML text.

    Attributes:
        source: The text.
        root: Its outermost table; empty when the text cannot be read. A table's place is that of the header or key
            that it has first. Dates are texts.
        problem: Why it cannot be read.
    """

    source: Source
    root: ObjectNode
    problem: Problem | None = None

    def find(self, *path: str) -> Node | None:
        """The value that a path of keys leads to; ``None`` when there is none."""
        return find(self.root, *path)


def find(node: Node | None, *path: str) -> Node | None:
    """The value that a path of keys leads to, from a value on; ``None`` when there is none."""
    for key in path:
        node = node.child(key) if node is not None else None
    return node


def member(node: Node | None, *path: str) -> Member | None:
    """The last key of a path, with its value; ``None`` when there is none."""
    table = find(node, *path[:-1])
    return table.member(path[-1]) if isinstance(table, ObjectNode) else None


def read_toml(source: Source) -> TomlDocument:
    """Reads a TOML text. Never raises."""
    import tomllib

    if source.bad_bytes:
        at = source.bad_bytes.offset
        return _failed(source, Span(at, at + 1), source.bad_bytes.reason)
    try:
        data = tomllib.loads(source.text)
        return TomlDocument(source, _Reader(source.text, data).read())
    except tomllib.TOMLDecodeError as error:
        return _failed(source, *_place(source, str(error)))
    except (ValueError, RecursionError):  # a date that is none, an endless number or row of brackets
        return _failed(source, Span(0, 0), "it holds a value that cannot be read")


def _failed(source: Source, span: Span, reason: str) -> TomlDocument:
    problem = Problem("bad-toml", span, f"no valid TOML: {reason}", "write it as TOML wants it", fatal=True)
    return TomlDocument(source, ObjectNode(Span(0, 0), []), problem)


def _place(source: Source, message: str) -> tuple[Span, str]:
    """Where tomllib gave up, and why."""
    match = _PLACE.search(message)
    reason = message[: match.start()] if match else message
    reason = f"{reason[:1].lower()}{reason[1:]}"
    if not match or not match[1]:
        return Span(len(source.text), len(source.text)), reason
    lines = source.text.split("\n")
    start = sum(len(line) + 1 for line in lines[: int(match[1]) - 1]) + int(match[2]) - 1
    return Span(start, min(start + 1, len(source.text))), reason


class _Table:
    """A table that is not complete: others may add to it from anywhere in the text."""

    def __init__(self, span: Span, data: dict[str, Any], *, implied: bool = True) -> None:
        self.span = span
        self.data = data
        self.implied = implied
        self.entries: dict[str, tuple[Span, _Table | list[_Table] | Node]] = {}

    def step(self, name: str, span: Span) -> _Table:
        """The table under a key, made when it is not there; the last one of an array of tables."""
        if name not in self.entries:
            value = self.data[name]
            made: _Table | list[_Table] = [_Table(span, value[0])] if isinstance(value, list) else _Table(span, value)
            self.entries[name] = (span, made)
        found = self.entries[name][1]
        if isinstance(found, list):
            return found[-1]
        assert isinstance(found, _Table)  # noqa: S101  # tomllib has refused everything else
        return found

    def append(self, name: str, span: Span) -> _Table:
        """One more table of an array of tables."""
        tables: Any = self.entries.setdefault(name, (span, []))[1]
        tables.append(_Table(span, self.data[name][len(tables)], implied=False))
        table: _Table = tables[-1]
        return table

    def node(self) -> ObjectNode:
        """The whole table."""
        return ObjectNode(self.span, [Member(name, span, _node(value)) for name, (span, value) in self.entries.items()])


def _node(value: _Table | list[_Table] | Node) -> Node:
    if isinstance(value, Node):
        return value
    if isinstance(value, _Table):
        return value.node()
    return ArrayNode(value[0].span, [table.node() for table in value])


class _Reader:
    """Finds where everything stands in a text that is known to be TOML.

    Args:
        text: The text.
        data: What it means.
    """

    def __init__(self, text: str, data: dict[str, Any]) -> None:
        self.text = text
        self.at = 0
        self.root = _Table(Span(0, 0), data)

    def read(self) -> ObjectNode:
        table = self.root
        while self._peek():
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.root.node()

    def _peek(self) -> str:
        """The next character that means something; empty at the end."""
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def _header(self) -> _Table:
        start = self.at
        is_array = self.text.startswith("[[", start)
        self.at += 2 if is_array else 1
        path = self._path()
        self.at = self.text.index("]", self.at) + (2 if is_array else 1)
        span = Span(start, self.at)
        table = self.root
        for name, _ in path[:-1]:
            table = table.step(name, span)
        if is_array:
            return table.append(path[-1][0], span)
        table = table.step(path[-1][0], span)
        if table.implied:
            table.span, table.implied = span, False
        return table

    def _path(self) -> list[tuple[str, Span]]:
        """The keys of a dotted key."""
        path = []
        while True:
            self._peek()
            start = self.at
            pattern = {'"': _STRINGS[2], "'": _STRINGS[3]}.get(self.text[start], _BARE)
            self._skip(pattern)
            path.append((_name(self.text[start : self.at]), Span(start, self.at)))
            if self._peek() != ".":
                return path
            self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is None:
            message = "this is no TOML"
            raise ValueError(message)
        self.at = match.end()

    def _pair(self, table: _Table) -> None:
        path = self._path()
        self.at += 1  # the equals sign
        for name, span in path[:-1]:
            table = table.step(name, span)
        name, span = path[-1]
        table.entries[name] = (span, self._value(table.data[name]))

    def _value(self, data: Any) -> Node:  # noqa: ANN401  # any TOML value
        first, start = self._peek(), self.at
        if first == "[":
            return self._array(data)
        if first == "{":
            return self._inline(data)
        for pattern in (*_STRINGS, _OTHER):
            if pattern.match(self.text, start):
                self._skip(pattern)
                break
        value = data if isinstance(data, str | int | float | bool) else str(data)
        return ScalarNode(Span(start, self.at), value)

    def _array(self, data: Sequence[Any]) -> ArrayNode:
        start = self.at
        self.at += 1
        items: list[Node] = []
        while self._peek() != "]":
            if self.text[self.at] == ",":
                self.at += 1
            else:
                items.append(self._value(data[len(items)]))
        self.at += 1
        return ArrayNode(Span(start, self.at), items)

    def _inline(self, data: dict[str, Any]) -> ObjectNode:
        start = self.at
        self.at += 1
        table = _Table(Span(start, start), data)
        while self._peek() != "}":
            if self.text[self.at] == ",":
                self.at += 1
            else:
                self._pair(table)
        self.at += 1
        table.span = Span(start, self.at)
        return table.node()


def _name(written: str) -> str:
    """The name that a key means."""
    import tomllib

    if "\\" in written and written[0] == '"':
        return str(next(iter(tomllib.loads(f"{written} = 0"))))
    return written[1:-1] if written[0] in "\"'" else written
