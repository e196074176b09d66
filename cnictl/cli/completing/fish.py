"""What fish says and is told.

It says what is begun of the word at the cursor, as it is typed, and then the words before it, without quotes. It is
told:

* first ``SETTLED``, tab, ``FILES``, as zsh is: see `cnictl.cli.completing.zsh`;
* then the words, each with a tab and its help. fish chooses among them, and quotes what it takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.cli.completing.cursor import Line
from cnictl.cli.completing.quoting import split
from cnictl.cli.completing.zsh import Request, files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.cli.completing.answer import Answer


def read(arguments: Sequence[str]) -> Request:
    """Reads what fish says.

    Args:
        arguments: The word at the cursor, and the words before it.
    """
    current, *words = arguments or [""]
    return Request(Line(words, split(current).current))


def write(_: Request, answer: Answer) -> list[str]:
    """What fish is told.

    Args:
        answer: What can stand at the cursor.
    """
    head = f"{answer.settled}\t{files(answer.found.files)}"
    return [head, *(f"{answer.settled}{word.text}\t{word.help}" for word in answer.found.words)]
