"""What an ``ipam`` object says of addresses and routes, read without refusing anything."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import TYPE_CHECKING

from cnictl.model.address import parse_cidr, parse_ip
from cnictl.model.view import given, items_at, string_at
from cnictl.schema import is_reference
from cnictl.text.node import ArrayNode, ObjectNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Interface = IPv4Interface | IPv6Interface
"""An address with the prefix length of its network."""


@dataclass(frozen=True)
class Pool:
    """One range of addresses.

    Attributes:
        node: The object that describes it.
        range_set: The index of its range set; ranges of one set stand in for each other.
        subnet: Its subnet; ``None`` when it cannot be read.
        host_bits: Whether the subnet is written with an address inside it instead of its own.
    """

    node: ObjectNode
    range_set: int
    subnet: Network | None
    host_bits: bool = False

    def address(self, key: str) -> Address | None:
        """The address under a key; ``None`` when there is none or it cannot be read."""
        return address_at(self.node, key)

    @cached_property
    def first(self) -> Address | None:
        """The first address that is given out."""
        if self.subnet is None:
            return None
        return self.address("rangeStart") or self.subnet[min(1, self.subnet.num_addresses - 1)]

    @cached_property
    def last(self) -> Address | None:
        """The last address that is given out: for IPv4 the one before the broadcast address."""
        if self.subnet is None:
            return None
        spare = 2 if self.subnet.version == 4 else 1  # noqa: PLR2004  # IPv4
        return self.address("rangeEnd") or self.subnet[max(0, self.subnet.num_addresses - spare)]

    @cached_property
    def room(self) -> int | None:
        """How many containers it has an address for: the gateway's is not given out; ``None`` when it is not known."""
        if self.gateway is None or self.first is None or self.last is None:
            return None
        first, last = int(self.first), int(self.last)
        return max(last - first + 1 - (first <= int(self.gateway) <= last), 0)

    @cached_property
    def gateway(self) -> Address | None:
        """The gateway: the first address of the subnet when nothing else is said."""
        if self.subnet is None:
            return None
        return self.address("gateway") or self.subnet[min(1, self.subnet.num_addresses - 1)]

    def overlaps(self, other: Pool) -> bool:
        """Whether an address could be given out from both."""
        mine, theirs = self.extent, other.extent
        if mine is None or theirs is None or mine[0] != theirs[0]:
            return False
        return mine[1] <= theirs[2] and theirs[1] <= mine[2]

    @cached_property
    def extent(self) -> tuple[int, int, int] | None:
        """The IP version, and the first and last address as numbers: what is compared with all other pools.

        ``None`` when it is not known, or the limits are of another version than the subnet.
        """
        if self.subnet is None or self.first is None or self.last is None:
            return None
        if not self.subnet.version == self.first.version == self.last.version:
            return None
        return self.subnet.version, int(self.first), int(self.last)


def address_at(node: ObjectNode, key: str) -> Address | None:
    """The address under ``key``; ``None`` when there is none or it cannot be read."""
    text = string_at(node, key)
    try:
        return parse_ip(text) if text else None
    except ValueError:
        return None


def pools(plugin: PluginView) -> list[Pool]:
    """The pools of a plugin whose addresses come from host-local; empty for all others.

    The old form, ``subnet`` beside ``type``, is the first range set, as in host-local.
    """
    return plugin.once(_pools)


def _pools(plugin: PluginView) -> list[Pool]:
    ipam = plugin.ipam
    if ipam is None or plugin.ipam_type != "host-local":
        return []
    found = [_pool(ipam, 0)] if given(ipam, "subnet") else []
    offset = len(found)
    for index, range_set in enumerate(items_at(ipam, "ranges")):
        if isinstance(range_set, ArrayNode):
            found += [_pool(node, index + offset) for node in range_set.items if isinstance(node, ObjectNode)]
    return found


def range_sets(plugin: PluginView) -> list[list[Pool]]:
    """The same, with those together that stand in for each other."""
    sets: dict[int, list[Pool]] = {}
    for pool in pools(plugin):
        sets.setdefault(pool.range_set, []).append(pool)
    return list(sets.values())


