"""What would be changed in a file, as a diff."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, NamedTuple

from cnictl.errors import UsageError
from cnictl.text.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.render.paper import Paper


class Rewrite(NamedTuple):
    """A file before and after.

    Attributes:
        old_name: What it is called.
        old: What it holds.
        new_name: What it will be called.
        new: What it will hold.
    """

    old_name: str
    old: str
    new_name: str
    new: str


def require_text(form: str, *, diff: bool, piped: bool) -> None:
    """Refuses another form of the answer where the answer is a diff, or the text of a file.

    Args:
        form: What was asked for with ``--format``.
        diff: Whether a diff was asked for.
        piped: Whether the new text of standard input goes to standard output.

    Raises:
        UsageError: Standard output cannot be both.
    """
    if form != "text" and (diff or piped):
        what = "--diff prints a diff" if diff else "the new text of stdin goes to stdout"
        message = f"{what}, and --format {form} one document"
        raise UsageError(message, hint="ask for one of the two")


def show_diff(rewrite: Rewrite, out: Paper) -> None:
    """Prints a diff that `patch` can read; what goes to a terminal can give it no orders.

    Args:
        rewrite: The file.
        out: Standard output.
    """
    for line in _diff(rewrite):
        # A terminal must not be given orders; what goes to `patch` must be exact.
        out.stream.write(line if out.width is None else _shown(line))


def _shown(line: str) -> str:
    return "".join(char if char in "\t\n" else printable(char) for char in line.replace("\r\n", "\n"))


def _diff(rewrite: Rewrite) -> Iterator[str]:
    old, new = (_LINE.findall(text) for text in (rewrite.old, rewrite.new))
    for line in difflib.unified_diff(old, new, _header(rewrite.old_name), _header(rewrite.new_name)):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
    if old == new and rewrite.old_name != rewrite.new_name:
        yield f"rename from {printable(rewrite.old_name)}\nrename to {printable(rewrite.new_name)}\n"


_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""Lines as `patch` sees them: other characters that end lines for Python may stand in a string."""


def _header(name: str) -> str:
    """A file's name as `patch` reads it: one with a blank in it ends at a tab."""
    shown = printable(name)
    return f"{shown}\t" if " " in shown else shown
