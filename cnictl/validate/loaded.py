"""A config directory with the configs in it, as whoever asks which of them a runtime takes needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.errors import InputError
from cnictl.model.files import SUFFIXES, suffix_of
from cnictl.text.parser import parse
from cnictl.text.source import read_source
from cnictl.validate.context import ConfigFile
from cnictl.validate.directory import Directory, broken_drop_ins, read_directory

if TYPE_CHECKING:
    from collections.abc import Mapping


def load_directory(path: str) -> tuple[Directory, Mapping[str, InputError]]:
    """Reads a directory and every config in it.

    Args:
        path: The directory.

    Returns:
        It, and the files that this user could not read, with the reasons.

    Raises:
        SourceNotFound: There is no such directory.
        SourceError: It cannot be read.
    """
    listing = read_directory(path)
    files: dict[str, ConfigFile] = {}
    errors: dict[str, InputError] = {}
    for entry in listing.entries:
        if entry.kind in ("file", "unknown") and suffix_of(entry.name) in SUFFIXES:
            try:
                files[entry.name] = ConfigFile(parse(read_source(f"{path}/{entry.name}")))
            except InputError as error:
                errors[entry.name] = error
    directory = Directory(listing, files)
    directory.broken = broken_drop_ins(directory)
    return directory, errors
