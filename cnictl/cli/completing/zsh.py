"""What zsh says and is told.

It says the words before the cursor and what is begun of the one there, all without quotes. It is told:

* first ``SETTLED``, tab, ``FILES``, tab, ``LABEL``: how much of the word stays as it is; the endings of files that can
  stand there, joined by ``|``, or ``*`` for all files, ``/`` for directories, or nothing; and what it all is;
* then the words: a space, or ``+`` where more must follow; the word; a colon and its help. Colons and backslashes in a
  word are escaped, as ``_describe`` wants it. zsh chooses among them, and quotes what it takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.cli.completing.cursor import Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.cli.completing.answer import Answer
    from cnictl.cli.completing.found import Files, Word

UNFINISHED = ("=", ":", ",", "/")
"""The ends of words behind which more must follow."""


class Request(NamedTuple):
    """What a shell says.

    Attributes:
        line: The line.
    """

    line: Line


def read(arguments: Sequence[str]) -> Request:
    """Reads what zsh says.

    Args:
        arguments: The words before the cursor, and last what is begun of the one there.
    """
    *words, current = arguments or [""]
    return Request(Line(words, current))


def write(_: Request, answer: Answer) -> list[str]:
    """What zsh is told.

    Args:
        answer: What can stand at the cursor.
    """
    head = "\t".join((answer.settled, files(answer.found.files), answer.found.label))
    return [head, *map(_word, answer.found.words)]


def files(wanted: Files | None) -> str:
    """How scripts are told which files can stand there.

    Args:
        wanted: The files.
    """
    if wanted is None:
        return ""
    return "/" if wanted.directories else "|".join(wanted.suffixes) or "*"


def _word(word: Word) -> str:
    text = word.text.replace("\\", "\\\\").replace(":", "\\:")
    mark = "+" if word.text.endswith(UNFINISHED) else " "
    return f"{mark}{text}:{word.help}" if word.help else f"{mark}{text}"
