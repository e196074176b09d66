"""Puts the man pages into the wheel, where pipx and pip make `man` find them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManPages(BuildHookInterface[Any]):
    """Hatchling calls this before it makes a wheel."""

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        """Adds each page to the directory of its section.

        Args:
            _version: Which kind of wheel it is; all get them.
            build_data: What hatchling takes along.
        """
        for page in Path(self.root, "docs", "man").glob("*.[1-9]"):
            build_data["shared_data"][str(page)] = f"share/man/man{page.suffix[1:]}/{page.name}"
