"""CNI535, CNI536, CNI540 and CNI546: the ranges that whereabouts gives addresses from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnictl.model.address import parse_cidr, parse_ip
from cnictl.model.view import items_at, string_at, value_at
from cnictl.report.finding import Severity
from cnictl.text.node import ObjectNode
from cnictl.validate.registry import Hit, manual, plugin_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import Node
    from cnictl.validate.pools import Address, Interface, Network


def _address(text: str) -> Address:
    return parse_ip(_without_zeros(text))


def _cidr(text: str) -> Interface:
    return parse_cidr(_without_zeros(text))


def _without_zeros(text: str) -> str:
    """An IPv4 address without leading zeros, which whereabouts takes and Go's own parser does not."""
    return text if ":" in text else re.sub(r"(^|\.)0+(?=[0-9])", r"\1", text)


@dataclass(frozen=True)
class _Range:
    """A range that whereabouts can read.

    Attributes:
        node: The object that describes it.
        network: The network that it lies in.
        first: The first address that is given out.
        last: The last one.
    """

    node: ObjectNode
    network: Network
    first: Address
    last: Address


def _holders(plugin: PluginView) -> Iterator[ObjectNode]:
    """The objects that describe the ranges of whereabouts; none for other IPAM plugins."""
    if plugin.ipam is None or plugin.ipam_type != "whereabouts":
        return
    nodes = [plugin.ipam, *items_at(plugin.ipam, "ipRanges")]
    yield from (node for node in nodes if isinstance(node, ObjectNode) and string_at(node, "range"))


def _read(holder: ObjectNode) -> _Range:
    """Reads a range as whereabouts does: limits that are outside it are as absent.

    Raises:
        ValueError: whereabouts refuses it; the text says why.
    """
    start, dash, rest = (string_at(holder, "range") or "").partition("-")
    interface = _cidr(rest if dash else start)
    network = interface.network
    if dash and _address(start) not in network:
        message = f"begins with {start}, which is not in {network}"
        raise ValueError(message)
    if network.prefixlen > network.max_prefixlen - 2:
        message = f"{network} is too small to give out addresses"
        raise ValueError(message)
    limits = (_address(start), interface.ip) if dash else (_limit(holder, "range_start"), _limit(holder, "range_end"))
    first, last = _narrowed(network, *limits)
    return _Range(holder, network, first, last)


def _limit(holder: ObjectNode, key: str) -> Address | None:
    try:
        return _address(string_at(holder, key) or "")
    except ValueError:
        return None


def _narrowed(network: Network, start: Address | None, end: Address | None) -> tuple[Address, Address]:
    first, last = network[1], network[-2]
    if start is not None and start.version == network.version and int(first) <= int(start) <= int(last):
        first = start
    if end is not None and end.version == network.version and int(first) <= int(end) <= int(last):
        last = end
    return first, last


def _ranges(plugin: PluginView) -> Iterator[_Range]:
    for holder in _holders(plugin):
        try:
            yield _read(holder)
        except ValueError:
            continue


def gateways_of_ranges(plugin: PluginView) -> Iterator[tuple[Address, Network, ObjectNode]]:
    """The gateway with each network that whereabouts gives addresses of, and the object that has the key."""
    gateway = _limit(plugin.ipam, "gateway") if plugin.ipam else None
    if gateway is not None and plugin.ipam is not None:
        yield from ((gateway, found.network, plugin.ipam) for found in _ranges(plugin))


def networks_of_ranges(plugin: PluginView) -> Iterator[tuple[Network, Node]]:
    """The network of each range of whereabouts, and where it is written."""
    yield from ((found.network, value_at(found.node, "range")) for found in _ranges(plugin))


def divided_range(plugin: PluginView) -> Network | None:
    """The network that is divided among the nodes, which is that of the first range; ``None`` when it is not known."""
    first = next(_holders(plugin), None)
    try:
        return _read(first).network if first is not None else None
    except ValueError:
        return None


def _exclusion(node: Node) -> Network:
    """What is not to be given out: a network, or a single address.

    Raises:
        ValueError: whereabouts refuses it; the text says why.
    """
    text: str = node.value
    if "/" in text:
        return _cidr(text).network
    single = _address(text)
    return _cidr(f"{single}/{single.max_prefixlen}").network


def _exclusions(holder: ObjectNode) -> list[tuple[Node, Network]]:
    found: list[tuple[Node, Network]] = []
    for node in items_at(holder, "exclude"):
        try:
            found += [(node, _exclusion(node))] if node.kind == "string" else []
        except ValueError:
            continue
    return found


def used_up(plugin: PluginView) -> Iterator[Node]:
    """The exclusions that leave nothing of a range, together."""
    for found in _ranges(plugin):
        position = int(found.first)
        for _, excluded in sorted(_exclusions(found.node), key=lambda each: int(each[1].network_address)):
            if excluded.version == found.network.version and int(excluded.network_address) <= position:
                position = max(position, int(excluded.broadcast_address) + 1)
        if position > int(found.last):
            yield value_at(found.node, "exclude")


