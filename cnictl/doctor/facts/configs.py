"""The network configs of a node."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cnictl.doctor.registry import Skip
from cnictl.errors import SourceError, SourceNotFound
from cnictl.model.files import config_names
from cnictl.model.view import NetworkView, view
from cnictl.report.finding import Location
from cnictl.text.parser import parse
from cnictl.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.text.document import Document
    from cnictl.text.node import Label


@dataclass(frozen=True)
class NodeConfig:
    """A file in the config directory.

    Attributes:
        path: Where it lies on the node.
        document: Its text, parsed; ``None`` when it cannot be read.
        error: Why it cannot be read.
    """

    path: str
    document: Document | None
    error: SourceError | None = None

    @property
    def network(self) -> NetworkView | None:
        """The network in it; ``None`` when its text is not clear."""
        return view(self.document) if self.document is not None and self.document.complete else None

    @property
    def denied(self) -> bool:
        """Whether whoever asks may not read it; runtimes, which are root, may."""
        return self.error is not None and isinstance(self.error.__cause__, PermissionError)

    @property
    def title(self) -> str:
        """What to call it in messages: the network's name, or the file's where that has none."""
        return (self.network.name if self.network else None) or self.path.rsplit("/", 1)[-1]

    def location(self, label: Label | None = None) -> Location:
        """A place in the file, or the file as a whole."""
        return Location.of(self.document.source, label) if self.document and label else Location(self.path)


class Configs:
    """The files in the config directory that runtimes read.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def all(self) -> list[NodeConfig]:
        """All of them, in the order in which runtimes read them.

        Directories are no files to them; a link to a directory is one that cannot be read.

        Raises:
            Skip: The directory cannot be read.
        """
        try:
            names = config_names(self.node.host.list_dir(self.node.conf_dir))
        except SourceNotFound:
            return []
        except SourceError as error:
            message = f"{error}"
            raise Skip(message) from error
        paths = [f"{self.node.conf_dir.rstrip('/')}/{name}" for name in names]
        return [self._config(path) for path in paths if not self.node.is_dir(path) or self.node.host.link_target(path)]

    def _config(self, path: str) -> NodeConfig:
        try:
            return NodeConfig(path, parse(Source(path, self.node.host.read_bytes(path))))
        except SourceError as error:
            return NodeConfig(path, None, error)

    def understood(self) -> Iterator[tuple[NodeConfig, NetworkView]]:
        """The configs that can be understood.

        Raises:
            Skip: There are none.
        """
        found = [(config, network) for config in self.all if (network := config.network) is not None]
        if not found:
            message = f"{self.node.conf_dir} holds no network config that could be looked at"
            raise Skip(message)
        yield from found
