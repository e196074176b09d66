"""Words of a shell's line, and what they look like in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = re.compile(r"[\w./:=@%+,-]")
r"""What needs no quotes in any shell; ``\w`` has the letters of all scripts."""


@dataclass
class Split:
    """A line, split into words.

    Attributes:
        breaks: Signs that part a word for the purpose of completion, and for that alone.
        words: The words that are complete, without quotes.
        current: What is begun of the last one, without quotes; empty behind a space.
        quote: The quote in which the line ends: ``"``, ``'``, or nothing.
        kept: How much of ``current`` stands before the last sign that the shell breaks words at.
    """

    breaks: str = ""
    words: list[str] = field(default_factory=list)
    current: str = ""
    quote: str = ""
    kept: int = 0
    _begun: bool = False

    def take(self, sign: str, further: Iterator[str]) -> None:
        """Reads a sign.

        Args:
            sign: The sign.
            further: Those behind it.
        """
        if sign == "\\" and self.quote != "'":
            self._add(_escaped(next(further, ""), self.quote))
        elif sign == self.quote or (not self.quote and sign in "\"'"):
            self.quote = "" if self.quote else sign
            self._add("")
            self.kept = len(self.current)
        elif self.quote or sign not in " \t\n":
            self._add(sign)
            self.kept = len(self.current) if sign in self.breaks and not self.quote else self.kept
        elif self._begun:
            self.words.append(self.current)
            self.current, self._begun, self.kept = "", False, 0

    def _add(self, text: str) -> None:
        self.current, self._begun = self.current + text, True


def split(line: str, breaks: str = "") -> Split:
    """Splits a line as bash does, as far as it goes: the last word may end within quotes.

    Args:
        line: The line.
        breaks: Signs that part a word for the purpose of completion, and for that alone.
    """
    parts = Split(breaks)
    signs = iter(line)
    for sign in signs:
        parts.take(sign, signs)
    return parts


def _escaped(sign: str, quote: str) -> str:
    """What a backslash and a sign stand for."""
    return sign if not quote or sign in '"\\$`' else f"\\{sign}"


def quoted(text: str, quote: str = "") -> str:
    """A text as it is typed.

    Args:
        text: The text.
        quote: The quote in which it stands, which the shell will close.
    """
    if quote == "'":
        return text.replace("'", "'\\''")
    if quote == '"':
        # Between double quotes, bash would look for ! in its history, and a backslash before it would stay.
        return re.sub(r'(["\\$`])', r"\\\1", text).replace("!", "\"'!'\"")
    return "".join(sign if _PLAIN.fullmatch(sign) else f"\\{sign}" for sign in text)