@plugin_rule("CNI535", "exclude-without-effect", Severity.WARNING)
def exclude_without_effect(plugin: PluginView) -> Iterator[Hit]:
    """Addresses are excluded from a range that they are not in.

    Why:
        whereabouts takes it without a word. As a rule the range or the exclusion has a slip of the pen in it, and the
        addresses that were meant are given to pods.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.2.0/24", "exclude": ["192.168.3.0/28"]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.2.0/24", "exclude": ["192.168.2.0/28"]}}]}
    Fix:
        Write what is in the range, or remove it.
    Reference:
        whereabouts, README, section "Core Parameters"
    """
    for found in _ranges(plugin):
        for node, excluded in _exclusions(found.node):
            if not excluded.overlaps(found.network):
                message = f"{excluded} has nothing in common with the range {found.network}"
                yield Hit(node.label, message, manual("write what is in the range"))


@plugin_rule("CNI536", "gateway-given-out", Severity.WARNING)
def gateway_given_out(plugin: PluginView) -> Iterator[Hit]:
    """The address of the gateway is in the range and not excluded from it.

    Why:
        whereabouts hands the gateway on and does not leave it out: sooner or later a pod gets the address, often the
        very first one, and all pods lose their router.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.2.0/24", "gateway": "192.168.2.1"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.2.0/24", "gateway": "192.168.2.1",
            "exclude": ["192.168.2.1/32"]}}]}
    Fix:
        Add it to "exclude", or begin the range after it.
    Reference:
        whereabouts, package allocate, function IterateForAssignment
    """
    gateway = _limit(plugin.ipam, "gateway") if plugin.ipam else None
    for found in _ranges(plugin) if gateway is not None else ():
        if plugin.ipam and gateway is not None and _is_given_out(gateway, found):
            message = f"the gateway {gateway} is in the range {found.network} and not excluded, so a pod may get it"
            fix = manual(f'add "{gateway}/{gateway.max_prefixlen}" to "exclude"')
            yield Hit(value_at(plugin.ipam, "gateway").label, message, fix)
            return


def _is_given_out(address: Address, found: _Range) -> bool:
    if address.version != found.network.version or not int(found.first) <= int(address) <= int(found.last):
        return False
    exclusions = _exclusions(found.node)
    readable = len(exclusions) == len(items_at(found.node, "exclude"))
    return readable and not any(address in network for _, network in exclusions)


@plugin_rule("CNI540", "whereabouts-range", Severity.ERROR)
def whereabouts_range(plugin: PluginView) -> Iterator[Hit]:
    """A range of whereabouts, or what is excluded from it, cannot be read.

    An address inside the network may stand for the network. Limits outside it are no fault to whereabouts.

    Why:
        The plugin fails for every pod: "invalid CIDR", "invalid range start", "no usable IP addresses" or "could not
        parse exclude range".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.2.10-192.168.2.20"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.2.10-192.168.2.20/24"}}]}
    Fix:
        Write it like 192.168.2.0/24, or like 192.168.2.10-192.168.2.20/24.
    Reference:
        whereabouts, README, section "Core Parameters"
    """
    for holder in _holders(plugin):
        try:
            _read(holder)
        except ValueError as error:
            message, fix = f"the range {error}", manual("write it like 192.168.2.0/24 or 192.168.2.10-192.168.2.20/24")
            yield Hit(value_at(holder, "range").label, message, fix)
        yield from _unreadable_exclusions(holder)


def _unreadable_exclusions(holder: ObjectNode) -> Iterator[Hit]:
    for node in items_at(holder, "exclude"):
        try:
            _exclusion(node) if node.kind == "string" else None
        except ValueError as error:
            yield Hit(node.label, f"the exclusion {error}", manual("write it like 192.168.2.0/28"))


@plugin_rule("CNI546", "whereabouts-limit-ignored", Severity.WARNING)
def whereabouts_limit_ignored(plugin: PluginView) -> Iterator[Hit]:
    """whereabouts passes over the first or last address that it is given.

    Why:
        A limit that is no address, or is outside the range, counts as absent, and so does a last address that comes
        before the first. Addresses are given out that were to be left alone.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.2.0/24", "range_start": "192.168.3.10"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.2.0/24", "range_start": "192.168.2.10"}}]}
    Fix:
        Write addresses of the range, the first before the last.
    Reference:
        whereabouts, README, section "Optional Parameters"
    """
    for found in _ranges(plugin):
        limits = {key: _limit(found.node, key) for key in ("range_start", "range_end")}
        for key, address in limits.items():
            if string_at(found.node, key) and (address is None or address not in found.network):
                message = f'"{key}" is no address in {found.network}, and counts as absent'
                yield Hit(value_at(found.node, key).label, message, manual("write an address of the range"))
        start, end = limits.values()
        inside = [limit for limit in (start, end) if limit is not None and limit in found.network]
        if len(inside) == len(limits) and int(inside[0]) > int(inside[1]):
            message = '"range_end" comes before "range_start", and counts as absent'
            yield Hit(value_at(found.node, "range_end").label, message, manual("swap the two"))
