"""The schemas of plugins of one's own: those of ``--schema-dir``, and those that the settings name."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.foreign.settings import Settings, find_settings, read_settings
from cnictl.schema import open_library, using

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager


def nearest_settings() -> Settings:
    """The settings of the current directory, or of the nearest one above it that has some.

    Raises:
        SourceError: They cannot be read.
    """
    path = find_settings(Path())
    return read_settings(path) if path else Settings()


def own_schemas(settings: Settings, given: Iterable[str] | None = None) -> AbstractContextManager[None]:
    """Makes the user's schemas count inside a ``with`` block.

    Args:
        settings: What the project wants.
        given: Directories that were named on the command line; they win over those of the settings.

    Raises:
        SourceError: A directory or a schema cannot be read.
    """
    directories = (*map(Path, given or ()), *settings.schema_dirs)
    return using(open_library(directories)) if directories else nullcontext()
