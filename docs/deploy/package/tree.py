"""What is in wheels, as one tree of files for several interpreters.

Extension modules have the interpreter and the machine in their names, so those of many lie side by side.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Files = dict[str, bytes]
"""The content of files by their path in the tree."""

# Only installers read these, and they differ from machine to machine.
_LEFT_OUT = re.compile(r"[^/]+\.dist-info/(RECORD|WHEEL|INSTALLER|REQUESTED)$|[^/]+\.data/")
_MAY_DIFFER = re.compile(r"[^/]+\.dist-info/sboms/")


class Merged:
    """Files that all interpreters share, and those that each one has for itself.

    Args:
        wheels: The paths of the wheels by the ABI of their interpreter.
    """

    def __init__(self, wheels: dict[str, list[Path]]) -> None:
        trees = {abi: read_wheels(paths) for abi, paths in wheels.items()}
        first = next(iter(trees.values()))
        self.shared: Files = {
            name: content
            for name, content in first.items()
            if all(tree.get(name) == content for tree in trees.values())
        }
        self.own: dict[str, Files] = {abi: self._own(abi, tree) for abi, tree in trees.items()}

    def _own(self, abi: str, tree: Files) -> Files:
        own = {name: content for name, content in tree.items() if name not in self.shared}
        strange = [name for name in own if not name.endswith(f".{abi}.so") and not _MAY_DIFFER.match(name)]
        if strange:
            raise ValueError(f"not alike for all interpreters, and not named for {abi}: {', '.join(strange)}")
        return own

    def whole(self) -> Files:
        """All files, where one tree is to serve all interpreters."""
        files: Files = {}
        for own in self.own.values():
            files = own | files
        return files | self.shared


def read_wheels(paths: list[Path]) -> Files:
    """Reads what wheels put into ``site-packages``."""
    files: Files = {}
    for path in paths:
        with zipfile.ZipFile(path) as wheel:
            files |= {name: wheel.read(name) for name in wheel.namelist() if _is_wanted(name)}
    return files


def _is_wanted(name: str) -> bool:
    return not name.endswith("/") and not _LEFT_OUT.match(name)
