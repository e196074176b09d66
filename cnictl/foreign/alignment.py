"""Where each character of a string stands in the YAML or JSON text that the string is written in."""

from __future__ import annotations

import re
from bisect import bisect_right

from cnictl.text.source import Span

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
_SEPARATORS = "\n\u2028\u2029"


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
