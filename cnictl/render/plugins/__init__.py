"""What plugins are installed, and the formats of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class PluginStatus(StrEnum):
    """What is to be said of a file in a plugin directory."""

    OK = "ok"
    """It answers VERSION."""
    SILENT = "silent"
    """It can be run, and gives no answer to VERSION that could be understood."""
    BROKEN = "broken"
    """It cannot be run."""
    SHADOWED = "shadowed"
    """A directory that is searched before has a plugin of this name."""
    OTHER = "other"
    """It is no executable file, so it is no plugin."""
    MISSING = "missing"
    """No directory has it, although it was asked for."""


@dataclass(frozen=True)
class PluginFile:
    """A file in a plugin directory, or a plugin that was asked for and is not there.

    Attributes:
        type: Its name, which is the plugin's type.
        status: What is to be said of it.
        path: Where it lies; ``None`` for what is missing.
        versions: The spec versions that it says it speaks, as it spells them.
        verbs: The verbs that these versions have.
        reason: Why it cannot be used, in one sentence; empty when it can.
        hint: The way out, or ``None``.
    """

    type: str
    status: PluginStatus
    path: str | None
    versions: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    reason: str = ""
    hint: str | None = None


@dataclass(frozen=True)
class PluginListing:
    """The plugin directories and what is in them.

    Attributes:
        directories: The directories in the order of search, each with the reason why it cannot be read, or ``None``.
        plugins: What is in them, directory by directory in the order of names; what is missing comes last.
    """

    directories: Mapping[str, str | None]
    plugins: Sequence[PluginFile] = field(default_factory=tuple)
