"""Where the pods of a node are: the link that their packets come from, and their addresses."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.registry import Skip
from cnictl.host.api import Unanswered
from cnictl.model.address import parse_cidr, parse_ip
from cnictl.model.view import object_at, string_at
from cnictl.runtime.attachments import addresses_of
from cnictl.validate.pools import subnets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node
    from cnictl.model.view import NetworkView, PluginView
    from cnictl.validate.pools import Address, Network

_PTP_LINK = "veth00000000"
"""What links of the plugin ptp are called, with a number at the end that is of no account."""
_CALICO_LINK = "cali00000000000"
_EGRESS = "egress-cni"
"""The plugin of Amazon's with which pods of one IP version reach the other; it stands in every config, mostly off."""
_LATE = 5
"""Which address of a subnet stands for its pods when none is known: not the gateway's."""


class Placement(NamedTuple):
    """The pods of a network, of one IP version.

    Attributes:
        config: The network's config.
        plugin: The plugin that connects them to the node.
        link: The link that their packets come from.
        family: 4 or 6.
        subnet: The addresses that they get on this node; ``None`` when the node's files do not tell.
        address: One of their addresses, or one that they could get; ``None`` likewise.
        is_held: Whether a pod has that address now.
    """

    config: NodeConfig
    plugin: PluginView
    link: str
    family: int
    subnet: Network | None
    address: Address | None
    is_held: bool

    @property
    def title(self) -> str:
        """What to call the network in messages."""
        return self.config.title

    @property
    def matches(self) -> tuple[str, str]:
        """What iptables is to be told of packets from the pods, and of those to them."""
        return (f"-s {self.subnet}", f"-d {self.subnet}") if self.subnet else ("-i cali+", "-o cali+")


class Placements:
    """The networks whose packets pass through the node.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def used(self) -> tuple[tuple[NodeConfig, NetworkView], ...]:
        """The configs that the node's pods get."""
        try:
            return tuple((config, network) for config, network in self.node.networks() if self._is_used(config))
        except Skip:
            return ()

    def _is_used(self, config: NodeConfig) -> bool:
        """Runtimes of Kubernetes take one config, multus another one beside it; other programs may use each."""
        if not self.node.has_kubelet:
            return True
        choice = self.node.choice
        return config in (choice.taken or choice.first_loadable, choice.wrapped)

    @cached_property
    def plugins(self) -> tuple[tuple[NodeConfig, PluginView], ...]:
        """The plugins of those configs."""
        return tuple((config, plugin) for config, network in self.used for plugin in network.plugins)

    def uses(self, *types: str) -> bool:
        """Whether one of these plugins is used, also as the delegate or the IPAM plugin of another."""
        return any(name in types for _, plugin in self.plugins for name, _ in plugin.executables())

    @cached_property
    def all(self) -> tuple[Placement, ...]:
        """The networks of the node's pods."""
        return tuple(place for config, plugin in self.plugins for place in self._of(config, plugin))

    @cached_property
    def families(self) -> frozenset[int]:
        """The IP versions of which pods get addresses, as far as it is known."""
        known = {subnet.version for _, plugin in self.plugins for subnet in self.subnets_of(plugin)}
        return frozenset(known | {place.family for place in self.all if place.address is not None})

    def subnets_of(self, plugin: PluginView) -> Sequence[Network]:
        """The addresses that pods of a plugin get on this node."""
        if plugin.type == _EGRESS and string_at(plugin.node, "enabled") != "true":
            return []
        flannel = self.node.promised.flannel if plugin.type == "flannel" else None
        return [gateway.network for gateway in flannel.gateways] if flannel else subnets(plugin)

    def _of(self, config: NodeConfig, plugin: PluginView) -> Iterator[Placement]:
        link = link_of(plugin)
        if link is None:
            return
        for subnet in self.subnets_of(plugin):
            held = next((address for address in self._held(config.title) if address in subnet), None)
            spare = subnet[min(_LATE, subnet.num_addresses - 1)]
            yield Placement(config, plugin, link, subnet.version, subnet, held or spare, held is not None)
        if plugin.type == "calico":  # its subnets are not on the node, its pods' addresses are in the cache
            for family in (4, 6):
                held = next((each for each in self._held(config.title) if each.version == family), None)
                if held is not None:
                    yield Placement(config, plugin, link, family, None, held, True)  # noqa: FBT003  # is_held

    def _held(self, network: str) -> list[Address]:
        """The addresses that pods of a network have."""
        texts = [lease.address for lease in self.node.state.leases if lease.network == network]
        entries = (entry for entry in self.node.state.attachments if entry.network == network)
        texts += [address for entry in entries for address in addresses_of(entry.result)]
        return [address for text in texts for address in _address(text)]

    def uplink(self, family: int) -> str | None:
        """The link of the default route; ``None`` when there is none.

        Raises:
            Unanswered: The routes cannot be known here.
        """
        everything = "0.0.0.0/0" if family == 4 else "::/0"  # noqa: PLR2004  # IPv4
        routes = [route for route in self.node.survey.routes if route.target == everything and route.link]
        best = min(routes, key=lambda route: (route.table != 254, route.metric), default=None)  # noqa: PLR2004  # main
        return best.link if best else None

    def link_names(self) -> frozenset[str]:
        """The names of the node's links; none when they cannot be known."""
        try:
            return frozenset(link.name for link in self.node.survey.links)
        except Unanswered:
            return frozenset()

    def link_to(self, address: Address) -> str | None:
        """The link that leads to an address by a route of its own; ``None`` when there is none but the default route.

        Raises:
            Unanswered: The routes cannot be known here.
        """
        for (family, rest), links in self._routes:
            if family == address.version and int(address) >> rest in links:
                return links[int(address) >> rest]
        return None

    @cached_property
    def _routes(self) -> list[tuple[tuple[int, int], dict[int, str]]]:
        """The links by the parts of addresses that their routes are for, the longest first."""
        found: dict[tuple[int, int], dict[int, str]] = {}
        for route in self.node.survey.routes:
            for network in _network(route.target):
                rest = network.max_prefixlen - network.prefixlen
                if network.prefixlen and route.link:
                    found.setdefault((network.version, rest), {})[int(network.network_address) >> rest] = route.link
        return sorted(found.items(), key=lambda item: item[0][1])


def link_of(plugin: PluginView) -> str | None:
    """The link on the node that packets of a plugin's pods come from; ``None`` when they do not pass through it."""
    if plugin.type == "bridge":
        return string_at(plugin.node, "bridge") or "cni0"
    if plugin.type == "flannel":  # which hands over to the bridge plugin unless told otherwise
        delegate = object_at(plugin.node, "delegate")
        kind = (string_at(delegate, "type") if delegate else None) or "bridge"
        return ((string_at(delegate, "bridge") if delegate else None) or "cni0") if kind == "bridge" else None
    return {"ptp": _PTP_LINK, "calico": _CALICO_LINK}.get(plugin.type or "")


def _address(text: str) -> Iterator[Address]:
    try:
        yield parse_cidr(text).ip if "/" in text else parse_ip(text)
    except ValueError:
        return


def _network(text: str) -> Iterator[Network]:
    try:
        yield parse_cidr(text).network
    except ValueError:
        return
