"""YAML and JSON manifests as trees whose strings know where they stand in the file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.text.document import Problem
from cnictl.text.node import ArrayNode, Member, Node, ObjectNode, ScalarNode, walk
from cnictl.text.parser import parse
from cnictl.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 1000
"""The deepest nesting that is followed in YAML; what is deeper is refused, since it would take minutes to read."""

_STYLES = {"|": "literal", ">": "folded", "'": "single", '"': "double"}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_PROPERTIES = re.compile(r"(?:[&!]\S*+(?:\s++(?:#[^\r\n]*+\s++)*+|\Z))*+")
_SURROGATE = re.compile("[\ud800-\udfff]")

_HARMLESS = frozenset({"duplicate-key", "byte-order-mark", "not-utf8"})
"""What JSON may have and still be read: the first two by Kubernetes too, the third is the caller's to tell."""
_TEXT = re.compile(r"\S")
_UNENDED = frozenset(
    {
        "could not find expected ':'",
        "found unexpected end of stream",
        "found unexpected document indicator",
        "found unexpected document separator",
    }
)
"""What is noticed long behind the place where it has to be mended."""


class Scalar(ScalarNode):
    """A scalar of a YAML document; every value but null is a string.

    Attributes:
        style: How it is written: ``literal``, ``folded``, ``plain``, ``single`` or ``double``.
    """

    __slots__ = ("style",)

    def __init__(self, span: Span, value: str | None, style: str) -> None:
        super().__init__(span, value)
        self.style = style


class Documents(NamedTuple):
    """What a manifest holds, up to the place where it cannot be read."""

    roots: list[Node]
    problem: Problem | None


def read_documents(source: Source) -> Documents:
    """The documents of a YAML or JSON text, as trees whose spans are those of the text. Never raises."""
    document = parse(source) if source.text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else None
    refused = next((item for item in document.problems if item.kind not in _HARMLESS), None) if document else None
    if document and document.root and not refused:
        return Documents([document.root], None)
    found = _read_yaml(source.text)
    if found.problem and refused and refused.kind == "text-after-end":
        found = _read_stream(source) or found
    if found.problem and document and refused and not source.path.endswith((".yaml", ".yml")):
        roots = [document.root] if document.root and document.complete else []
        return Documents(roots, refused._replace(message=f"no valid JSON: {refused.message}"))
    return found


def _read_stream(source: Source) -> Documents | None:
    """Several JSON objects one behind the other, as ``kubectl`` takes them too; ``None`` when they are none."""
    try:
        return Documents([_moved(source, *span) for span in _objects_in(source.text)], None)
    except (ValueError, RecursionError):
        return None


def _objects_in(text: str) -> Iterator[Span]:
    decoder, start = json.JSONDecoder(), 0
    while match := _TEXT.search(text, start):
        _, start = decoder.raw_decode(text, match.start())
        yield Span(match.start(), start)


def _moved(source: Source, start: int, end: int) -> Node:
    """The tree of a part of a text, with spans in the whole."""
    document = parse(Source(source.path, source.text[start:end].encode()))
    root = document.root
    if not isinstance(root, ObjectNode) or any(problem.kind not in _HARMLESS for problem in document.problems):
        raise ValueError
    for node in walk(root):
        node.span = Span(node.span.start + start, node.span.end + start)
        for member in node if isinstance(node, ObjectNode) else ():
            member.key_span = Span(member.key_span.start + start, member.key_span.end + start)
    return root


def _read_yaml(text: str) -> Documents:
    import yaml

    shift = int(text.startswith("\ufeff"))  # libyaml does not count it, so neither of the two loaders sees it
    tree = _Tree(text, shift)
    handlers = {
        yaml.DocumentStartEvent: tree.begin,
        yaml.ScalarEvent: tree.scalar,
        yaml.AliasEvent: tree.alias,
        yaml.MappingStartEvent: tree.open,
        yaml.SequenceStartEvent: tree.open,
        yaml.MappingEndEvent: tree.close,
        yaml.SequenceEndEvent: tree.close,
    }
    # Events, not nodes: an alias stays one event however much it stands for, and depth costs no stack.
    # libyaml is ten times as fast, and marks the same places.
    loader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        for event in yaml.parse(text[shift:], Loader=loader):
            handler = handlers.get(type(event))
            if handler:
                handler(event)
    except _Refused as error:
        return Documents(tree.roots, _problem(error.span, error.message))
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        return Documents(tree.roots, _problem(_place(error, text, shift), _reason(error)))
    return Documents(tree.roots, None)


