"""What bash says and is told.

It says the line up to the cursor, and at which signs it breaks words. bash puts a word in the place of what stands
behind the last of these signs, so ``pid:12`` is completed by ``1234`` alone. It is told:

* first the options for ``compopt``: ``nosort``, for the likely ones come first; ``nospace`` where more must follow;
  ``filenames`` where there are files alone, so that bash quotes them and shows the last part of each; ``default`` where
  bash itself has to look for files;
* then the words, quoted as they must stand in the line.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from cnictl.cli.completing.cursor import Line
from cnictl.cli.completing.quoting import Split, quoted, split
from cnictl.cli.completing.zsh import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnictl.cli.completing.answer import Answer
    from cnictl.cli.completing.found import Files


class Request(NamedTuple):
    """What bash says.

    Attributes:
        parts: The line, split.
    """

    parts: Split

    @property
    def line(self) -> Line:
        """The line, without the program's name."""
        return Line(self.parts.words[1:], self.parts.current)


def read(arguments: Sequence[str]) -> Request:
    """Reads what bash says.

    Args:
        arguments: The line up to the cursor, and the signs at which words are broken.
    """
    line, breaks = (*arguments, "", "")[:2]
    return Request(split(line, breaks))


def write(request: Request, answer: Answer) -> list[str]:
    """What bash is told.

    Args:
        request: What it said.
        answer: What can stand at the cursor.
    """
    parts, found = request.parts, answer.found
    value = parts.current.removeprefix(answer.settled)
    words = _beginning([word.text for word in found.words], value)
    if found.files is not None and "$" in value:
        return ["default"]
    paths = list(files(value, found.files)) if found.files is not None else []
    texts = [f"{answer.settled}{text}"[parts.kept :] for text in (*words, *paths)]
    shown = texts if not words else [quoted(text, parts.quote) for text in texts]
    return [" ".join(_options(shown, are_files=not words)), *shown]


def _options(texts: list[str], *, are_files: bool) -> Iterator[str]:
    yield "nosort"
    if are_files and texts:
        yield "filenames"
    if len(texts) == 1 and texts[0].endswith(UNFINISHED):
        yield "nospace"


def _beginning(texts: list[str], begun: str) -> list[str]:
    """The texts that begin so, or else those that do in other letter cases."""
    exact = [text for text in texts if text.startswith(begun)]
    return exact or [text for text in texts if text.casefold().startswith(begun.casefold())]


def files(begun: str, wanted: Files) -> Iterator[str]:
    """The files and directories that begin so, each with what stands before its name, and directories with a slash.

    Args:
        begun: What is begun of a path.
        wanted: Which files.
    """
    start, name = begun[: begun.rfind("/") + 1], begun[begun.rfind("/") + 1 :]
    for entry in _entries(os.path.expanduser(start) or "."):  # noqa: PTH111  # a text, which may be empty
        hidden = entry.name.startswith(".") and not name.startswith(".")
        if hidden or not entry.name.startswith(name) or not entry.name.isprintable():
            continue
        if _is_directory(entry):
            yield f"{start}{entry.name}/"
        elif not wanted.directories and _ends(entry.name, wanted.suffixes):
            yield f"{start}{entry.name}"


def _entries(directory: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (OSError, ValueError):
        return []


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _ends(name: str, suffixes: tuple[str, ...]) -> bool:
    return not suffixes or name.rpartition(".")[2] in suffixes
