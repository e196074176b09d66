"""What a check may ask a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class FileStatus(NamedTuple):
    """What kind of file there is, symbolic links followed."""

    is_file: bool
    is_dir: bool
    is_executable: bool


class Host(Protocol):
    """A node. Paths are absolute paths on that node, wherever its root file system is mounted here."""

    live: bool
    """Whether it is the machine that cnictl runs on, so that programs on it can be run."""

    def where(self, path: str) -> Path:
        """Where a file of the node lies on this machine."""

    def read_bytes(self, path: str) -> bytes:
        """The content of a regular file.

        Raises:
            SourceNotFound: There is no such file.
            SourceError: It cannot be read, or is larger than `cnictl.text.source.MAX_BYTES`.
        """

    def list_dir(self, path: str) -> list[str]:
        """The names in a directory, sorted by their bytes as runtimes sort them.

        Raises:
            SourceNotFound: There is no such directory.
            SourceError: It cannot be read.
        """

    def status(self, path: str) -> FileStatus | None:
        """What is there; ``None`` when nothing is, or when it cannot be told."""

    def same_netns(self) -> bool:
        """Whether ``/proc/sys/net`` shows the node's own network namespace.

        The kernel answers for the namespace of whoever reads, so a container with a network namespace of its
        own would see its own settings there.
        """
