"""Which plugins the node's networks use, and for which of them it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.model.names import plugin_type_fault
from cnictl.model.view import NetworkView, items_at, object_at, string_at
from cnictl.text.node import ObjectNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node
    from cnictl.model.view import PluginView
    from cnictl.report.finding import Severity
    from cnictl.text.node import Node as TextNode

WRAPPERS = ("multus", "multus-shim")
"""Plugins that hand over to other networks."""


class Use(NamedTuple):
    """A plugin that a config names, or that one of its plugins runs.

    Attributes:
        config: The config.
        network: The network in it; of multus' delegates their own.
        plugin: The plugin whose object names it.
        type: Its type.
        place: Where it is named.
        severity: ``WARNING`` where pods do not get the network; see `cnictl.doctor.node.Node.milder_for`.
    """

    config: NodeConfig
    network: NetworkView
    plugin: PluginView
    type: str
    place: TextNode
    severity: Severity | None


class Uses:
    """The plugins in use.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.all = tuple(_uses(node))
        """Every use, in the order of the configs."""

    @property
    def types(self) -> Sequence[str]:
        """The types, each once, those of networks that pods get in front."""
        first = [use.type for use in self.all if use.severity is None]
        return list(dict.fromkeys([*first, *(use.type for use in self.all)]))

    def of(self, plugin: str) -> Use | None:
        """The use of a plugin that matters most; ``None`` when nothing uses it."""
        uses = [use for use in self.all if use.type == plugin]
        return next((use for use in uses if use.severity is None), next(iter(uses), None))


def _uses(node: Node) -> Iterator[Use]:
    for config, network in node.networks():
        severity = node.milder_for(config)
        for each in (network, *delegates_of(network)):
            for plugin in each.plugins:
                for name, place in (*plugin.executables(), *_implied(plugin)):
                    if not plugin_type_fault(name):  # no file can have this name, and network-config-broken says so
                        yield Use(config, each, plugin, name, place, severity)


def delegates_of(network: NetworkView) -> Iterator[NetworkView]:
    """The networks that stand inside a config of multus."""
    for plugin in network.plugins:
        for item in items_at(plugin.node, "delegates") if plugin.type in WRAPPERS else ():
            if isinstance(item, ObjectNode):
                yield NetworkView(network.document, item, None if "cniVersion" in item else network.version)


def _implied(plugin: PluginView) -> Iterator[tuple[str, TextNode]]:
    """What flannel runs unless it is told otherwise: bridge with host-local (flannel-io/cni-plugin, ``doCmdAdd``)."""
    if plugin.type != "flannel":
        return
    place = plugin.value_of("type") or plugin.node
    delegate = object_at(plugin.node, "delegate")
    ipam = object_at(delegate, "ipam") if delegate else None
    if delegate is None or string_at(delegate, "type") is None:
        yield "bridge", place
    if ipam is None or string_at(ipam, "type") is None:
        yield "host-local", place
    else:
        yield string_at(ipam, "type") or "", place
