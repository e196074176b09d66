"""Which config the node's pods get, and what becomes of the others."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from cnictl.doctor.registry import Skip
from cnictl.errors import CNIError
from cnictl.model.names import plugin_type_fault
from cnictl.model.version import SpecVersion
from cnictl.runtime.selection import Candidate, Runtime, candidate, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node
    from cnictl.model.view import NetworkView
    from cnictl.runtime.selection import Verdict

_LOADS_LIKE = {
    "containerd": Runtime.CONTAINERD,
    "cri-o": Runtime.CRIO,
    "cri-dockerd": Runtime.CRIO,  # as the kubelet did, from which CRI-O has it
}


class Choice:
    """What a runtime of Kubernetes makes of the config directory.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def runtime(self) -> Runtime | None:
        """How the runtime loads that gives pods their network; ``None`` when it is not known."""
        counting = self.node.runtime
        return _LOADS_LIKE.get(counting.name) if counting else None

    @property
    def called(self) -> str:
        """What to call the runtime."""
        return self.node.runtime.called if self.node.runtime and self.runtime else "the container runtime"

    @cached_property
    def verdicts(self) -> Sequence[Verdict]:
        """What becomes of each config under the runtime; of containerd's where that is not known."""
        return select(self.runtime or Runtime.CONTAINERD, self.candidates)

    @cached_property
    def candidates(self) -> list[Candidate]:
        """The configs as the choice sees them."""
        return [self._candidate(config) for config in self.node.configs]

    def _candidate(self, config: NodeConfig) -> Candidate:
        name = config.path.rpartition("/")[2]
        if config.document is None:
            # What only this process may not read is as good as any other.
            return Candidate(name) if config.denied else Candidate(name, "unreadable")
        found = candidate(name, config.document)
        if found.refused or self.runtime is not Runtime.CRIO:
            return found
        return replace(found, unusable=found.unusable or self.unusable(config))

    def unusable(self, config: NodeConfig) -> str | None:
        """Why CRI-O, which asks the plugins before it takes a config, would not take it; ``None`` when it would."""
        network = config.network
        if network is None:
            return None
        for plugin in network.plugins:
            if not plugin.type or plugin_type_fault(plugin.type):
                continue
            if self.node.plugin_path(plugin.type) is None:
                return f'the plugin "{plugin.type}" is not installed'
            if not self._speaks(plugin.type, network):
                return f'the plugin "{plugin.type}" does not speak {network.version}'
        return None

    def _speaks(self, plugin: str, network: NetworkView) -> bool:
        try:
            spoken = self.node.plugin_versions(plugin)
        except Skip:
            return True
        wanted = str(network.version or SpecVersion.V0_1_0)
        return spoken is None or (not isinstance(spoken, CNIError) and wanted in spoken)

    @cached_property
    def taken(self) -> NodeConfig | None:
        """The config of the pods' network; ``None`` when the runtime takes none."""
        name = next((verdict.name for verdict in self.verdicts if verdict.status == "taken"), None)
        return self._config(name)

    @cached_property
    def first_loadable(self) -> NodeConfig | None:
        """The first config that could be loaded, whatever a broken one before it does to the runtime."""
        return self._config(next((each.name for each in self.candidates if not each.fault), None))

    @cached_property
    def wrapped(self) -> NodeConfig | None:
        """The config that multus gives pods, when multus comes first and has not been told another."""
        first = self.taken or self.first_loadable
        network = first.network if first else None
        if network is None or not any(plugin.type in ("multus", "multus-shim") for plugin in network.plugins):
            return None
        verdicts = select(Runtime.MULTUS, self.candidates)
        return self._config(next((each.name for each in verdicts if each.status == "taken"), None))

    def _config(self, name: str | None) -> NodeConfig | None:
        if name is None:
            return None
        return next((each for each in self.node.configs if each.path.endswith(f"/{name}")), None)
