"""The parser's lower half: white space, strings, numbers and words, and what people write instead."""

from __future__ import annotations

import json
import re
from functools import cache
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed does not list it
from typing import NoReturn

from cnictl.text.document import Problem
from cnictl.text.node import ScalarNode
from cnictl.text.source import Span

WHITE_SPACE = " \t\r\n"
"""What JSON takes for white space; others, such as U+00A0, come from web pages and are refused."""

_SKIPPED = frozenset(f"{WHITE_SPACE}/#")
_SPACE = re.compile(rf"[{WHITE_SPACE}]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<real>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_BARE = re.compile(r"(?:(?!//|/\*|#)[^\s,;\[\]{}\"])+")
_SURROGATE = re.compile("[\ud800-\udfff]")

# These are needed for mistakes only, so they are compiled when the first one is met: `_rare`.
_ONE_COMMENT = r"(?://|#)[^\n]*|/\*[\s\S]*?(?:\*/|\Z)"
_COMMENTS = rf"(?:{_ONE_COMMENT})(?:[ \t\r\n]*(?:{_ONE_COMMENT}))*"
_NUMBERLIKE = r"[+-]?(?:0[xXoObB][0-9a-fA-F]+|[0-9][0-9_]*+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_WORD = r"[A-Za-z_$][\w$-]*"
_LOOSE_STRING = r'"(?:[^"\\\n]++|\\[^\n])*+"'

_MAX_DIGITS = 300
"""More digits than this do not fit into the float that Go reads free-form numbers into."""

MAX_PROBLEMS = 1000
"""With so many mistakes a text is not JSON, and nobody reads a longer list of them."""

QUOTES = {"'": "'", "`": "`", "\u2018": "\u2019", "\u2019": "\u2019", "\u201c": "\u201d", "\u201d": "\u201d"}
"""What people write instead of ``"``, and what closes it."""

_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_MEANT: dict[str, bool | None] = {"none": None, "nil": None, "undefined": None, **_LITERALS}
_NOT_A_NUMBER = frozenset({"NaN", "Infinity", "-Infinity", "-NaN"})


@cache
def _rare(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


class GiveUp(Exception):  # control flow, not an error
    """The problem that ends the parse has been recorded."""


class Scanner:
    """Reads scalars from a text, from left to right.

    Args:
        text: The text.

    Attributes:
        at: Index of the next character.
        problems: What was found wrong so far.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.problems: list[Problem] = []

    def problem(self, kind: str, span: tuple[int, int], message: str, fix: str, *, fatal: bool = False) -> None:
        """Records a problem; ``fatal`` when it is not known what value was meant."""
        self.problems.append(Problem(kind, Span(*span), message, fix, fatal))
        if len(self.problems) == MAX_PROBLEMS:
            message = f"the rest is not read: these are {MAX_PROBLEMS} mistakes already"
            self.give_up("unexpected-text", span, message, "this is no network config: look at what wrote it")

    def give_up(self, kind: str, span: tuple[int, int], message: str, fix: str) -> NoReturn:
        """Records a problem after which nothing sensible can be read."""
        self.problem(kind, span, message, fix, fatal=True)
        raise GiveUp

    def skip(self) -> None:
        """Moves over white space, and over comments: each block of them is one problem."""
        text = self.text
        if text[self.at : self.at + 1] not in _SKIPPED:  # which is so most often
            return
        at = _end(_SPACE, text, self.at)
        while at < len(text) and text[at] in "/#":
            block = _rare(_COMMENTS).match(text, at)
            if block is None:
                break
            self.problem("comment", block.span(), "JSON has no comments", "remove the comment")
            at = _end(_SPACE, text, block.end())
        self.at = at

    def string(self) -> str:
        """Reads a string in double quotes."""
        start = self.at
        value: str
        try:
            value, self.at = scanstring(self.text, start + 1, True)  # noqa: FBT003  # its signature
        except json.JSONDecodeError as error:
            return self._odd_string(start, error)
        if _SURROGATE.search(value):
            # Half of a surrogate pair is no character; Go's parser puts U+FFFD in its place too.
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value

    def _odd_string(self, start: int, error: json.JSONDecodeError) -> str:
        """What a string with a mistake in it was meant to be."""
        loose = _rare(_LOOSE_STRING).match(self.text, start)
        if loose is None:
            end = len(self.text[start:].split("\n", 1)[0].rstrip()) + start
            self.give_up("bad-string", (start, end), "the string is not closed on its line", 'add the closing "')
        self.at = loose.end()
        char = self.text[error.pos]
        if char == "\\":
            message = f"\\{self.text[error.pos + 1]} is no JSON escape"
            fix = r"write \\ for a backslash"
            self.problem("bad-string", (error.pos, error.pos + 2), message, fix, fatal=True)
        elif char < " ":
            message = f"a bare control character (U+{ord(char):04X}) in a string"
            self.problem("bad-string", (error.pos, error.pos + 1), message, rf"write \u{ord(char):04x}")
        else:
            message = r"a \u escape needs four hexadecimal digits"
            self.problem("bad-string", (start, self.at), message, r"write it as \u00e9", fatal=True)
        return loose.group()[1:-1]

    def quoted(self) -> str:
        """Reads a string in the wrong kind of quotes."""
        start, text = self.at, self.text
        closers = QUOTES[text[start]] + '"'
        end = start + 1
        while end < len(text) and text[end] not in closers and text[end] != "\n":
            end += 1
        if end == len(text) or text[end] == "\n":
            span = (start, len(text[:end].rstrip()))
            self.give_up("bad-string", span, "the string is not closed on its line", 'put it in " quotes')
        self.at = end + 1
        message = f"strings in JSON are in double quotes, not in {text[start]}"
        self.problem("wrong-quotes", (start, self.at), message, f'write "{text[start + 1 : end]}"')
        return text[start + 1 : end]

    def number(self) -> ScalarNode:
        """Reads a number, or the mistake that begins like one."""
        start = self.at
        match = _NUMBER.match(self.text, start)
        if match is None or _BARE.match(self.text, match.end()):
            return self.bare_value()
        self.at = match.end()
        digits = match.group()
        if match["real"] is None and match["exponent"] is None and len(digits) <= _MAX_DIGITS:
            return ScalarNode(Span(start, self.at), int(digits))
        value = float(digits)
        if value in (float("inf"), float("-inf")):
            fix = "write a number that fits into 64 bits"
            self.problem("bad-number", match.span(), "the number is too large", fix, fatal=True)
        return ScalarNode(Span(start, self.at), value)

    def bare_value(self) -> ScalarNode:
        """Reads a value without quotes: a literal, or a mistake."""
        match = _BARE.match(self.text, self.at)
        if match is None:
            self.unexpected()
        start, end = match.span()
        word = match.group()
        self.at = end
        span = Span(start, end)
        if word in _LITERALS:
            return ScalarNode(span, _LITERALS[word])
        if word.casefold() in _MEANT:
            meant = _MEANT[word.casefold()]
            fix = f"write {json.dumps(meant)}"
            self.problem("bad-literal", span, f"{word} is no JSON literal", fix)
            return ScalarNode(span, meant)
        if word in _NOT_A_NUMBER or _rare(_NUMBERLIKE).fullmatch(word):
            self.problem("bad-number", span, f"{word} is no JSON number", "write a plain decimal number", fatal=True)
        elif word.strip(".") and (word[0].isalnum() or word[0] in "_$-./"):
            fix = f'write "{word}"'
            self.problem("unquoted-value", span, f"{word} is neither a number nor in quotes", fix, fatal=True)
        else:
            self.at = start
            self.unexpected()
        return ScalarNode(span, word)

    def bare_key(self) -> str:
        """Reads a key without quotes."""
        match = _rare(_WORD).match(self.text, self.at)
        if match is None:
            self.unexpected()
        self.at = match.end()
        fix = f'write "{match.group()}"'
        self.problem("unquoted-key", match.span(), f"the key {match.group()} is not in quotes", fix)
        return match.group()

    def at_key(self) -> bool:
        """Whether a key begins here, in whatever quotes or in none."""
        char = self.text[self.at : self.at + 1]
        return char == '"' or char in QUOTES or bool(_rare(_WORD).match(self.text, self.at))

    def unexpected(self) -> NoReturn:
        """Gives up at text that makes no sense in this place."""
        match = _BARE.match(self.text, self.at)
        end = match.end() if match else self.at + 1
        message = f"unexpected {quote(self.text[self.at : end])}"
        self.give_up("unexpected-text", (self.at, end), message, "remove it, or put it in quotes if it is a value")


def shorten(text: str, limit: int = 30) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def quote(text: str) -> str:
    """The beginning of a text that is at fault; what is white space to people, but not to JSON, by its code point."""
    return shorten(text) or f"white space (U+{ord(text[0]):04X})"


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a pattern that also matches nothing stops matching."""
    match = pattern.match(text, at)
    return match.end() if match else at
