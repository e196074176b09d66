"""Nodes to examine: trees of files that stand for the root file system of a machine."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cnictl.host.rooted import RootedHost
from cnictl.text.source import source_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Link:
    """A symbolic link and what it says; an absolute target means a path on the node."""

    target: str


@dataclass(frozen=True)
class Folder:
    """A directory with nothing in it."""


@dataclass(frozen=True)
class Pipe:
    """A named pipe that nobody writes to."""


@dataclass(frozen=True)
class Denied:
    """What is there may not be read, whoever runs the tests."""


Entry: TypeAlias = str | bytes | Link | Folder | Pipe | Denied
NETNS = "proc/1/ns/net"
"""The entry that tells the network namespace of a node."""
ELSEWHERE = Link("net:[1]")
"""What stands there on a node whose network namespace is not the one that the tests run in."""


def plant(root: Path, entries: Mapping[str, Entry]) -> Path:
    """Adds to a tree; what lies in a plugin directory can be executed.

    Args:
        root: The directory that stands for ``/``.
        entries: What to make, by its path without the leading slash.
    """
    for name, entry in entries.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(entry, Link):
            path.symlink_to(entry.target)
        elif isinstance(entry, Folder):
            path.mkdir()
        elif isinstance(entry, Pipe):
            os.mkfifo(path)
        elif not isinstance(entry, Denied):
            path.write_bytes(entry.encode() if isinstance(entry, str) else entry)
            path.chmod(0o755 if path.parent.name in ("bin", "cni") else 0o644)
    return root


def own_netns(root: Path) -> Path:
    """Puts the node into the network namespace that the tests run in, so that its kernel settings count."""
    return plant(root, {NETNS: Link(os.readlink("/proc/self/ns/net"))})  # noqa: PTH115  # the text is the identity


class NodeTree(RootedHost):
    """A tree as a host.

    Args:
        root: The directory that stands for ``/``.
        denied: The paths on the node that may not be read.
        live: Whether it is to pass for the machine that the tests run on.
    """

    def __init__(self, root: Path, *, denied: Iterable[str] = (), live: bool = False) -> None:
        super().__init__(root)
        self.denied = frozenset(denied)
        self.live = live

    def read_bytes(self, path: str) -> bytes:
        """The content of a file, unless it may not be read."""
        self._admit(path)
        return super().read_bytes(path)

    def list_dir(self, path: str) -> list[str]:
        """The names in a directory, unless it may not be read."""
        self._admit(path)
        return super().list_dir(path)

    def _admit(self, path: str) -> None:
        if path in self.denied:
            error = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            raise source_error(path, error) from error
