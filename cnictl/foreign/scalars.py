"""The strings of YAML and JSON manifests, and where each of their characters stands in the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.text.document import Problem
from cnictl.text.node import ArrayNode, Member, Node, ObjectNode, ScalarNode
from cnictl.text.parser import parse
from cnictl.text.source import Span

if TYPE_CHECKING:
    from cnictl.text.source import Source

MAX_DEPTH = 1000
"""The deepest nesting that is followed in YAML; what is deeper is refused, since it would take minutes to read."""

_STYLES = {"|": "literal", ">": "folded", "'": "single", '"': "double"}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_PROPERTIES = re.compile(r"(?:[&!]\S*+(?:\s++(?:#[^\r\n]*+\s++)*+|\Z))*+")
_SURROGATE = re.compile("[\ud800-\udfff]")

_BREAK = r"(?:\r\n|[\r\n\x85\u2028\u2029])"
_FOLD = rf"(?P<fold>[ \t]*+(?:{_BREAK}[ \t]*+)++)"
_PAIR = r"u[dD][89abAB]..\\u[dD][c-fC-F].."
_ESCAPE = rf"(?P<escape>\\(?:{_PAIR}|x..|u.{{4}}|U.{{8}}|.))"
_JOINED = rf"(?P<joined>\\{_BREAK}[ \t]*+(?:{_BREAK}[ \t]*+)*+)"
_BLANKS = r"[ \t]++"
_PIECES = {  # compiled when the first string of such a style is met
    "plain": rf"{_FOLD}|{_BLANKS}|[^ \t\r\n\x85\u2028\u2029]++",
    "single": rf"{_FOLD}|(?P<escape>'')|{_BLANKS}|[^ \t'\r\n\x85\u2028\u2029]++",
    "double": rf"{_FOLD}|{_JOINED}|{_ESCAPE}|{_BLANKS}|[^ \t\\\r\n\x85\u2028\u2029]++",
    "json": rf"{_ESCAPE}|[^\\]++",
}
_LINE = re.compile(rf"([^\r\n\x85\u2028\u2029]*+)({_BREAK}|\Z)")
_HARMLESS = frozenset({"duplicate-key", "byte-order-mark", "not-utf8"})
"""What JSON may have and still be read: the first two by Kubernetes too, the third is the caller's to tell."""
_SEPARATORS = "\n\u2028\u2029"


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
    if found.problem and document and refused and not source.path.endswith((".yaml", ".yml")):
        roots = [document.root] if document.root and document.complete else []
        return Documents(roots, refused._replace(message=f"no valid JSON: {refused.message}"))
    return found


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
        mark = error.problem_mark or error.context_mark
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


class Alignment:
    """Where the characters of a string stand in the text around it.

    Args:
        value: The string.
        text: The text around it.
        span: Where the string stands there.
        style: How it is written: one of YAML's styles, or ``json``.
    """

    def __init__(self, value: str, text: str, span: Span, style: str) -> None:
        self.length = len(value)
        self.end = span.start
        self.indent = 0
        self._inner: list[int] = []
        self._outer: list[int] = []
        if style in ("literal", "folded"):
            if value.strip():  # of blanks alone, nobody asks where they are
                self._align_block(value, text, span.start)
        else:
            self._align_flow(text, span, style)

    def outer(self, offset: int) -> int:
        """The place of a character; for what is past the end, the place just behind the last one."""
        if offset >= self.length or not self._inner:
            return self.end
        piece = bisect_right(self._inner, offset) - 1
        return self._outer[piece] + offset - self._inner[piece]

    def _piece(self, inner: int, outer: int, end: int) -> None:
        self._inner.append(inner)
        self._outer.append(outer)
        self.end = end

    def _align_flow(self, text: str, span: Span, style: str) -> None:
        quotes = int(style != "plain")
        at = 0
        self.end = span.start + quotes
        pieces = re.compile(_PIECES[style], re.DOTALL)
        for match in pieces.finditer(text, span.start + quotes, span.end - quotes):
            kind, (start, end) = match.lastgroup, match.span()
            length = _length(kind, match.group())
            if kind == "fold":
                for blank in range(length):
                    self._piece(at + blank, start, end)
            elif length:
                self._piece(at, start, end)
            at += length

    def _align_block(self, value: str, text: str, start: int) -> None:
        header = _LINE.match(text, start)
        line = header.end() if header else start
        self.indent = _indent(value, text, line)
        at, breaks = 0, list[Span]()
        while at < len(value) and line < len(text):
            match = _LINE.match(text, line)
            if match is None:
                break
            begin, end = line + self.indent, match.end(1)
            if begin < end:
                at = self._separate(value, at, breaks, stop=text[begin] in " \t")
                if at >= len(value):  # the line is behind the block
                    return
                self._piece(at, begin, end)
                at += end - begin
                breaks.clear()
            breaks.append(Span(*match.span(2)))
            line = match.end()
        self._separate(value, at, breaks)

    def _separate(self, value: str, at: int, breaks: list[Span], *, stop: bool = False) -> int:
        """Aligns what stands between two lines; ``stop`` when blanks belong to the line that follows."""
        wanted = _SEPARATORS if stop else _SEPARATORS + " "
        for place in breaks:
            if at >= len(value) or value[at] not in wanted:
                break
            self._piece(at, *place)
            at += 1
        return at


def _length(kind: str | None, piece: str) -> int:
    """How many characters of the value a piece of the text stands for."""
    if kind == "escape":
        return 1
    if kind not in ("fold", "joined"):
        return len(piece)
    breaks = re.findall(_BREAK, piece)
    if kind == "fold" and (len(breaks) == 1 or breaks[0] in "\u2028\u2029"):
        return len(breaks)
    return len(breaks) - 1


def _indent(value: str, text: str, start: int) -> int:
    """How far a block scalar is indented: what its first line with text has more than the value's."""
    outer, inner = re.compile(r"[^ \r\n\x85\u2028\u2029]").search(text, start), re.search(r"[^ \n\u2028\u2029]", value)
    if not outer or not inner:
        return 0
    before, wanted = text[start : outer.start()], value[: inner.start()]
    return (len(before) - len(before.rstrip(" "))) - (len(wanted) - len(wanted.rstrip(" ")))