class _Refused(Exception):
    """Something that the YAML library would take."""

    def __init__(self, span: Span, message: str) -> None:
        super().__init__(message)
        self.span = span
        self.message = message


def _problem(span: Span, reason: str) -> Problem:
    return Problem("bad-yaml", span, f"no valid YAML: {reason}", "write it as YAML wants it", fatal=True)


def _place(error: Exception, text: str, shift: int) -> Span:
    import yaml

    if isinstance(error, yaml.MarkedYAMLError):
        first, last = error.context_mark, error.problem_mark
        mark = first or last if error.problem in _UNENDED else last or first
        at = min(mark.index + shift, len(text)) if mark else 0
        return Span(at, min(at + 1, len(text)))
    unprintable = yaml.reader.Reader.NON_PRINTABLE.search(text)  # libyaml counts bytes here
    return Span(*unprintable.span()) if unprintable else Span(0, min(1, len(text)))


def _reason(error: Exception) -> str:
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or getattr(error, "context", None)
    return str(reason or "it cannot be read")


class _Opened(NamedTuple):
    start: int
    mapping: bool
    nodes: list[Node]


class _Tree:
    """Builds the tree of each document from its events.

    Args:
        text: The whole text.
        shift: How many characters of it the events do not count.
    """

    def __init__(self, text: str, shift: int) -> None:
        self.text = text
        self.shift = shift
        self.roots: list[Node] = []
        self.opened: list[_Opened] = []
        self.anchors: dict[str, Scalar | None] = {}

    def span(self, event: Any) -> Span:  # noqa: ANN401  # the library's events have no common typed base
        start, end = event.start_mark.index + self.shift, event.end_mark.index + self.shift
        return Span(start, end)

    def begin(self, event: Any) -> None:  # noqa: ANN401
        del event
        self.anchors.clear()

    def scalar(self, event: Any) -> None:  # noqa: ANN401
        style = _STYLES.get(event.style or "", "plain")
        start, end = self.span(event)
        if event.anchor or event.tag:
            match = _PROPERTIES.match(self.text, start)
            start = min(match.end(), end) if match else start
        absent = style == "plain" and event.implicit[0] and event.value in _NULLS
        node = Scalar(Span(start, end), None if absent else _without_halves(event.value), style)
        if event.anchor:
            self.anchors[event.anchor] = node
        self.add(node)

    def alias(self, event: Any) -> None:  # noqa: ANN401
        if event.anchor not in self.anchors:
            raise _Refused(self.span(event), f"there is no anchor &{event.anchor} before *{event.anchor}")
        meant = self.anchors[event.anchor]
        # What is more than a scalar has been read at its anchor.
        self.add(Scalar(meant.span, meant.value, meant.style) if meant else Scalar(self.span(event), None, "plain"))

    def open(self, event: Any) -> None:  # noqa: ANN401
        span = self.span(event)
        if len(self.opened) == MAX_DEPTH:
            raise _Refused(span, f"nested deeper than {MAX_DEPTH} levels")
        if event.anchor:
            self.anchors[event.anchor] = None
        self.opened.append(_Opened(span.start, type(event).__name__ == "MappingStartEvent", []))

    def close(self, event: Any) -> None:  # noqa: ANN401
        start, mapping, nodes = self.opened.pop()
        span = Span(start, self.span(event).end)
        if not mapping:
            self.add(ArrayNode(span, nodes))
            return
        pairs = zip(nodes[::2], nodes[1::2], strict=True)
        self.add(ObjectNode(span, [Member(_name(key), key.span, node) for key, node in pairs]))

    def add(self, node: Node) -> None:
        (self.opened[-1].nodes if self.opened else self.roots).append(node)


def _name(key: Node) -> str:
    return key.value or "" if isinstance(key, Scalar) else ""


def _without_halves(value: str) -> str:
    """The value with pairs of surrogates as the characters that they stand for, as JSON means them."""
    if not _SURROGATE.search(value):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
