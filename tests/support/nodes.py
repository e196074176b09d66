"""Nodes to examine: trees of files that stand for the root file system of a machine."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from cnictl.host.answers import CODECS, read_survey
from cnictl.host.api import FileStatus, Process, Space, Unanswered, Watcher
from cnictl.host.rooted import RootedHost
from cnictl.text.source import source_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from cnictl.netns.survey import Survey


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


NOW = 1_800_000_000.0
"""The time on a node, unless it says another."""


class NodeTree(RootedHost):
    """A tree as a host.

    Args:
        root: The directory that stands for ``/``.
        denied: The paths on the node that may not be read.
        live: Whether it is to pass for the machine that the tests run on.
        answers: What it answers beside its files, by question: ``survey``, ``rulesets``, ``processes``, ``watchers``,
            ``now``, and ``same_netns`` as `cnictl.host.answers` keeps them; ``space`` and ``connect`` by their
            argument; ``cri`` by the question, or by ``sandbox ID``; ``files`` with what a file's status is to say, by
            path: ``mode`` in octal, ``uid``, ``gid``, ``size``, ``modified``.
    """

    def __init__(
        self,
        root: Path,
        *,
        denied: Iterable[str] = (),
        live: bool = False,
        answers: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(root)
        self.denied = frozenset(denied)
        self.live = live
        self.answers = answers or {}

    def status(self, path: str) -> FileStatus | None:
        """What is there, as the node's answers have it."""
        found = super().status(path)
        if found is None:
            return None
        told: dict[str, Any] = {"uid": 0, "gid": 0, "modified": self.now() - 60}
        told |= self.answers.get("files", {}).get(path, {})
        if "mode" in told:
            told["mode"] = stat.S_IFMT(found.mode) | int(told["mode"], 8)
        return found._replace(**told)

    def now(self) -> float:
        """The time."""
        return float(self.answers.get("now", NOW))

    def same_netns(self) -> bool:
        """Whether the kernel's settings are the node's own."""
        return bool(self.answers["same_netns"]) if "same_netns" in self.answers else super().same_netns()

    def space(self, path: str) -> Space:
        """How much a file system has."""
        return Space(*self._answer("space", path))

    def processes(self, names: Iterable[str]) -> list[Process]:
        """The running programs."""
        wanted = frozenset(names)
        found: list[Process] = CODECS["processes"][1](self._answer("processes"))
        return [process for process in found if process.name in wanted]

    def watchers(self) -> list[Watcher]:
        """The running programs that are told of changes to files."""
        found: list[Watcher] = CODECS["watchers"][1](self._answer("watchers"))
        return found

    def survey(self) -> Survey:
        """The links, addresses and routes."""
        return read_survey(self._answer("survey"))

    def rulesets(self) -> dict[str, str]:
        """The rules of the packet filter."""
        return dict(self._answer("rulesets"))

    def connect(self, address: str) -> str | None:
        """Whether somebody listens."""
        trouble: str | None = self._answer("connect", address)
        return trouble

    def cri(self, socket: str, question: str, argument: str = "") -> Any:
        """What the container runtime answers."""
        del socket
        return self._answer("cri", f"{question} {argument}".strip())

    def _answer(self, question: str, argument: str | None = None) -> Any:
        known = self.answers.get(question, {})
        if question not in self.answers or (argument is not None and argument not in known):
            message = f"this node does not say: {question}"
            raise Unanswered(message)
        return known if argument is None else known[argument]

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
