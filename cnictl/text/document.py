"""A JSON document: its tree, and everything that keeps it from being strict JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cnictl.text.node import ObjectNode, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.text.node import Node
    from cnictl.text.source import Source, Span


class Problem(NamedTuple):
    """Something that a strict JSON parser refuses, or that two parsers read differently."""

    kind: str
    """What it is, such as ``trailing-comma``; the whole set is in `cnictl.text.parser`."""
    span: Span
    """The characters at fault; empty where something is missing."""
    message: str
    """One sentence about this very place."""
    fix: str
    """What to do about it."""
    fatal: bool = False
    """The parser could not go on, or does not know what value was meant."""


class Document:
    """A parsed text.

    Args:
        source: The text.
        root: The outermost value; ``None`` when the parser had to give up.
        problems: What is wrong with it as JSON, in the order of the text.
    """

    def __init__(self, source: Source, root: Node | None, problems: list[Problem]) -> None:
        self.source = source
        self.root = root
        self.problems = problems

    @property
    def complete(self) -> bool:
        """The tree holds what the author meant, so that its content can be judged."""
        return self.root is not None and not any(problem.fatal for problem in self.problems)

    @property
    def refused(self) -> Problem | None:
        """The first problem for which a strict parser refuses the text, or ``None``."""
        return next((problem for problem in self.problems if problem.kind != "duplicate-key"), None)

    @property
    def certain(self) -> bool:
        """What is wrong with the text as JSON is not the consequence of quotes that are missing.

        They turn strings inside out: what separates two strings becomes one, and the words between become keys.
        """
        if not self.complete or self.root is None:
            return False
        return self.refused is None or not any(map(_SEPARATOR.search, _strings(self.root)))


_SEPARATOR = re.compile(r"^\s*[:,]|[:,]\s*$")


def _strings(root: Node) -> Iterator[str]:
    for node in walk(root):
        if isinstance(node, ObjectNode):
            yield from (member.name for member in node)
        elif node.kind == "string":
            yield node.value
