"""TOML files that lie one over the other: of a key that several have, the last one counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.foreign.setting import Setting
from cnictl.foreign.toml import member, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnictl.foreign.toml import TomlDocument
    from cnictl.text.source import Source


class Layers:
    """Some files, the ones that count more behind the others.

    Args:
        sources: The files.

    Attributes:
        files: They, those that are no TOML too.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self.files: tuple[TomlDocument, ...] = tuple(map(read_toml, sources))

    @property
    def broken(self) -> tuple[TomlDocument, ...]:
        """The files that are no TOML."""
        return tuple(file for file in self.files if file.problem)

    def get(self, *path: str, default: object = None) -> Setting:
        """The value that a path of keys leads to.

        Args:
            path: The keys.
            default: What counts where no file says anything.
        """
        for file in reversed(self.files):
            found = member(file.root, *path)
            if found is not None:
                return Setting.of(file.source, found.node, found.key_span)
        return Setting(default)
