"""What is mounted where on the node."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cnictl.foreign.mountinfo import mounts_in

if TYPE_CHECKING:
    from cnictl.doctor.node import Node
    from cnictl.foreign.mountinfo import Mount


class Mounts:
    """It.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def table(self) -> tuple[Mount, ...] | None:
        """The mounts, in the kernel's order; ``None`` where they cannot be seen.

        Of a mounted root, what its own first process sees counts; the paths that we see there are others.
        """
        path = "/proc/self/mountinfo" if self.node.host.live else "/proc/1/mountinfo"
        text = self.node.text(path)
        return None if text is None else tuple(mounts_in(text))

    @property
    def all(self) -> tuple[Mount, ...]:
        """The mounts, in the kernel's order; none where they cannot be seen."""
        return self.table or ()

    def at(self, path: str) -> Mount | None:
        """The mount that a path lies on: the longest way to it, and of two at one place the later."""
        best: Mount | None = None
        for mount in self.all:
            covers = path == mount.target or path.startswith(f"{mount.target.rstrip('/')}/")
            if covers and (best is None or len(mount.target) >= len(best.target)):
                best = mount
        return best
