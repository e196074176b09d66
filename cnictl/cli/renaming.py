"""Files that get another name together with another text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.errors import InputError
from cnictl.text.edit import write_atomically

if TYPE_CHECKING:
    from pathlib import Path


def write_renamed(old: Path, new: Path, text: str) -> None:
    """Gives a file its new text and then its new name, so that there is one config at every moment.

    Args:
        old: The file.
        new: What it is to be called.
        text: What it is to hold.

    Raises:
        InputError: It cannot be written, or not be renamed.
    """
    write_atomically(old, text)
    try:
        old.rename(new)
    except OSError as error:
        message = f"{old}: it is mended, and must be renamed to {new.name}: {error.strerror}"
        raise InputError(message) from error
