"""Finds the checks that explain what programs say: in events, error messages and logs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cnictl.report.report import Symptom

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnictl.doctor.registry import Check

_LONGEST = 8192
"""Characters of a line that are looked at."""


@dataclass
class _Seen:
    """What a check's symptoms have been seen in.

    Attributes:
        line: The last line.
        times: How many there were.
    """

    line: str = ""
    times: int = 0


@dataclass
class Matcher:
    """Looks for the symptoms of checks.

    Attributes:
        checks: The checks.
    """

    checks: Sequence[Check]
    _seen: dict[str, _Seen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Makes one expression for each check, and one that says whether it is worth while to try them."""
        words = {check.code: "|".join(f"(?:{symptom})" for symptom in check.symptoms) for check in self.checks}
        self._each = {code: re.compile(text, re.IGNORECASE) for code, text in words.items() if text}
        self._any = re.compile("|".join(text for text in words.values() if text) or r"(?!)", re.IGNORECASE)

    def read(self, lines: Iterable[str]) -> None:
        """Looks at some more lines.

        Args:
            lines: Lines of a log, or an error message of one or more lines.
        """
        for line in lines:
            start = line[:_LONGEST]
            if self._any.search(start):
                for code, pattern in self._each.items():
                    if pattern.search(start):
                        seen = self._seen.setdefault(code, _Seen())
                        seen.line, seen.times = start.strip(), seen.times + 1

    def found(self) -> tuple[Symptom, ...]:
        """What has been seen, the most frequent first."""
        found = (Symptom(code, seen.line, seen.times) for code, seen in self._seen.items())
        return tuple(sorted(found, key=lambda symptom: (-symptom.times, symptom.code)))
