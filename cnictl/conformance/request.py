"""What is to be tested, and how it stands in a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cnictl.errors import UsageError
from cnictl.invoke.executor import DEFAULT_TIMEOUT
from cnictl.report.policy import Policy
from cnictl.throwaway.served import ipam_type

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cnictl.model.network import NetworkConfigList
    from cnictl.model.version import SpecVersion


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be tested.

    Attributes:
        type: The plugin's type.
        network: The network that it is tested in.
        bin_dirs: The plugin directories, that of the plugin first.
        versions: The spec versions to speak with it; the newest that all plugins of the network speak when empty.
        policy: Which cases are wanted.
        timeout: Seconds for each run.
    """

    type: str
    network: NetworkConfigList
    bin_dirs: Sequence[Path]
    versions: tuple[SpecVersion, ...] = ()
    policy: Policy = field(default_factory=Policy)
    timeout: float = DEFAULT_TIMEOUT

    @property
    def place(self) -> Place:
        """Where the plugin stands in the network.

        Raises:
            UsageError: The network does not name it.
        """
        for index, plugin in enumerate(self.network.plugins):
            if plugin.type == self.type:
                return Place("chained" if index else "interface", index)
            if ipam_type(plugin.data.get("ipam")) == self.type:
                return Place("ipam", index)
        message = f"{self.network.path}: the config does not name the plugin {self.type}"
        raise UsageError(message, hint=f'it must stand in there as "type": "{self.type}"')

    def require_place(self) -> None:
        """Does nothing when the network names the plugin.

        Raises:
            UsageError: It does not.
        """
        _ = self.place

    def executables(self) -> list[str]:
        """The types of all plugins that are run, in the order of ADD, the tested one included."""
        plugins = self.network.plugins[: self.place.index + 1]
        pairs = ((plugin.type, ipam_type(plugin.data.get("ipam"))) for plugin in plugins)
        if self.place.role == "ipam":
            return [self.type]
        return [name for pair in pairs for name in pair if name]


@dataclass(frozen=True)
class Place:
    """Where a plugin stands.

    Attributes:
        role: One of `cnictl.conformance.registry.ROLES`.
        index: The place of its object, or of the one whose ``ipam`` it is, in the list.
    """

    role: str
    index: int
