"""Services of systemd: their units, and how they are started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.foreign.systemd import UNIT_DIRS, read_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.systemd import Unit, Word

_WANTED = ("multi-user.target.wants", "default.target.wants", "graphical.target.wants", "sockets.target.wants")


class Services:
    """The services of a node.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self._units: dict[str, Unit] = {}

    def unit(self, name: str) -> Unit:
        """A unit with its drop-ins; without files when there is none.

        Args:
            name: Its name, such as ``kubelet.service``.
        """
        if name not in self._units:
            sources = (self.node.source(path) for path in self.files(name))
            self._units[name] = read_unit(source for source in sources if source is not None)
        return self._units[name]

    def files(self, name: str) -> list[str]:
        """The paths of a unit and its drop-ins, as systemd takes them: of files with one name the first directory's."""
        paths: dict[str, str] = {}
        for directory in UNIT_DIRS:
            for path in self._files_in(directory, name):
                # A link to /dev/null hides those of its name, even where /dev is not mounted.
                paths.setdefault(path.rpartition("/")[2], path)
        main = paths.pop(name, None)
        return [*([main] if main else []), *(paths[key] for key in sorted(paths))]

    def _files_in(self, directory: str, name: str) -> Iterator[str]:
        host = self.node.host
        if host.status(f"{directory}/{name}") is not None or host.link_target(f"{directory}/{name}") is not None:
            yield f"{directory}/{name}"
        drop_ins = f"{directory}/{name}.d"
        yield from (f"{drop_ins}/{each}" for each in self.node.names_in(drop_ins) if each.endswith(".conf"))

    def command(self, name: str) -> list[Word]:
        """The command line that a service is started with; empty when it is not known."""
        return self.unit(name).command(self.node.source)

    def starts_at_boot(self, name: str) -> bool:
        """Whether a unit is enabled."""
        places = (f"{directory}/{target}/{name}" for directory in UNIT_DIRS for target in _WANTED)
        return any(self.node.host.link_target(place) is not None for place in places)