def filled_by_agent(plugin: PluginView) -> bool:
    """Whether an agent on the node adds ranges and routes: kube-router does, and so do plugins that bring their own."""
    return string_at(plugin.node, "bridge") == "kube-bridge" or not is_reference(plugin.type or "")


def _pool(node: ObjectNode, range_set: int) -> Pool:
    text = string_at(node, "subnet")
    try:
        interface = parse_cidr(text or "")
    except ValueError:
        return Pool(node, range_set, None)
    return Pool(node, range_set, interface.network, interface.ip != interface.network.network_address)


def routes(plugin: PluginView) -> Iterator[ObjectNode]:
    """The routes of a plugin whose addresses come from host-local or static, which hand them on as they are."""
    if plugin.ipam is not None and plugin.ipam_type in ("host-local", "static"):
        yield from (node for node in items_at(plugin.ipam, "routes") if isinstance(node, ObjectNode))


def destination(route: ObjectNode) -> Network | None:
    """Where a route leads; ``None`` when it cannot be read."""
    try:
        return parse_cidr(string_at(route, "dst") or "").network
    except ValueError:
        return None


def static_addresses(plugin: PluginView) -> list[ObjectNode]:
    """The addresses of a plugin whose addresses come from static; empty for all others."""
    if plugin.ipam is None or plugin.ipam_type != "static":
        return []
    return [node for node in items_at(plugin.ipam, "addresses") if isinstance(node, ObjectNode)]


def interface_at(node: ObjectNode, key: str) -> Interface | None:
    """The address with its prefix length under ``key``; ``None`` when there is none or it cannot be read."""
    try:
        return parse_cidr(string_at(node, key) or "")
    except ValueError:
        return None


def subnets(plugin: PluginView) -> list[Network]:
    """The networks that a container gets addresses of, as far as the config tells."""
    static = (interface_at(node, "address") for node in static_addresses(plugin))
    known = [interface.network for interface in static if interface is not None]
    return known + [pool.subnet for pool in pools(plugin) if pool.subnet is not None]


class Reach:
    """Which addresses lie in one of many networks, told without looking at each of them.

    Args:
        networks: The networks.
    """

    def __init__(self, networks: list[Network]) -> None:
        self._networks: set[tuple[int, int, int]] = set()
        self._lengths: set[tuple[int, int]] = set()
        for network in networks:
            self.add(network)

    def add(self, network: Network) -> None:
        """Takes one more network."""
        rest = network.max_prefixlen - network.prefixlen
        self._networks.add((network.version, rest, int(network.network_address) >> rest))
        self._lengths.add((network.version, rest))

    def has(self, address: Address) -> bool:
        """Whether one of the networks holds an address."""
        number = int(address)
        return any(
            version == address.version and (version, rest, number >> rest) in self._networks
            for version, rest in self._lengths
        )


def families(plugin: PluginView) -> frozenset[int]:
    """The IP versions that a container gets addresses of; empty when the config alone does not tell."""
    subnets: list[Network | Interface | None] = [pool.subnet for pool in pools(plugin)]
    subnets += [interface_at(node, "address") for node in static_addresses(plugin)]
    known = [subnet.version for subnet in subnets if subnet is not None]
    brought = plugin.capabilities & {"ips", "ipRanges"} or plugin.value_of("runtimeConfig") or plugin.value_of("args")
    unclear = brought or len(known) < len(subnets) or not _is_well_formed(plugin)
    return frozenset() if unclear else frozenset(known)


def _is_well_formed(plugin: PluginView) -> bool:
    """Whether all that gives out addresses is of the right types, so that none of it is left out."""
    sets = items_at(plugin.ipam, "ranges") if plugin.ipam else []
    ranges = [node for each in sets for node in (each.items if isinstance(each, ArrayNode) else [each])]
    addresses = items_at(plugin.ipam, "addresses") if plugin.ipam else []
    nested = all(isinstance(each, ArrayNode) and each.items for each in sets)
    return nested and all(isinstance(node, ObjectNode) for node in (*ranges, *addresses))
