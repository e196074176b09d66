"""What the configs promise of bridges and subnets, with what flannel has been given by the cluster."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cnictl.doctor.registry import Skip
from cnictl.model.address import parse_cidr
from cnictl.model.view import child_of, is_true, object_at, string_at, value_at
from cnictl.validate.pools import filled_by_agent, pools, range_sets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node
    from cnictl.model.view import NetworkView, PluginView
    from cnictl.report.finding import Location
    from cnictl.text.node import Node as TextNode
    from cnictl.text.node import ObjectNode
    from cnictl.validate.pools import Interface, Network, Pool

Gateways: TypeAlias = "tuple[tuple[Interface, ...], ...]"
"""The addresses of a bridge, one group for each range set; any of a group will do."""

FLANNEL_ENV = "/run/flannel/subnet.env"
"""Where flannel notes what the cluster has given to the node."""

_MOST_MTU = 65535
_OF_OTHERS = ("cni-podman", "nerdctl", "br-")
"""How bridges are called that podman and nerdctl make."""


class FlannelEnv(NamedTuple):
    """What flannel notes.

    Attributes:
        path: The file.
        networks: The networks of the whole cluster.
        gateways: The node's part of them: the address that its bridge gets, with the prefix length.
        mtu: What pods are to have; ``None`` when it does not say.
    """

    path: str
    networks: tuple[Network, ...]
    gateways: tuple[Interface, ...]
    mtu: int | None


class BridgeUse(NamedTuple):
    """A plugin that puts pods on a bridge.

    Attributes:
        config: Its config.
        plugin: The plugin: ``bridge``, or ``flannel`` which hands over to it.
        name: The bridge's name.
        place: What to point to.
        gateways: The addresses that the bridge is to have.
        force: Whether the plugin takes other addresses away from it.
        mtu: What the links are to have; ``None`` when that is left to the kernel.
        hairpin: Whether a pod reaches itself through the bridge.
    """

    config: NodeConfig
    plugin: PluginView
    name: str
    place: TextNode
    gateways: Gateways
    force: bool
    mtu: int | None
    hairpin: bool


class PodSubnet(NamedTuple):
    """A subnet from which pods of this node get addresses, and which the node routes.

    Attributes:
        config: The config that says so.
        plugin: The plugin.
        subnet: The subnet.
        location: Where it is written.
        link: The bridge that it is on; empty where each pod has a link of its own.
    """

    config: NodeConfig
    plugin: PluginView
    subnet: Network
    location: Location
    link: str


class Networks:
    """All of it.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def types(self) -> frozenset[str]:
        """The plugin types that the configs name."""
        return frozenset(plugin.type for _, plugin in self._plugins() if plugin.type)

    @cached_property
    def flannel(self) -> FlannelEnv | None:
        """What flannel notes; ``None`` when it has not noted anything."""
        named = (string_at(plugin.node, "subnetFile") for _, plugin in self._plugins() if plugin.type == "flannel")
        path = next((each for each in named if each and each.startswith("/")), FLANNEL_ENV)
        text = self.node.text(path)
        return None if text is None else _flannel_env(path, text)

    @cached_property
    def bridges(self) -> tuple[BridgeUse, ...]:
        """The plugins that put pods on a bridge."""
        uses = (self._bridge(config, plugin) for config, plugin in self._plugins())
        return tuple(use for use in uses if use is not None)

    @cached_property
    def of_others(self) -> frozenset[str]:
        """The names of networks whose containers no runtime of pods knows: those of podman and nerdctl."""
        names = (use.plugin.network.name for use in self.bridges if use.name.startswith(_OF_OTHERS))
        return frozenset(name for name in names if name)

    @cached_property
    def subnets(self) -> tuple[PodSubnet, ...]:
        """The subnets of this node that are routed: those of plugins that make pods part of a LAN are not."""
        return tuple(self._subnets())

    def networks(self) -> Iterator[NetworkView]:
        """The networks of the configs; none where there are no configs."""
        try:
            yield from (network for _, network in self.node.networks())
        except Skip:
            return

    def _plugins(self) -> Iterator[tuple[NodeConfig, PluginView]]:
        try:
            yield from self.node.plugins()
        except Skip:
            return

    def _bridge(self, config: NodeConfig, plugin: PluginView) -> BridgeUse | None:
        holder = plugin.node
        if plugin.type == "flannel":
            delegate = object_at(plugin.node, "delegate")
            if delegate is not None and string_at(delegate, "type") not in (None, "bridge"):
                return None
            holder = delegate or holder
            gateways: Gateways = tuple((gateway,) for gateway in self.flannel.gateways) if self.flannel else ()
            mtu = _mtu(holder) or (self.flannel.mtu if self.flannel else None)
        elif plugin.type == "bridge":
            gateways, mtu = _gateways(plugin), _mtu(holder)
        else:
            return None
        name = string_at(holder, "bridge") or "cni0"
        place, force = value_at(holder, "bridge"), is_true(holder, "forceAddress")
        hairpin = is_true(holder, "hairpinMode") or is_true(holder, "promiscMode")
        return BridgeUse(config, plugin, name, place, gateways, force, mtu, hairpin)

    def _subnets(self) -> Iterator[PodSubnet]:
        for config, plugin in self._plugins():
            use = self._bridge(config, plugin)
            if plugin.type == "flannel" and self.flannel:
                place = config.location(value_at(plugin.node, "type").label)
                for gateway in self.flannel.gateways:
                    yield PodSubnet(config, plugin, gateway.network, place, use.name if use else "")
            elif plugin.type == "ptp" or (use and use.gateways):
                for pool in pools(plugin):
                    if pool.subnet is not None:
                        place = config.location(value_at(pool.node, "subnet").label)
                        yield PodSubnet(config, plugin, pool.subnet, place, use.name if use else "")


def _mtu(holder: ObjectNode) -> int | None:
    node = child_of(holder, "mtu")
    value = node.value if node is not None else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_MTU else None


def _gateways(plugin: PluginView) -> Gateways:
    """The addresses that the bridge is given; kube-router and plugins of its kind say them only at run time."""
    if not (is_true(plugin.node, "isGateway") or is_true(plugin.node, "isDefaultGateway")) or filled_by_agent(plugin):
        return ()
    groups = (tuple(gateway for pool in pools if (gateway := _gateway(pool))) for pools in range_sets(plugin))
    return tuple(group for group in groups if group)


def _gateway(pool: Pool) -> Interface | None:
    if pool.gateway is None or pool.subnet is None:
        return None
    return parse_cidr(f"{pool.gateway}/{pool.subnet.prefixlen}")


def _flannel_env(path: str, text: str) -> FlannelEnv:
    lines = (line.strip().partition("=") for line in text.splitlines())
    pairs = [(name, value.strip("\"'")) for name, _, value in lines]
    networks = [_cidr(value) for name, value in pairs if name in ("FLANNEL_NETWORK", "FLANNEL_IPV6_NETWORK")]
    parts = [_cidr(value) for name, value in pairs if name in ("FLANNEL_SUBNET", "FLANNEL_IPV6_SUBNET")]
    mtu = dict(pairs).get("FLANNEL_MTU", "")
    return FlannelEnv(
        path,
        tuple(each.network for each in networks if each is not None),
        tuple(each for each in parts if each is not None),
        int(mtu) if mtu.isdecimal() and 0 < int(mtu) <= _MOST_MTU else None,
    )


def _cidr(text: str) -> Interface | None:
    try:
        return parse_cidr(text)
    except ValueError:
        return None
