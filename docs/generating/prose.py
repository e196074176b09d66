"""Markdown from the plain texts of docstrings, help and schemas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_CODE = re.compile(r"``(.+?)``|`([^`\n]+(?:\n[^`\n]+)?)`")
_OPTION = re.compile(r"(?<![\w`/.-])--?[a-z][\w-]*(?![\w/])")
"""An option in the middle of a sentence, such as ``--fix``."""


def prose(text: str) -> str:
    r"""Text as Markdown, with nothing in it that Markdown would take for its own but code in backticks.

    >>> prose("a_b is `c_d`")
    'a\\_b is `c_d`'
    """
    return _outside_of_code(text, _escaped)


def marked(text: str) -> str:
    """The same, with options marked as code.

    >>> marked("Show what --fix would change.")
    'Show what `--fix` would change.'
    """
    return _outside_of_code(_outside_of_code(text, lambda part: _OPTION.sub(r"`\g<0>`", part)), _escaped)


def _outside_of_code(text: str, change: Callable[[str], str]) -> str:
    done, end = "", 0
    for found in _CODE.finditer(text):
        done += f"{change(text[end : found.start()])}`{found[1] or found[2]}`"
        end = found.end()
    return done + change(text[end:])


def _escaped(text: str) -> str:
    return re.sub(r"[\\*_<>\[\]$|`]", r"\\\g<0>", text)


def cell(text: str) -> str:
    """Text for a cell of a table; a bar in code would end the cell."""
    return prose(text).replace("\n", " ").replace("|", "\\|").replace("\\\\|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table.

    Args:
        head: The titles of the columns.
        rows: The cells of each row, as Markdown.
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of terms and what they mean, both Markdown; empty when there are none."""
    return "\n\n".join(f"{term}\n: {meaning}" for term, meaning in pairs)


def fenced(text: str, language: str) -> str:
    """A block of code that is shown as it is."""
    fence = "`" * (4 if "```" in text else 3)
    return f"{fence}{language}\n{text}\n{fence}"


def joined(parts: Iterable[str]) -> str:
    """The parts of a page that are not empty, one below the other."""
    return "\n\n".join(filter(None, parts)) + "\n"
