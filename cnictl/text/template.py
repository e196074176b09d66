"""Texts that are not yet what they will be: templates with placeholders for a program to fill in."""

from __future__ import annotations

import re
from typing import NamedTuple

from cnictl.text.source import Span

_PLACEHOLDER = r"""
    \{\{.*?\}\}            # Helm, Go, Jinja
  | \{%.*?%\}              # Jinja
  | \$\{[^}"\n]*\}         # shell
  | \$[A-Za-z_0-9]\w*
  | __[A-Z][A-Z0-9_]*__    # sed, as in Calico's manifests
"""
_BARE = r"%[sdtvq] | @[A-Za-z_]\w*(?:@\w+)*"
_CAPITALS = r"[A-Z0-9_]*(?:CIDR|SUBNET|RANGE|GATEWAY)[A-Z0-9_]*"
_STRING = rf'"(?:@\w+|%[sdvq]|{_CAPITALS})"'

_ANY = re.compile(f"{_PLACEHOLDER} | {_STRING} | [:,\\[]\\s*(?:{_BARE})", re.VERBOSE | re.DOTALL)
_TOKEN = re.compile(
    rf'(?P<mark>{_PLACEHOLDER}) | (?P<whole>{_STRING}) | (?P<bare>{_BARE}) | (?P<quote>") | \\.', re.VERBOSE | re.DOTALL
)
_CONTROL = re.compile(r"\{%|\{\{-?\s*(?:/\*|(?:if|else|end|range|with|define|block|template|include)\b)")


class Filled(NamedTuple):
    """A template with something in place of its placeholders."""

    text: str
    """As long as the template, with every character at its place."""
    places: tuple[Span, ...]
    """Where the placeholders stand."""


def is_template(text: str) -> bool:
    """Whether a text has placeholders."""
    return _ANY.search(text) is not None


def fill(text: str) -> Filled:
    """Puts letters for placeholders in strings, strings for those in place of values, and blanks for the rest.

    What a template decides, such as which of two parts is there, is not known: both are.

    Args:
        text: A template of a JSON text.
    """
    pieces: list[str] = []
    places: list[Span] = []
    at, in_string = 0, False
    for match in _TOKEN.finditer(text):
        if match["quote"]:
            in_string = not in_string
        if not (match["mark"] or (not in_string and (match["bare"] or match["whole"]))):
            continue
        before = "".join([*pieces[-1:], text[at : match.start()]])
        pieces += [text[at : match.start()], _stand_in(match, before.rstrip()[-1:], in_string=in_string)]
        places.append(Span(*match.span()))
        at = match.end()
    return Filled("".join([*pieces, text[at:]]), tuple(places))


def _stand_in(match: re.Match[str], before: str, *, in_string: bool) -> str:
    found = match[0]
    if in_string:
        return re.sub(r"[^\n]", "x", found)
    if match["whole"]:
        return found
    if _CONTROL.match(found) or before not in tuple(":,["):
        return re.sub(r"[^\n]", " ", found)
    return '"' + "x" * (len(found) - 2) + '"'
