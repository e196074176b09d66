"""CNI511 to CNI515: the routes that host-local and static hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.address import parse_cidr
from cnictl.model.view import child_of, given, is_true, value_at
from cnictl.report.finding import Severity
from cnictl.text.change import replace_value
from cnictl.validate.pools import (
    Reach,
    address_at,
    destination,
    families,
    interface_at,
    pools,
    routes,
    static_addresses,
    subnets,
)
from cnictl.validate.registry import Hit, manual, plugin_rule, safe
from cnictl.validate.rules.misspelt import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import ObjectNode
    from cnictl.validate.pools import Address, Interface

_IPV4 = 4


def _destinations(plugin: PluginView) -> list[tuple[ObjectNode, Interface]]:
    """The routes whose destination can be read, each with it; host bits are kept."""
    read = ((route, interface_at(route, "dst")) for route in routes(plugin))
    return [(route, address) for route, address in read if address is not None]


@plugin_rule("CNI511", "route-destination", Severity.ERROR)
def route_destination(plugin: PluginView) -> Iterator[Hit]:
    """A route has no destination, or none that can be read.

    Why:
        The plugin fails for every pod: "invalid CIDR address: <nil>".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"gw": "10.1.0.1"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.0.1"}]}}]}
    Fix:
        Add "dst"; the default route is 0.0.0.0/0, or ::/0 for IPv6.
    Reference:
        CNI spec 1.1.0, section 5 "Success"
    """
    for route in routes(plugin):
        node = child_of(route, "dst")
        if node is None or node.kind == "null":
            fix = manual('add "dst": "0.0.0.0/0" for the default route')
            yield missing(route, "dst", _ROUTE_KEYS, 'the route has no "dst"', fix)
        elif node.kind == "string":
            try:
                parse_cidr(node.value)
            except ValueError as error:
                yield Hit(node.label, f'"dst": {error}', manual("write it like 10.2.0.0/16"))


_ROUTE_KEYS = ("dst", "gw", "mtu", "advmss", "priority", "table", "scope")


@plugin_rule("CNI512", "route-host-bits", Severity.ERROR)
def route_host_bits(plugin: PluginView) -> Iterator[Hit]:
    """The destination of a route is written with an address inside it instead of its own.

    Why:
        The kernel refuses such an IPv4 route, and the plugin fails for every pod: "failed to add route ...: invalid
        argument".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "10.9.0.1/16"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "10.9.0.0/16"}]}}]}
    Fix:
        Write the address of the network.
    Reference:
        containernetworking/plugins, package ipam
    """
    for route, address in plugin.once(_destinations):
        network = address.network
        if address.version == _IPV4 and address.ip != network.network_address:
            node = value_at(route, "dst")
            message = f'"dst" {node.value} has host bits set; the network is {network}'
            right = str(network)
            yield Hit(node.label, message, safe(f'write "{right}"', replace_value(node, right)), {"network": right})


_DISTINGUISHING = ("gw", "table", "priority", "scope")
"""Routes to one destination that differ in one of these get along with each other."""


@plugin_rule("CNI513", "duplicate-route", Severity.ERROR)
def duplicate_route(plugin: PluginView) -> Iterator[Hit]:
    """The same route stands in the list twice.

    Why:
        The second one fails, and with it every pod: "failed to add route ...: file exists" (plugins v1.0.0 and newer).
        A route without "gw" is one through the gateway of the subnet.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}, {"dst": "0.0.0.0/0"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
    Fix:
        Keep one of them.
    Reference:
        containernetworking/plugins, package ip, function AddRoute
    """
    seen: set[object] = set()
    usual = _usual_gateways(plugin)
    for route, address in plugin.once(_destinations):
        network = address.network
        told = [value_at(route, name).value if given(route, name) else None for name in _DISTINGUISHING]
        gateway = usual.get(network.version) if told[0] is None else address_at(route, "gw") or told[0]
        key = (network, str(gateway), *map(str, told[1:]))
        if key in seen:
            yield Hit(route.label, f"the route to {network} is there already", manual("keep one of the two"))
        seen.add(key)


def _usual_gateways(plugin: PluginView) -> dict[int, Address]:
    """The gateway of each family that a route without one gets: that of the first address."""
    found: dict[int, Address] = {}
    for pool in pools(plugin):
        if pool.gateway is not None:
            found.setdefault(pool.gateway.version, pool.gateway)
    for entry in static_addresses(plugin):
        gateway = address_at(entry, "gateway")
        if gateway is not None:
            found.setdefault(gateway.version, gateway)
    return found


@plugin_rule("CNI514", "two-default-routes", Severity.ERROR, "bridge")
def two_default_routes(plugin: PluginView) -> Iterator[Hit]:
    """The bridge sets a default route that the address plugin sets too.

    A route with a gateway, table, priority or scope of its own gets along with it.

    Why:
        isDefaultGateway adds a default route itself; the second one fails, and with it every pod: "failed to add
        route ...: file exists" (plugins v1.0.0 and newer).
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isDefaultGateway": true,
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isDefaultGateway": true,
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Fix:
        Remove the route, or write "isGateway" instead of "isDefaultGateway".
    Reference:
        containernetworking/plugins, bridge
    """
    if not is_true(plugin.node, "isDefaultGateway"):
        return
    versions = {subnet.version for subnet in subnets(plugin)}
    for route, address in plugin.once(_destinations):
        network = address.network
        if network.prefixlen > 0 or network.version not in versions:
            continue
        if not any(given(route, key) for key in _DISTINGUISHING):
            message = f'"isDefaultGateway" sets the default route, and so does this route to {network}'
            yield Hit(route.label, message, manual("remove the route"))


@plugin_rule("CNI515", "route-gateway-unreachable", Severity.ERROR, "bridge", "ptp", "macvlan", "ipvlan", "vlan")
def route_gateway_unreachable(plugin: PluginView) -> Iterator[Hit]:
    """The next hop of a route is in none of the container's subnets.

    Configs that also get ranges from the runtime, and those with routes of a scope of their own, are left alone.

    Why:
        The kernel refuses the route, and the plugin fails for every pod: "failed to add route ...: network is
        unreachable".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "10.9.0.0/16", "gw": "10.2.0.1"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "10.9.0.0/16", "gw": "10.1.0.9"}]}}]}
    Fix:
        Choose a router in the container's subnet, or leave "gw" out: then it is the gateway.
    Reference:
        containernetworking/plugins, package ipam
    """
    own = subnets(plugin)
    # A route with a scope of its own may make the next hop reachable.
    if not families(plugin) or any(given(route, "scope") for route in routes(plugin)):
        return
    reachable = Reach(own)
    for route in routes(plugin):
        gateway = address_at(route, "gw")
        if gateway is None or gateway.is_link_local or reachable.has(gateway):
            # The kernel takes an IPv6 next hop that a route before this one leads to.
            direct = destination(route) if not given(route, "gw") else None
            if direct is not None and direct.version != _IPV4:
                reachable.add(direct)
            continue
        message = f'"gw" {gateway} is in none of the container\'s subnets'
        yield Hit(value_at(route, "gw").label, message, manual("choose a router in the container's subnet"))
