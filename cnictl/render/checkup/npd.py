"""A checkup as node-problem-detector wants it from a custom plugin: one short line, and the exit status.

The detector takes 0 for well, 1 for a problem and anything else for "unknown", and cuts the line after 80 bytes
(kubernetes/node-problem-detector, "Custom Plugin Monitor").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.order import likely_causes
from cnictl.render.paper import plural
from cnictl.report.finding import Status
from cnictl.text.printable import printable

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.report import Checkup

MOST_BYTES = 80
"""What the detector keeps of a line."""
_CUT = "..."


def render(checkup: Checkup, paper: Paper, *, verbose: bool = False) -> None:
    """Writes one line: what is most likely the cause and how many checks failed beside it, or that all is well."""
    del verbose
    text, rest = _line(checkup)
    paper.stream.write(_cut(printable(text), MOST_BYTES - len(rest)) + rest + "\n")


def _line(checkup: Checkup) -> tuple[str, str]:
    """The text, which may be cut, and what has to stand behind it."""
    counts = checkup.counts()
    if counts["fail"]:
        causes, more = likely_causes(checkup), counts["fail"] - 1
        return f"{causes[0].code} {causes[0].message}", f" (+{more} more)" if more else ""
    broken = next((check for check in checkup.checks if check.status is Status.ERROR), None)
    if broken is not None:
        return f"unknown: {broken.code} {broken.summary}", ""
    warnings = f", {counts['warn']} with a warning" if counts["warn"] else ""
    return f"OK: {plural(counts['ok'] + counts['warn'], 'check')}{warnings}, {counts['skip']} skipped", ""


def _cut(text: str, most: int) -> str:
    """The beginning of a text that has so many bytes at most, with no character torn apart."""
    data = text.encode(errors="replace")
    if len(data) <= most:
        return data.decode()
    return data[: most - len(_CUT)].decode(errors="ignore").rstrip() + _CUT
