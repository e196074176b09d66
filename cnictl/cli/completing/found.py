"""What can stand at the cursor."""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """A word to choose.

    Attributes:
        text: The word, as the program is to get it.
        help: What it is, in a line; may be empty.
    """

    text: str
    help: str = ""


class Files(NamedTuple):
    """Files to choose, and the directories on the way to them.

    Attributes:
        suffixes: Their endings, without the dot; empty for any file.
        directories: Whether directories alone are wanted.
    """

    suffixes: tuple[str, ...] = ()
    directories: bool = False


class Found(NamedTuple):
    """All that can stand there.

    Attributes:
        words: The words, those that are likely first.
        files: The files, which are looked for where no word begins with what is typed; ``None`` where none can stand.
        label: What it is, as help calls it.
    """

    words: list[Word]
    files: Files | None = None
    label: str = ""


NOTHING = Found([])
CONFIGS = Files(("conflist", "conf", "json"))
MANIFESTS = Files(("yaml", "yml", "json"))
SOURCES = Files((*CONFIGS.suffixes, "yaml", "yml"))
"""Configs, and manifests that hold some."""
