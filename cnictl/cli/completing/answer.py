"""Answers a shell."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.cli.completing.cursor import Cursor, Line, place
from cnictl.cli.completing.found import NOTHING, Found, Word
from cnictl.cli.completing.values import values_at
from cnictl.errors import CNIError
from cnictl.text.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

SHELLS = ("bash", "zsh", "fish")


class Answer(NamedTuple):
    """What can stand at the cursor, and what of the word there stays as it is.

    Attributes:
        found: What can stand there.
        settled: The part of the word at the cursor before the value, such as ``--format=``.
    """

    found: Found
    settled: str = ""


def answer(arguments: Sequence[str]) -> int:
    """Answers a shell on standard output.

    Args:
        arguments: The shell, and what its script says about the line.

    Returns:
        The exit code: 0, or 2 for what is no shell.
    """
    if not arguments or arguments[0] not in SHELLS:
        return 2
    shell: Any = import_module(f"cnictl.cli.completing.{arguments[0]}")
    request = shell.read(arguments[1:])
    _write(shell.write(request, answer_to(request.line)))
    return 0


def answer_to(line: Line) -> Answer:
    """What can stand at the cursor of a line.

    Args:
        line: The line.
    """
    try:
        at, settled = place(line)
        found = values_at(at) if isinstance(at, Cursor) else at
    except (CNIError, OSError, ValueError):
        return Answer(NOTHING)
    words = [_shown(word) for word in found.words if _is_fit(word.text, is_value=isinstance(at, Cursor))]
    begun = line.current.removeprefix(settled).casefold()
    files = None if any(word.text.casefold().startswith(begun) for word in words) else found.files
    return Answer(Found(words, files, found.label), settled)


def _is_fit(text: str, *, is_value: bool) -> bool:
    """Whether a word can stand in a line, on a terminal, and as a value: one that begins with - would be an option."""
    return bool(text) and text.isprintable() and not (is_value and text.startswith("-"))


def _shown(word: Word) -> Word:
    return Word(word.text, printable(word.help))


def _write(lines: Sequence[str]) -> None:
    """Writes lines; one that the encoding of the names on this machine does not have is left out."""
    for line in lines:
        try:
            data = line.encode(sys.getfilesystemencoding())
        except UnicodeEncodeError:
            continue
        sys.stdout.buffer.write(data + b"\n")
