"""Texts that are not yet what they will be: templates with placeholders for a program to fill in."""

from __future__ import annotations

import re
from typing import NamedTuple

from cnictl.text.source import Span

# None of these goes far back: whatever a file holds, it is read in no time. Possessive quantifiers would say so, but
# those of groups are broken in Python 3.11.2, which is Debian 12's.
_PLACEHOLDER = r"""
    \{\{(?!\{)[^{}]*(?:(?:\{(?!\{)|\}(?!\}))[^{}]*)*\}\}    # Helm, Go, Jinja
  | \{%[^%{]*(?:(?:%(?!\})|\{(?!%))[^%{]*)*%\}              # Jinja
  | \$\{[^{}"\n]*\}        # shell
  | \$[A-Z_][A-Z0-9_]*
  | __[A-Z][A-Z0-9_]*__    # sed, as in Calico's manifests
"""
_BARE = r"%[sdtvq] | @[A-Za-z_]\w*(?:@\w*)* | \$[A-Za-z_0-9]\w*"
_CAPITALS = r"(?:[A-Z0-9_]*_)?(?:CIDR|SUBNET|RANGE|GATEWAY)(?:_[A-Z0-9_]*)?"
_STRING = rf'"(?:@\w+@?|%[sdvq]|{_CAPITALS})"(?!\s*:)'

_ANY = re.compile(f"{_PLACEHOLDER} | {_STRING} | [:,\\[]\\s*(?:{_BARE})", re.VERBOSE | re.DOTALL)
_CERTAIN = re.compile(_PLACEHOLDER, re.VERBOSE | re.DOTALL)
_TOKEN = re.compile(
    rf"""(?P<mark>{_PLACEHOLDER}) | (?P<whole>{_STRING}) | (?P<bare>{_BARE})
  | (?P<quote>") | (?P<bracket>[][{{}}]) | \\.""",
    re.VERBOSE | re.DOTALL,
)
_CONTROL = re.compile(r"\{%|\{\{-?\s*(?:/\*|(?:if|else|end|range|with|define|block)\b)")
_PART = re.compile(
    r"\{[{%]-?\s*(?:(?P<open>if|range|with|define|block|for|macro)|(?P<other>else|elif)|(?P<end>end\w*))\b"
)


class Filled(NamedTuple):
    """A template with something in place of its placeholders."""

    text: str
    """As long as the template, with every character at its place."""
    places: tuple[Span, ...]
    """Where the placeholders stand."""
    is_json: bool
    """Whether each stands in a string or in a value's place, so that what is no JSON is no work of theirs."""
    decides: bool
    """Whether the template decides what is there, so that more is there now than ever will be."""


def is_template(text: str) -> bool:
    """Whether a text has placeholders."""
    return _ANY.search(text) is not None


def placeholder_in(text: str) -> str | None:
    """The first placeholder in a string that can hardly be anything else; ``None`` when there is none."""
    match = _CERTAIN.search(text)
    return match[0] if match else None


def fill(text: str) -> Filled:
    """Puts letters for placeholders in strings, strings for those in place of values, and blanks for the rest.

    Of two parts of which a template takes one, the first is there and the other is not. Of a part that a template may
    leave out, it is not known whether it is there: it is.

    Args:
        text: A template of a JSON text.
    """
    pieces: list[str] = []
    places: list[Span] = []
    ends = _ends_of_parts(text)
    at, in_string, opened, before, is_json = 0, False, list[str](), "", True
    while match := _TOKEN.search(text, at):
        pieces.append(text[at : match.start()])
        before = pieces[-1].rstrip()[-1:] or before
        if match["mark"] or (not in_string and (match["bare"] or match["whole"])):
            at = match.end() if in_string else ends.get(match.start(), match.end())
            places.append(Span(match.start(), at))
            comma = opened[-1:] == ["["] and _BEGINS_VALUE.match(text, at) is not None
            pieces.append(_stand_in(text[slice(*places[-1])], before, in_string=in_string, comma=comma))
            is_json = is_json and (in_string or bool(pieces[-1].strip()))
        else:
            in_string ^= match["quote"] is not None
            _track(match["bracket"] or "", opened, in_string=in_string)
            pieces.append(match[0])
            at = match.end()
        before = pieces[-1].rstrip()[-1:] or before
    decides = _PART.search(text) is not None
    return Filled("".join([*pieces, text[at:]]), tuple(places), is_json=is_json and not decides, decides=decides)


_BEGINS_VALUE = re.compile(r"\s*[{\[\"]")


def _track(bracket: str, opened: list[str], *, in_string: bool) -> None:
    if not in_string and bracket in ("{", "["):
        opened.append(bracket)
    elif not in_string and bracket:
        del opened[-1:]


def _ends_of_parts(text: str) -> dict[int, int]:
    """Where each other of two parts begins and ends."""
    opened: list[list[int]] = []
    ends: dict[int, int] = {}
    for part in _PART.finditer(text):
        if part["open"]:
            opened.append([])
        elif opened and part["other"]:
            opened[-1].append(part.start())
        elif opened:
            ends |= dict.fromkeys(opened.pop(), part.start())
    return ends


def _stand_in(found: str, before: str, *, in_string: bool, comma: bool) -> str:
    """What is read in a placeholder's place; with a comma, if it must bring its own to be a value of a list."""
    if in_string:
        return re.sub(r"[^\n]", "x", found)
    if re.fullmatch(_STRING, found):
        return found
    if _CONTROL.match(found) or before not in tuple(":,["):
        return re.sub(r"[^\n]", " ", found)
    end = '",' if comma and len(found) > len('"",') else '"'
    return '"' + "x" * (len(found) - 1 - len(end)) + end
