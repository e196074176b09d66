"""What scripted plugins were told, read back from what they noted."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME = ".scripted"
"""The directory beside scripted plugins in which they keep their scripts and notes."""


class Call(NamedTuple):
    """One run of a scripted plugin.

    Attributes:
        plugin: The plugin's ``type``.
        verb: The command, such as ``ADD``; an empty string when it was given none.
        environment: The variables of the protocol that were set.
        stdin: What it read; empty when it was scripted not to read.
        child: The number of the process that it left behind (see `ScriptedPlugin.on`), or ``None``.
    """

    plugin: str
    verb: str
    environment: Mapping[str, str]
    stdin: bytes
    child: int | None = None

    @property
    def config(self) -> Any:  # noqa: ANN401  # any JSON value
        """The configuration that it read, as JSON data.

        Raises:
            ValueError: It read no JSON.
        """
        return json.loads(self.stdin)


def calls_in(directory: str | os.PathLike[str]) -> list[Call]:
    """Every run of the scripted plugins in a directory, in the order in which they began.

    A run that is still going on is among them, perhaps with only a part of its stdin.

    Args:
        directory: The plugin directory.
    """
    home = Path(directory) / HOME
    with suppress(FileNotFoundError):
        return [_call(home / "calls" / number) for number in (home / "order").read_text().split()]
    return []


def runs_in(directory: str | os.PathLike[str]) -> list[Call]:
    """What `calls_in` has, without the questions for VERSION, which come before ADD."""
    return [call for call in calls_in(directory) if call.verb != "VERSION"]


def _call(note: Path) -> Call:
    plugin, *pairs = os.fsdecode(note.read_bytes()).split("\0")[:-1]
    environment = dict(pair.split("=", 1) for pair in pairs)
    stdin, child = _read(note.with_suffix(".stdin")), _read(note.with_suffix(".child"))
    return Call(plugin, environment.get("CNI_COMMAND", ""), environment, stdin, int(child) if child else None)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
