"""The machine that cnictl runs on."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cnictl.errors import SourceError
from cnictl.host.api import FileStatus
from cnictl.text.source import read_regular, source_error


class LocalHost:
    """The live machine; see `cnictl.host.api.Host`."""

    live = True

    def where(self, path: str) -> Path:
        """Where a file of the node lies on this machine: where it says."""
        return Path(path)

    def read_bytes(self, path: str) -> bytes:
        """The content of a regular file; see `cnictl.host.api.Host`."""
        return read_regular(self.where(path), name=path)

    def list_dir(self, path: str) -> list[str]:
        """The names in a directory; see `cnictl.host.api.Host`."""
        try:
            return sorted(os.listdir(self.where(path)), key=os.fsencode)  # noqa: PTH208  # names, not paths
        except OSError as error:
            raise source_error(path, error) from error

    def status(self, path: str) -> FileStatus | None:
        """What is there; see `cnictl.host.api.Host`."""
        try:
            mode = self.where(path).stat().st_mode
        except (OSError, ValueError, SourceError):
            return None
        return FileStatus(stat.S_ISREG(mode), stat.S_ISDIR(mode), bool(mode & 0o111))

    def same_netns(self) -> bool:
        """Whether this process and the machine's first one share a network namespace.

        Ordinary users may not look at the first process; they are taken to be on the node itself.
        """
        return netns_of(self.where("/proc/1/ns/net")) in (None, netns_of(Path("/proc/self/ns/net")))


def netns_of(path: Path) -> str | None:
    """The identity of a process's network namespace; ``None`` when it may not be looked at."""
    try:
        return os.readlink(path)  # noqa: PTH115  # the link's text is the identity
    except OSError:
        return None
