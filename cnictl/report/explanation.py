"""The text behind a code, read from the docstring of the rule or check that reports it.

A docstring is written so::

    One sentence that says what is wrong in general.

    More about it, if needed.

    Why:
        What goes wrong at run time.
    Bad: 10-net.conflist
        {"an": "example"}
    Good:
        {"the": "same, mended"}
    Fix:
        What to do.
    Reference:
        A public document's title and section, or an issue number.

``Why``, ``Bad``, ``Good``, ``Fix`` and ``Reference`` are all required, in this order. ``Bad`` and
``Good`` may carry a file name, which becomes the name of the example.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from inspect import cleandoc
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnictl.report.finding import Severity

_SECTION = re.compile(r"^(Why|Bad|Good|Fix|Reference):(?: +(\S+))?$", re.MULTILINE)
_ORDER = ["Why", "Bad", "Good", "Fix", "Reference"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is known about a code.

    Attributes:
        code: The code, such as ``CNI305``.
        name: Its name, such as ``portmap-without-capability``.
        severity: The severity of its findings.
        summary: One sentence.
        details: More about it, or an empty string.
        why: What goes wrong at run time.
        bad: An example that is reported.
        bad_file: The example's file name, or an empty string.
        good: The example mended.
        good_file: Its file name, or an empty string.
        fix: What to do.
        reference: Where it comes from.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    details: str
    why: str
    bad: str
    bad_file: str
    good: str
    good_file: str
    fix: str
    reference: str


def read_explanation(code: str, name: str, severity: Severity, docstring: str | None) -> Explanation:
    """Reads the docstring of a rule or check.

    Raises:
        ValueError: A section is missing, empty, out of order or unknown.
    """
    text = cleandoc(docstring or "")
    matches = list(_SECTION.finditer(text))
    if [match[1] for match in matches] != _ORDER:
        message = f"{code}: the docstring needs the sections {', '.join(_ORDER)}, in this order"
        raise ValueError(message)
    ends = [match.start() for match in matches[1:]] + [len(text)]
    bodies = {match[1]: dedent(text[match.end() : end]).strip() for match, end in zip(matches, ends, strict=True)}
    files = {match[1]: match[2] or "" for match in matches}
    empty = [section for section, body in bodies.items() if not body]
    if empty:
        message = f"{code}: the section {empty[0]} of the docstring is empty"
        raise ValueError(message)
    summary, _, details = text[: matches[0].start()].strip().partition("\n\n")
    return Explanation(
        code=code,
        name=name,
        severity=severity,
        summary=_one_line(summary),
        details=details.strip(),
        why=_one_line(bodies["Why"]),
        bad=bodies["Bad"],
        bad_file=files["Bad"],
        good=bodies["Good"],
        good_file=files["Good"],
        fix=_one_line(bodies["Fix"]),
        reference=_one_line(bodies["Reference"]),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
