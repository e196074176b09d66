"""A JSON parser that knows where everything stands and goes on after the usual mistakes.

It accepts exactly what RFC 8259 accepts without a word. What people write instead (a trailing comma,
a comment, single quotes, a forgotten comma ...) becomes a `Problem` each, and parsing goes on, so that
one run shows every mistake. The kinds of problems:

========================  =====================================================
``not-utf8``              the bytes are not UTF-8
``byte-order-mark``       U+FEFF before the text
``empty-file``            nothing but white space
``trailing-comma``        ``,`` before ``]`` or ``}``
``extra-comma``           ``,`` with no value before it
``missing-comma``         two values with nothing between them
``missing-colon``         a key and a value with nothing between them
``comment``               ``//``, ``/* */`` or ``#``
``wrong-quotes``          ``'``, a backtick or typographic quotes
``unquoted-key``          a key without quotes
``unquoted-value``        a word without quotes
``bad-literal``           ``True``, ``None`` ...
``bad-number``            ``01``, ``+1``, ``.5``, ``0x1f``, ``NaN``, a number too large
``bad-string``            an unclosed string, a bare control character, a bad escape
``duplicate-key``         the same key twice in one object
``mismatched-bracket``    ``}`` where ``]`` is due, or the reverse
``truncated``             the text ends too early
``text-after-end``        text after the outermost value
``too-deep``              more than `MAX_DEPTH` levels
``unexpected-text``       anything else
========================  =====================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn

from cnictl.text.document import Document, Problem
from cnictl.text.node import ArrayNode, Member, Node, ObjectNode, ScalarNode
from cnictl.text.scan import QUOTES, WHITE_SPACE, GiveUp, Scanner, quote
from cnictl.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnictl.text.source import Source

MAX_DEPTH = 100
"""The deepest nesting that is followed. Go stops at 10,000; real configs stay below 10."""


def parse(source: Source, text: str | None = None) -> Document:
    """Parses a text as JSON. Never raises: what is wrong with it is in the document's problems.

    Args:
        source: The text.
        text: What to read in its place, of the same length: a template with something for its placeholders.
    """
    parser = _Parser(source, source.text if text is None else text)
    try:
        root: Node | None = parser.document()
    except GiveUp:
        root = None
    problems = sorted(parser.problems, key=lambda problem: problem.span)
    if root is None:
        problems = _without_consequences(problems, source)
    return Document(source, root, problems)


def _without_consequences(problems: list[Problem], source: Source) -> list[Problem]:
    """The problems without those of the parser's own making, on the line where it gave up.

    A quote that is missing makes text of what was outside of strings, and the reverse, up to the end of the line. What
    is noticed last of that is where the parser gives up; where it began is what the author has to look at.
    """
    end = next(problem for problem in reversed(problems) if problem.fatal)
    line = source.position(end.span.start).line
    here = [problem for problem in problems if source.position(problem.span.start).line == line]
    if end.kind != "bad-string" or len(here) == 1:
        return problems
    return [*(problem for problem in problems if problem not in here), here[0]._replace(fatal=True)]


class _Opened(NamedTuple):
    """A bracket that waits to be closed."""

    at: int
    closer: str
    kind: str


class _Parser(Scanner):
    def __init__(self, source: Source, text: str) -> None:
        super().__init__(text)
        self.source = source
        self.opened: list[_Opened] = []

    def document(self) -> Node:
        self.check_encoding()
        self.skip()
        if self.at == len(self.text):
            self.give_up("empty-file", (0, 0), "the file is empty", "write a network config into it, or remove it")
        root = self.value()
        is_word = bool(self.problems) and self.problems[-1].kind == "unquoted-value" and root.kind == "string"
        if is_word and root.value.endswith(":"):
            message = f"{root.value} begins a YAML text, and a network config is JSON"
            self.problems[-1] = self.problems[-1]._replace(message=message, fix="write it as JSON")
        self.skip()
        if self.at < len(self.text) and not is_word:  # what is no JSON from its first word on is one mistake
            rest = (self.at, len(self.text.rstrip(WHITE_SPACE)))
            message = f"text after the end of the document: {quote(self.text[slice(*rest)])}"
            self.problem("text-after-end", rest, message, "keep one document in the file")
        return root

    def check_encoding(self) -> None:
        bad = self.source.bad_bytes
        if bad:
            span = (bad.offset, min(bad.offset + 1, len(self.text)))
            self.problem("not-utf8", span, bad.reason, "save the file as UTF-8")
        if self.text.startswith("\ufeff"):
            message = "the file begins with a byte order mark (U+FEFF)"
            self.problem("byte-order-mark", (0, 1), message, "save the file as UTF-8 without BOM")
            self.at = 1

    def value(self) -> Node:
        char = self.text[self.at : self.at + 1]
        if char == '"':
            return self.text_node(self.string)
        if char == "{":
            return self.object()
        if char == "[":
            return self.array()
        if char in QUOTES:
            return self.text_node(self.quoted)
        if char == "-" or char.isdigit():
            return self.number()
        if char in "}],":  # the empty string too: the end of the text
            self.no_value()
        return self.bare_value()

    def text_node(self, read: Callable[[], str]) -> ScalarNode:
        start = self.at
        value = read()
        return ScalarNode(Span(start, self.at), value)

    def no_value(self) -> NoReturn:
        if self.at == len(self.text):
            self.truncated()
        message = f"a value is missing before {self.text[self.at]}"
        self.give_up("unexpected-text", (self.at, self.at + 1), message, "write the value, or remove the key")

    def object(self) -> ObjectNode:
        start = self.enter("}", "object")
        members: list[Member] = []
        while self.more("object", members[-1].node if members else None):
            members.append(self.one_member())
        self.leave()
        self.check_duplicates(members)
        return ObjectNode(Span(start, self.at), members)

    def one_member(self) -> Member:
        start = self.at
        name = self.key()
        key_span = Span(start, self.at)
        self.skip()
        if self.text.startswith((":", "="), self.at):
            if self.text[self.at] == "=":
                message = "a key and its value are joined by a colon, not by ="
                self.problem("missing-colon", (self.at, self.at + 1), message, "write :")
            self.at += 1
            self.skip()
        elif self.at == len(self.text):
            self.truncated()
        elif ":" in name and self.text[key_span.start] == '"':
            message = "a quote is missing: this string runs over the colon that ends its key"
            self.give_up("bad-string", key_span, message, "close the string with a quote")
        else:
            span = (key_span.end, key_span.end)
            self.problem("missing-colon", span, f'a colon is missing after "{name}"', "write :")
        return Member(name, key_span, self.value())

    def key(self) -> str:
        char = self.text[self.at]
        if char == '"':
            return self.string()
        return self.quoted() if char in QUOTES else self.bare_key()

    def check_duplicates(self, members: list[Member]) -> None:
        first: dict[str, Member] = {}
        for member in members:
            other = first.setdefault(member.name, member)
            if other is not member:
                line = self.source.position(other.key_span.start).line
                message = f'the key "{member.name}" stands in line {line} already'
                self.problem("duplicate-key", member.key_span, message, "keep one of the two")

    def array(self) -> ArrayNode:
        start = self.enter("]", "array")
        items: list[Node] = []
        while self.more("array", items[-1] if items else None):
            items.append(self.value())
        self.leave()
        return ArrayNode(Span(start, self.at), items)

    def enter(self, closer: str, kind: str) -> int:
        start = self.at
        if len(self.opened) == MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            self.give_up("too-deep", (start, start + 1), message, "this is no network config: look at what wrote it")
        self.opened.append(_Opened(start, closer, kind))
        self.at += 1
        return start

    def leave(self) -> None:
        self.at += 1
        self.opened.pop()

    def more(self, kind: str, previous: Node | None) -> bool:
        """Moves to the next member or item; false when the closing bracket is next."""
        self.skip()
        comma = self.commas(previous)
        opened = self.opened[-1]
        char = self.text[self.at : self.at + 1]
        if not char:
            self.truncated()
        if char == opened.closer:
            if comma is not None and previous is not None:
                message = f"a comma stands before the closing {char}"
                self.problem("trailing-comma", (comma, comma + 1), message, "remove the comma")
            return False
        if char in "}]":
            self.mismatched(opened, char)
        if kind == "object" and not self.at_key():
            self.unexpected()
        if previous is not None and comma is None:
            self.missing_comma(previous)
        return True

    def commas(self, previous: Node | None) -> int | None:
        """Moves over the comma, and over more of them; the place of the last one that separates."""
        comma: int | None = None
        while self.text.startswith(",", self.at):
            if comma is not None or previous is None:
                message = "a comma without a value before it"
                self.problem("extra-comma", (self.at, self.at + 1), message, "remove the comma")
            else:
                comma = self.at
            self.at += 1
            self.skip()
        return comma

    def missing_comma(self, previous: Node) -> None:
        end = previous.span.end
        where = self.source.position(end)
        message = f"a comma is missing at the end of line {where.line}"
        if self.source.position(self.at).line == where.line:
            message = "a comma is missing between two values"
        self.problem("missing-comma", (end, end), message, "write a comma")

    def mismatched(self, opened: _Opened, char: str) -> NoReturn:
        line = self.source.position(opened.at).line
        message = f"{char} stands here, but the {opened.kind} that begins in line {line} needs {opened.closer}"
        self.give_up("mismatched-bracket", (self.at, self.at + 1), message, f"write {opened.closer}")

    def truncated(self) -> NoReturn:
        end = len(self.text.rstrip())
        if not self.opened:
            self.give_up("truncated", (end, end), "the file ends too early", "restore the rest of the file")
        opened = self.opened[-1]
        line = self.source.position(opened.at).line
        message = f"the file ends inside the {opened.kind} that begins in line {line}"
        self.give_up("truncated", (end, end), message, f"restore the rest of the file, or add {opened.closer}")
