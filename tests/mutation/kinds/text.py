"""The text is no JSON, or not what its writer meant it to be."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cnictl.report.finding import Severity
from tests.mutation.registry import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutation.configs import Change, Good

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class Token(NamedTuple):
    """A piece of a text."""

    text: str
    start: int
    end: int
    is_key: bool


def _tokens(text: str) -> list[Token]:
    matches = list(_TOKEN.finditer(text))
    after = [*(match[0] for match in matches[1:]), ""]
    return [Token(match[0], *match.span(), then == ":") for match, then in zip(matches, after, strict=True)]


def _replaced(good: Good, token: Token, by: str, *, more: int = 0) -> Change:
    """The text with something else for a token; a finding is wanted in its line or one of ``more`` lines after it."""
    text = good.text[: token.start] + by + good.text[token.end :]
    line = text.count("\n", 0, token.start) + 1
    return good.written(text, f"line {line}: {token.text} -> {by!r}", *range(line, line + more + 1))


def _each(good: Good, *texts: str) -> Iterator[Token]:
    return (token for token in _tokens(good.text) if token.text in texts)


def _values(good: Good) -> Iterator[Token]:
    """Strings that are no keys and hold nothing but letters."""
    for token in _tokens(good.text):
        if not token.is_key and re.fullmatch('"[a-z]+"', token.text):
            yield token


@kind("trailing comma", everywhere=True)
def trailing_comma(good: Good) -> Iterator[Change]:
    tokens = _tokens(good.text)
    for token, then in pairwise(tokens):
        if then.text in "]}" and token.text not in "[{":
            yield _replaced(good, token, token.text + ",")


@kind("missing comma", everywhere=True)
def missing_comma(good: Good) -> Iterator[Change]:
    return (_replaced(good, token, " ", more=1) for token in _each(good, ","))


@kind("semicolon for comma", everywhere=True)
def semicolon(good: Good) -> Iterator[Change]:
    return (_replaced(good, token, ";", more=1) for token in _each(good, ","))


@kind("comma twice", everywhere=True)
def comma_twice(good: Good) -> Iterator[Change]:
    return (_replaced(good, token, ",,", more=1) for token in _each(good, ","))


@kind("comment", everywhere=True)
def comment(good: Good) -> Iterator[Change]:
    for remark in (" // remark\n", " # remark\n", " /* remark */ "):
        yield from (_replaced(good, token, token.text + remark) for token in _each(good, ",", "{"))


@kind("byte order mark", everywhere=True)
def byte_order_mark(good: Good) -> Iterator[Change]:
    yield good.written("\ufeff" + good.text, "a byte order mark", 1)


@kind("UTF-16", everywhere=True)
def wide(good: Good) -> Iterator[Change]:
    yield good.written(good.text.encode("utf-16"), "in UTF-16", 1)


@kind("not UTF-8", everywhere=True, errors=2)  # the value that a runtime reads may be wrong too
def latin(good: Good) -> Iterator[Change]:
    for token in _values(good):
        text = good.text[: token.start + 1] + "Ä" + good.text[token.start + 1 :]
        yield good.written(text.encode("latin-1", "replace"), "in Latin-1", good.text.count("\n", 0, token.start) + 1)


@kind("single quotes", everywhere=True)
def single_quotes(good: Good) -> Iterator[Change]:
    for token in _tokens(good.text):
        if token.text.startswith('"') and "'" not in token.text:
            yield _replaced(good, token, token.text.replace('"', "'"))


@kind("typographic quotes", everywhere=True)
def typographic_quotes(good: Good) -> Iterator[Change]:
    return (_replaced(good, token, f"“{token.text[1:-1]}”") for token in _values(good))


@kind("unquoted key", everywhere=True)
def unquoted_key(good: Good) -> Iterator[Change]:
    return (_replaced(good, token, token.text[1:-1]) for token in _tokens(good.text) if token.is_key)


@kind("unquoted value", everywhere=True)
def unquoted_value(good: Good) -> Iterator[Change]:
    return (_replaced(good, token, token.text[1:-1]) for token in _values(good))


@kind("missing colon", everywhere=True)
def missing_colon(good: Good) -> Iterator[Change]:
    return (_replaced(good, token, " ") for token in _each(good, ":"))


@kind("equals sign for colon", everywhere=True)
def equals_sign(good: Good) -> Iterator[Change]:
    return (_replaced(good, token, " =") for token in _each(good, ":"))


@kind("truncated", everywhere=True, errors=2)
def truncated(good: Good) -> Iterator[Change]:
    for token in _tokens(good.text)[1:-1:3]:
        yield good.written(good.text[: token.end], f"cut behind character {token.end}")
        yield good.written(good.text[: token.start + 1], f"cut behind character {token.start + 1}")


@kind("closing bracket missing", everywhere=True, errors=2)
def unclosed(good: Good) -> Iterator[Change]:
    for token in list(_each(good, "]", "}"))[:-1]:
        yield good.written(good.text[: token.start] + good.text[token.end :], f"{token.text} deleted")


@kind("closing bracket twice", everywhere=True, errors=2)
def closed_twice(good: Good) -> Iterator[Change]:
    for token in _each(good, "]", "}"):
        text = good.text[: token.end] + token.text + good.text[token.end :]
        yield good.written(text, f"character {token.start}: {token.text} twice")


@kind("wrong closing bracket", everywhere=True)
def wrong_bracket(good: Good) -> Iterator[Change]:
    return (_replaced(good, token, "]" if token.text == "}" else "}") for token in _each(good, "]", "}"))


@kind("literal misspelt", everywhere=True)
def bad_literal(good: Good) -> Iterator[Change]:
    for token in _each(good, "true", "false"):
        for text in (token.text.title(), token.text.upper(), "yes", token.text[:-1]):
            yield _replaced(good, token, text)


@kind("number not as in JSON", everywhere=True)
def bad_number(good: Good) -> Iterator[Change]:
    for token in _tokens(good.text):
        if token.text.isdigit() and int(token.text):
            for text in (f"0{token.text}", f"{token.text}.", f"+{token.text}", hex(int(token.text)), "NaN", "1_450"):
                yield _replaced(good, token, text)


@kind("string not closed", everywhere=True)
def open_string(good: Good) -> Iterator[Change]:
    return (_replaced(good, token, token.text[:-1]) for token in _tokens(good.text) if token.text[0] == '"')


@kind("line end or tab in string", everywhere=True, errors=2)  # the same
def raw_character(good: Good) -> Iterator[Change]:
    for token in _values(good):
        yield _replaced(good, token, token.text[:2] + "\n" + token.text[2:], more=1)
        yield _replaced(good, token, token.text[:2] + "\t" + token.text[2:])


@kind("bad escape in string", everywhere=True)
def bad_escape(good: Good) -> Iterator[Change]:
    return (
        _replaced(good, token, token.text[:-1] + escape + '"') for token in _values(good) for escape in (r"\d", r"\u12")
    )


@kind("two documents", everywhere=True)
def two_documents(good: Good) -> Iterator[Change]:
    yield good.written(good.text + good.text, "twice the same")
    yield good.written(good.text.rstrip() + "\nEOF\n", "text behind", len(good.text.rstrip().split("\n")) + 1)


@kind("no document", everywhere=True)
def no_document(good: Good) -> Iterator[Change]:
    for text in ("", " \n", "\0" * 64):
        yield good.written(text, f"the text is {text[:3]!r}")


@kind("YAML", everywhere=True, errors=2)
def yaml(good: Good) -> Iterator[Change]:
    yield good.written(re.sub(r'[{}",\[\]]', "", good.text), "without brackets and quotes")


@kind("key twice", Severity.WARNING, everywhere=True)
def key_twice(good: Good) -> Iterator[Change]:
    tokens = _tokens(good.text)
    for token, _, value in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token.is_key and value.text not in "[{":
            member = good.text[token.start : value.end]
            yield _replaced(good, token, f"{member}, {token.text}")
