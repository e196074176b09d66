"""How full the ranges are from which host-local gives addresses to pods."""

from __future__ import annotations

from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from cnictl.model.view import value_at
from cnictl.validate.pools import filled_by_agent, range_sets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.facts.state import LeaseStore
    from cnictl.doctor.node import Node
    from cnictl.model.view import NetworkView
    from cnictl.report.finding import Location
    from cnictl.runtime.leases import Lease
    from cnictl.validate.pools import Interface, Pool

_FEWEST = 2
"""IPv4 addresses of a subnet that are not given out: its own and the broadcast address."""


class RangeSet(NamedTuple):
    """Ranges that stand in for each other.

    Attributes:
        config: The config that has them.
        network: Its network.
        location: Where they are written.
        extents: For each range the IP version, and the first and last address as numbers.
        gateways: The gateways, which are not given out, as IP version and number.
        room: How many containers they have an address for.
        store: What host-local keeps of the network; ``None`` when it has given nothing away yet.
    """

    config: NodeConfig
    network: NetworkView
    location: Location
    extents: tuple[tuple[int, int, int], ...]
    gateways: frozenset[tuple[int, int]]
    room: int
    store: LeaseStore | None

    @property
    def words(self) -> str:
        """The ranges as host-local says them, such as ``10.88.0.1-10.88.255.254``."""
        return ",".join(f"{_text(version, first)}-{_text(version, last)}" for version, first, last in self.extents)

    def taken(self) -> list[Lease]:
        """The leases of its addresses."""
        return [lease for lease in self.store.leases if self.holds(lease.address)] if self.store else []

    def holds(self, address: str) -> bool:
        """Whether it gives out an address."""
        number = _number(address)
        return number is not None and number not in self.gateways and self.covers(address)

    def covers(self, address: str) -> bool:
        """Whether an address lies in one of its ranges, be it the gateway's."""
        version, value = _number(address) or (0, 0)
        return any(version == kind and first <= value <= last for kind, first, last in self.extents)


class Ranges:
    """The range sets of all networks.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def sets(self) -> tuple[RangeSet, ...]:
        """The range sets, those of each network in the order of its config.

        Raises:
            Skip: There are no configs.
        """
        return tuple(each for config, network in self.node.networks() for each in self._sets(config, network))

    def of(self, network: str | None) -> list[RangeSet]:
        """The range sets of a network, in the order of host-local's notes."""
        return [each for each in self.sets if each.network.name == network]

    def _sets(self, config: NodeConfig, network: NetworkView) -> Iterator[RangeSet]:
        store = self.node.state.store_of(network)
        for plugin in network.plugins:
            flannel = self.node.promised.flannel if plugin.type == "flannel" else None
            for gateway in flannel.gateways if flannel else ():
                place = config.location(value_at(plugin.node, "type").label)
                yield _of_subnet(config, network, place, gateway, store)
            if not filled_by_agent(plugin):
                for pools in range_sets(plugin):
                    yield from _of_pools(config, network, pools, store)


def _of_subnet(
    config: NodeConfig, network: NetworkView, place: Location, gateway: Interface, store: LeaseStore | None
) -> RangeSet:
    subnet = gateway.network
    spare = _FEWEST if subnet.version == 4 else 1  # noqa: PLR2004  # IPv4
    first = int(subnet.network_address) + 1
    last = max(int(subnet.network_address) + subnet.num_addresses - spare, first)
    extent = (subnet.version, first, last)
    return RangeSet(
        config, network, place, (extent,), frozenset({(subnet.version, int(gateway.ip))}), last - first, store
    )


def _of_pools(
    config: NodeConfig, network: NetworkView, pools: list[Pool], store: LeaseStore | None
) -> Iterator[RangeSet]:
    """The range set; none when a part of it cannot be read."""
    extents = [pool.extent for pool in pools]
    if all(extents):
        known = tuple(extent for extent in extents if extent is not None)
        gateways = frozenset((pool.gateway.version, int(pool.gateway)) for pool in pools if pool.gateway is not None)
        room = sum(pool.room or 0 for pool in pools)
        place = config.location(value_at(pools[0].node, "subnet").label)
        yield RangeSet(config, network, place, known, gateways, room, store)


def _number(address: str) -> tuple[int, int] | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return found.version, int(found)


def _text(version: int, number: int) -> str:
    return str(ip_address(number) if version == 4 else ip_address(number.to_bytes(16, "big")))  # noqa: PLR2004
