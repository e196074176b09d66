"""The pages of the manual and those at the top of the project, taken apart as Markdown.

`tests.support.pages` knows which blocks of a page are run; this knows what its text names.
"""

from __future__ import annotations

import fnmatch
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from markdown_it import MarkdownIt
from mdit_py_plugins.anchors.index import slugify
from mdit_py_plugins.myst_role import myst_role_plugin

from tests.support.pages import PROJECT, hand_written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from markdown_it.token import Token

_TOP = ("CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "CHANGELOG.md")
_MADE = tuple(
    line.strip("/\n")
    for line in (PROJECT / ".gitignore").read_text(encoding="utf-8").splitlines()
    if line.startswith("/docs/")
)
"""What is made when the manual is built: paths that are not kept."""
_PARSER = MarkdownIt("commonmark").enable("table").use(myst_role_plugin)


class Page(NamedTuple):
    """A page of Markdown.

    Attributes:
        path: Where it lies.
        headings: Its headings, as anchors.
        links: Where its links lead to, as they are written; those of the role ``doc`` end in ``.md``.
        quotes: What stands in code quotes.
        blocks: What stands in blocks of code, each with the language.
        prose: All of its text, headings and blocks of code included.
    """

    path: Path
    headings: frozenset[str]
    links: tuple[str, ...]
    quotes: tuple[str, ...]
    blocks: tuple[tuple[str, str], ...]
    prose: str

    @property
    def name(self) -> str:
        """Its path in the project."""
        return str(self.path.relative_to(PROJECT))


def is_made(path: Path) -> bool:
    """Whether a path is one that building the manual makes, whether it is there now or not."""
    name = str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else ""
    return any(name == made or fnmatch.fnmatch(name, f"{made}/*") or fnmatch.fnmatch(name, made) for made in _MADE)


@cache
def pages() -> tuple[Page, ...]:
    """All pages that somebody has written."""
    return tuple(map(read_page, (*(PROJECT / name for name in _TOP), *hand_written())))


@cache
def read_page(path: Path) -> Page:
    """Reads a page."""
    text = path.read_text(encoding="utf-8")
    tokens = list(_flat(_PARSER.parse(text)))
    return Page(
        path,
        frozenset(_headings(tokens)),
        tuple(_links(tokens)),
        tuple(token.content for token in tokens if token.type == "code_inline"),
        tuple((token.info, token.content) for token in tokens if token.type in ("fence", "code_block")),
        text,
    )


def _flat(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or ())


def _headings(tokens: list[Token]) -> Iterator[str]:
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            yield slugify(token.content.replace("`", ""))


def _links(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "link_open":
            yield str(token.attrs["href"])
        elif token.type == "image":
            yield str(token.attrs["src"])
        elif token.type == "myst_role" and token.meta["name"] == "doc":
            yield f"{token.content}.md"
