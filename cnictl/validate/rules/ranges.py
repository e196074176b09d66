"""CNI501, CNI505 to CNI507, CNI509 and CNI510: the ranges that host-local gives addresses from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.address import parse_ip
from cnictl.model.view import child_of, given, items_at, object_at, string_at, value_at
from cnictl.report.finding import Severity
from cnictl.schema import plugin_schema
from cnictl.text.node import ArrayNode
from cnictl.validate.pools import Pool, filled_by_agent, pools, routes, static_addresses
from cnictl.validate.registry import Hit, manual, plugin_rule
from cnictl.validate.rules.misspelt import meant_for, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import ObjectNode


@plugin_rule("CNI501", "no-address-range", Severity.ERROR)
def no_address_range(plugin: PluginView) -> Iterator[Hit]:
    """host-local is given no range to take addresses from.

    Products whose agent writes the range later (kube-router, and plugins that fill it in themselves) are left alone.

    Why:
        The plugin fails for every pod: "no IP ranges specified".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Fix:
        Add "ranges", or declare the capability "ipRanges" when the runtime brings them.
    Reference:
        cni.dev, "host-local plugin"
    """
    ipam = plugin.ipam
    if ipam is None or plugin.ipam_type != "host-local" or filled_by_agent(plugin):
        return
    brought = "ipRanges" in plugin.capabilities or object_at(plugin.node, "runtimeConfig") is not None
    if not given(ipam, "subnet") and not items_at(ipam, "ranges") and not brought:
        ranges = child_of(ipam, "ranges")
        if ranges is None or isinstance(ranges, ArrayNode):
            yield _no_range(ipam)


def _no_range(ipam: ObjectNode) -> Hit:
    known = (plugin_schema("host-local") or {}).get("properties", ())
    wanted = next((key for key in ("ranges", "subnet") if meant_for(ipam, key, known)), "ranges")
    fix = manual('add "ranges": [[{"subnet": ...}]]')
    return missing(ipam, wanted, known, "host-local is given no range of addresses", fix)


@plugin_rule("CNI505", "range-outside-subnet", Severity.ERROR)
def range_outside_subnet(plugin: PluginView) -> Iterator[Hit]:
    """The first or last address of a range is not in the subnet.

    Why:
        The plugin fails for every pod: "RangeStart ... not in network".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "rangeStart": "10.2.0.10"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.10"}]]}}]}
    Fix:
        Choose an address in the subnet.
    Reference:
        cni.dev, "host-local plugin"
    """
    for pool in pools(plugin):
        for key in ("rangeStart", "rangeEnd"):
            address = pool.address(key)
            if address is not None and pool.subnet is not None and address not in pool.subnet:
                message = f'"{key}" is {address}, which is not in {pool.subnet}'
                yield Hit(value_at(pool.node, key).label, message, manual("choose an address in the subnet"))


@plugin_rule("CNI506", "range-reversed", Severity.ERROR)
def range_reversed(plugin: PluginView) -> Iterator[Hit]:
    """A range ends before it begins.

    Why:
        The plugin fails for every pod, with the misleading "RangeStart ... not in network".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.200", "rangeEnd": "10.1.0.100"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.100", "rangeEnd": "10.1.0.200"}]]}}]}
    Fix:
        Swap the two.
    Reference:
        cni.dev, "host-local plugin"
    """
    for pool in pools(plugin):
        start, end = pool.address("rangeStart"), pool.address("rangeEnd")
        if start and end and start.version == end.version and int(start) > int(end):
            message = f'"rangeStart" {start} comes after "rangeEnd" {end}'
            yield Hit(value_at(pool.node, "rangeStart").label, message, manual("swap the two"))


@plugin_rule("CNI507", "address-invalid", Severity.ERROR)
def address_invalid(plugin: PluginView) -> Iterator[Hit]:
    """Something that must be an address is none.

    Why:
        The plugin fails for every pod: "invalid IP address". An address of a gateway or range has no prefix length.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "gateway": "10.1.1"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "gateway": "10.1.0.1"}]]}}]}
    Fix:
        Write the whole address, without a prefix length.
    Reference:
        cni.dev, "host-local plugin"
    """
    holders = [(pool.node, key) for pool in pools(plugin) for key in ("rangeStart", "rangeEnd", "gateway")]
    holders += [(route, "gw") for route in routes(plugin)]
    holders += [(entry, "gateway") for entry in static_addresses(plugin)]
    for node, key in holders:
        text = string_at(node, key)
        if text:
            try:
                parse_ip(text)
            except ValueError as error:
                yield Hit(value_at(node, key).label, f'"{key}": {error}', manual("write a plain address like 10.1.0.1"))


@plugin_rule("CNI509", "ranges-overlap", Severity.ERROR)
def ranges_overlap(plugin: PluginView) -> Iterator[Hit]:
    """Two ranges share addresses.

    Why:
        The plugin fails for every pod: "range set 0 overlaps with 1" or "subnets ... overlap". A "subnet" beside
        "ranges" counts as one more range, and often repeats one.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "subnet": "10.1.0.0/24", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Fix:
        Remove one of them, or set "rangeStart" and "rangeEnd" so that they share nothing.
    Reference:
        cni.dev, "host-local plugin"
    """
    for first, second in sorted(_overlaps(pools(plugin)), key=lambda pair: pair[1].node.span):
        message = f"the range {_extent(second)} overlaps with {_extent(first)}"
        yield Hit(value_at(second.node, "subnet").label, message, manual("remove one of the two"))


def _overlaps(found: list[Pool]) -> Iterator[tuple[Pool, Pool]]:
    """Ranges that share addresses with one before them in the text, each with one that it shares some with.

    Compared in the order of their addresses with the one that reaches farthest: all pairs would be too many.
    """
    farthest: Pool | None = None
    for pool in sorted((pool for pool in found if pool.extent), key=lambda pool: pool.extent or (0, 0, 0)):
        if farthest is not None and farthest.overlaps(pool):
            first, second = sorted((farthest, pool), key=lambda each: each.node.span)
            yield first, second
        if farthest is None or _end(pool) > _end(farthest):
            farthest = pool


def _end(pool: Pool) -> tuple[int, int]:
    version, _, last = pool.extent or (0, 0, 0)
    return version, last


def _extent(pool: Pool) -> str:
    narrowed = pool.address("rangeStart") or pool.address("rangeEnd")
    return f"{pool.first} to {pool.last}" if narrowed else str(pool.subnet)


@plugin_rule("CNI510", "mixed-families", Severity.ERROR)
def mixed_families(plugin: PluginView) -> Iterator[Hit]:
    """IPv4 and IPv6 are mixed in one range set.

    Why:
        The plugin fails for every pod: "mixed address families". Ranges of one set stand in for each other; for an
        address of each family there must be two sets.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}, {"subnet": "fd00:1::/64"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]]}}]}
    Fix:
        Put brackets around each of them: [[{IPv4}], [{IPv6}]].
    Reference:
        cni.dev, "host-local plugin"
    """
    first: dict[int, Pool] = {}
    for pool in pools(plugin):
        if pool.subnet is None:
            continue
        other = first.setdefault(pool.range_set, pool)
        if other.subnet is not None and other.subnet.version != pool.subnet.version:
            message = f"{pool.subnet} is in one range set with {other.subnet}, which is of the other family"
            yield Hit(pool.node.label, message, manual("put it into a range set of its own"))
