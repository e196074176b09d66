"""A node whose root file system is mounted somewhere: a container's ``/host``, an unpacked image."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.errors import SourceError, SourceNotFound
from cnictl.host.api import Unanswered
from cnictl.host.local import LocalHost, netns_of
from cnictl.text.source import source_error

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn

    from cnictl.host.api import Process, Space, Watcher
    from cnictl.netns.survey import Survey

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
            target = self._link_target("/".join((str(self.root), *done, part)))
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

    def _link_target(self, path: str) -> str | None:
        try:
            return os.readlink(path)  # noqa: PTH115  # the text, not resolved on this machine
        except (OSError, ValueError):
            return None

    def space(self, path: str) -> Space:
        """Not known: what is mounted where on the node cannot be told from outside."""
        raise _only_live(f"how full the disk below {path} is")

    def processes(self, names: Iterable[str]) -> list[Process]:
        """The running programs, where the node's own ``/proc`` is mounted too; see `cnictl.host.api.Host`."""
        if not self.where("/proc/1").is_dir():
            raise _only_live("which programs run")
        return super().processes(names)

    def watchers(self) -> list[Watcher]:
        """The programs that are told of changes, where the node's own ``/proc`` is mounted too; see `processes`."""
        if not self.where("/proc/1").is_dir():
            raise _only_live("which programs are told of changes to files")
        return super().watchers()

    def survey(self) -> Survey:
        """The links and routes, when this process is in the node's network namespace; see `cnictl.host.api.Host`."""
        if not self.same_netns():
            raise _only_live("its links and routes")
        return super().survey()

    def rulesets(self) -> dict[str, str]:
        """The rules, when this process is in the node's network namespace; see `cnictl.host.api.Host`."""
        if not self.same_netns():
            raise _only_live("its packet filter's rules")
        return super().rulesets()

    def connect(self, address: str) -> str | None:
        """Not asked: nobody has been asked to talk to what runs on that node."""
        raise _only_live(f"whether somebody listens at {address.partition(':')[2]}")

    def cri(self, socket: str, question: str, argument: str = "") -> NoReturn:
        """Not asked; see `connect`."""
        del question, argument
        raise _only_live(f"what the container runtime at {socket} says")

    def same_netns(self) -> bool:
        """Whether this process is in the network namespace of the node that is mounted."""
        node = netns_of(self.root / "proc/1/ns/net")
        return node is not None and node == netns_of(Path("/proc/self/ns/net"))


def _only_live(what: str) -> Unanswered:
    return Unanswered(f"the node is only mounted here, so {what} cannot be known")
