"""What a check may ask a machine."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from cnictl.netns.survey import Survey


class Unanswered(Exception):  # an answer, not an error
    """A machine cannot be asked this; ``str`` says why, as a sentence without a full stop."""


class FileStatus(NamedTuple):
    """What there is at a path, symbolic links followed.

    Attributes:
        mode: Its kind and permissions, as ``st_mode`` has them.
        uid: Its owner.
        gid: Its group.
        size: Its size in bytes.
        modified: When it was last written, in seconds since 1970.
        device: The file system that it lies on.
        inode: Its number there.
    """

    mode: int
    uid: int = 0
    gid: int = 0
    size: int = 0
    modified: float = 0.0
    device: int = 0
    inode: int = 0

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.mode)

    @property
    def is_dir(self) -> bool:
        """Whether it is a directory."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_socket(self) -> bool:
        """Whether it is a Unix socket."""
        return stat.S_ISSOCK(self.mode)

    @property
    def is_executable(self) -> bool:
        """Whether anybody may execute it."""
        return bool(self.mode & 0o111)

    @property
    def permissions(self) -> int:
        """Its permissions alone, such as ``0o644``."""
        return stat.S_IMODE(self.mode)


class Space(NamedTuple):
    """How much a file system has.

    Attributes:
        size: Its size in bytes.
        free: What of it ordinary users may still write, in bytes.
        inodes: How many files it can have; 0 where there is no limit.
        free_inodes: How many more.
        read_only: Whether it is mounted so.
    """

    size: int
    free: int
    inodes: int
    free_inodes: int
    read_only: bool


class Process(NamedTuple):
    """A running process.

    Attributes:
        pid: Its number.
        arguments: Its command line.
        started: When it was started, in seconds since 1970.
    """

    pid: int
    arguments: tuple[str, ...]
    started: float = 0.0

    @property
    def name(self) -> str:
        """The name of its program, without the directory."""
        return self.arguments[0].rsplit("/", 1)[-1] if self.arguments else ""


class Watcher(NamedTuple):
    """A running program that is told of changes to files.

    Attributes:
        pid: Its number.
        uid: Whose it is.
        instances: How many of the kernel's watching instances it holds.
        watched: The device and inode of each file that it watches.
    """

    pid: int
    uid: int
    instances: int
    watched: tuple[tuple[int, int], ...] = ()


class Host(Protocol):
    """A node. Paths are absolute paths on that node, wherever its root file system is mounted here.

    What only a live machine can answer raises `Unanswered` on others, with the reason. All answers are plain data, so
    that they can be kept in a dump and given again (`cnictl.host.dump`).
    """

    live: bool
    """Whether it is the machine that cnictl runs on, so that programs on it can be run."""

    def where(self, path: str) -> Path:
        """Where a file of the node lies on this machine; where it lay, for a dump."""

    def read_bytes(self, path: str) -> bytes:
        """The content of a regular file.

        Raises:
            SourceNotFound: There is no such file.
            SourceError: It cannot be read, or is larger than `cnictl.text.source.MAX_BYTES`.
        """

    def read_part(self, path: str, offset: int, size: int) -> bytes:
        """A part of a regular file of any size; shorter where the file ends.

        Args:
            path: The file.
            offset: Where to begin, in bytes.
            size: How many bytes at most.

        Raises:
            SourceNotFound: There is no such file.
            SourceError: It cannot be read.
        """

    def list_dir(self, path: str) -> list[str]:
        """The names in a directory, sorted by their bytes as runtimes sort them.

        Raises:
            SourceNotFound: There is no such directory.
            SourceError: It cannot be read.
        """

    def status(self, path: str) -> FileStatus | None:
        """What is there; ``None`` when nothing is, or when it cannot be told."""

    def link_target(self, path: str) -> str | None:
        """What a symbolic link says; ``None`` when there is no link."""

    def same_netns(self) -> bool:
        """Whether ``/proc/sys/net`` shows the node's own network namespace.

        The kernel answers for the namespace of whoever reads, so a container with a network namespace of its
        own would see its own settings there.
        """

    def now(self) -> float:
        """The time, in seconds since 1970; for a dump that of when it was taken."""

    def space(self, path: str) -> Space:
        """How much the file system has that a path lies on.

        Raises:
            Unanswered: The node is not live, or there is no such path.
        """

    def processes(self, names: Iterable[str]) -> list[Process]:
        """The running programs with one of these names, by their number.

        Args:
            names: Names of programs, without directories.

        Raises:
            Unanswered: The node is not live.
        """

    def watchers(self) -> list[Watcher]:
        """The running programs that are told of changes to files (inotify), by their number.

        Raises:
            Unanswered: The node is not live, or may not be asked.
        """

    def survey(self) -> Survey:
        """The links, addresses and routes of the node's network namespace.

        Raises:
            Unanswered: The node is not live, or may not be asked.
        """

    def rulesets(self) -> Mapping[str, str]:
        """The rules of the packet filter, as the tools of `RULE_TOOLS` show them, by tool.

        A tool that is not installed is missing. One that failed, or may not be used, has the key ``TOOL!`` with the
        reason.

        Raises:
            Unanswered: The node is not live.
        """

    def connect(self, address: str) -> str | None:
        """Whether somebody listens: ``None`` when the connection was taken, or else why not.

        Args:
            address: ``unix:/PATH`` or ``tcp:HOST:PORT``.

        Raises:
            Unanswered: The node is not live.
        """

    def cri(self, socket: str, question: str, argument: str = "") -> Any:  # noqa: ANN401  # a JSON value
        """What a container runtime answers.

        Args:
            socket: The path of its socket.
            question: One of `CRI_QUESTIONS`.
            argument: The ID of a sandbox, for ``sandbox``.

        Returns:
            The answer of `cnictl.cri.answers` as JSON values, or ``{"error": …, "kind": …}``; see `cnictl.host.cri`.

        Raises:
            Unanswered: The node is not live.
        """


RULE_TOOLS: Mapping[str, tuple[str, ...]] = {
    "iptables-nft": ("iptables-nft-save",),
    "ip6tables-nft": ("ip6tables-nft-save",),
    "iptables-legacy": ("iptables-legacy-save",),
    "ip6tables-legacy": ("ip6tables-legacy-save",),
    "iptables": ("iptables-save",),
    "ip6tables": ("ip6tables-save",),
    "nft": ("nft", "--stateless", "list", "ruleset"),
}
"""The tools that show rules of the packet filter, and how they are called."""

CRI_QUESTIONS = ("version", "status", "sandboxes", "sandbox", "containers", "crio-config")
