"""Reads a page of the manual: its blocks, and the marks that say what becomes of each.

A mark is a comment directly before a block, so that readers do not see it:

``<!-- walk -->``
    The commands of a ``console`` block are run, and print what the page says; a ``python`` block is run.
    ``node`` runs them in a throwaway node (`tests.support.node`), which needs root. ``exit=N`` is the exit status of
    the last command when that is not 0; ``exit=any`` takes every one that a check of a node may have.
``<!-- file: NAME -->``
    The block is written to this file of the page's scratch directory; with ``more`` behind the name it is added to it.
``<!-- bad: CODE,CODE -->``
    A CNI config with exactly these errors; after ``file: NAME`` it is the word ``bad=CODE,CODE``.
``<!-- not walked: why not -->``
    The block is only shown.

Two comments stand for themselves: ``<!-- setup: … -->`` holds commands that are run at this place, after ``node`` and a
line break in the throwaway node, and ``<!-- environment: NAME=VALUE … -->`` is what all commands of the page are given;
``$PWD`` in it is the scratch directory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
_PART = re.compile(
    r"^(?P<fence>`{3,})(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=fence)$"
    r"|^<!-- (?P<kind>walk|file|bad|not walked|setup|environment)\b:?\s*(?P<words>.*?)\s*-->$"
    r"|^#+ (?P<title>[^\n]+)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A block of a page, or commands that prepare something for those that follow.

    Attributes:
        title: The heading above it.
        line: Where it begins in the page, from 1.
        language: The word at its fence; ``setup`` for hidden commands.
        kind: Which mark it has; empty without one.
        words: What the mark says.
        text: What is in it.
    """

    title: str
    line: int
    language: str
    kind: str
    words: tuple[str, ...]
    text: str

    @property
    def in_node(self) -> bool:
        """Whether it is run in the throwaway node."""
        return self.kind in ("walk", "setup") and "node" in self.words

    @property
    def file(self) -> str | None:
        """The file that it is written to."""
        return self.words[0] if self.kind == "file" and self.words else None

    def option(self, name: str, default: str) -> str:
        """The value of ``name=value`` in the mark."""
        values = [word.partition("=")[2] for word in self.words if word.startswith(f"{name}=")]
        return values[-1] if values else default

    @property
    def bad(self) -> set[str]:
        """The codes of the errors that it has on purpose."""
        codes = self.words[0] if self.kind == "bad" and self.words else self.option("bad", "")
        return set(filter(None, codes.split(",")))


@dataclass
class Page:
    """A page.

    Attributes:
        path: Where it is.
        blocks: Its blocks, in order.
        environment: What its commands are given.
    """

    path: Path
    blocks: list[Block] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its path in the project."""
        return str(self.path.relative_to(PROJECT))

    @property
    def needs_node(self) -> bool:
        """Whether something of it runs in a throwaway node."""
        return any(block.in_node for block in self.blocks)


def read_page(path: Path) -> Page:
    """Reads a page."""
    page = Page(path)
    text = path.read_text(encoding="utf-8")
    title = ""
    mark: re.Match[str] | None = None
    for part in _PART.finditer(text):
        line = text.count("\n", 0, part.start()) + 1
        if part["title"]:
            title = part["title"]
        elif part["fence"]:
            counts = mark is not None and mark.end() + 1 == part.start()
            page.blocks.append(_marked(title, line, part, mark if counts else None))
        elif part["kind"] == "environment":
            page.environment |= dict(word.split("=", 1) for word in part["words"].split())
        elif part["kind"] == "setup":
            page.blocks.append(_hidden(title, line, part["words"]))
        mark = part if part["kind"] else None
    return page


def _marked(title: str, line: int, part: re.Match[str], mark: re.Match[str] | None) -> Block:
    kind, words = (mark["kind"], tuple(mark["words"].split())) if mark else ("", ())
    return Block(title, line, part["language"].strip(), kind, words, part["text"])


def _hidden(title: str, line: int, text: str) -> Block:
    first, _, rest = text.partition("\n")
    in_node = first == "node"
    return Block(title, line, "setup", "setup", ("node",) if in_node else (), rest if in_node else text)


def hand_written() -> list[Path]:
    """The pages that people write: the README and all of ``docs`` that is kept in the repository."""
    ignored = [PROJECT / line.strip("/ \n") for line in (PROJECT / ".gitignore").read_text().splitlines() if line]
    return [PROJECT / "README.md", *_kept(PROJECT / "docs", ignored)]


def _kept(directory: Path, ignored: list[Path]) -> Iterator[Path]:
    for path in sorted(directory.rglob("*.md")):
        if not any(path.is_relative_to(each) for each in ignored):
            yield path
