"""A node whose root file system is mounted somewhere: a container's ``/host``, an unpacked image."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cnictl.errors import SourceError, SourceNotFound
from cnictl.host.local import LocalHost, netns_of
from cnictl.text.source import source_error

_MAX_LINKS = 40
"""As many symbolic links as the kernel follows in one path."""


class RootedHost(LocalHost):
    """A node mounted at a directory; nothing of it is ever run.

    Symbolic links are followed inside the directory: ``/etc/x -> /usr/x`` on the node is
    ``ROOT/usr/x`` here, and no link leads out.

    Args:
        root: The directory.

    Raises:
        SourceNotFound: There is no such directory.
    """

    live = False

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).absolute()
        try:
            mode = self.root.stat().st_mode
        except OSError as error:
            raise source_error(str(root), error) from error
        if not stat.S_ISDIR(mode):
            raise SourceNotFound(str(root), "is not a directory", hint="give the directory that a root is mounted at")

    def where(self, path: str) -> Path:
        """Where a file of the node lies on this machine.

        Raises:
            SourceError: The path has more symbolic links than the kernel would follow.
        """
        todo = [part for part in reversed(path.split("/")) if part not in ("", ".")]
        done: list[str] = []
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":
                del done[-1:]
                continue
            target = self._link_target(self.root.joinpath(*done, part))
            if target is None:
                done.append(part)
                continue
            links += 1
            if links > _MAX_LINKS:
                raise SourceError(path, "has too many levels of symbolic links")
            if target.startswith("/"):
                done.clear()
            todo += [piece for piece in reversed(target.split("/")) if piece not in ("", ".")]
        return self.root.joinpath(*done)

    def _link_target(self, path: Path) -> str | None:
        try:
            return os.readlink(path)  # noqa: PTH115  # the text, not resolved on this machine
        except (OSError, ValueError):
            return None

    def same_netns(self) -> bool:
        """Whether this process is in the network namespace of the node that is mounted."""
        node = netns_of(self.root / "proc/1/ns/net")
        return node is not None and node == netns_of(Path("/proc/self/ns/net"))
