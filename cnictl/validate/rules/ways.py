"""CNI538 and CNI539: routes that lead nowhere, and those that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import child_of, given, is_true, items_at, string_at
from cnictl.report.finding import Severity
from cnictl.schema import is_reference
from cnictl.text.node import ObjectNode
from cnictl.validate.pools import destination, families, filled_by_agent
from cnictl.validate.registry import Hit, manual, plugin_rule
from cnictl.validate.rules.misspelt import known_keys, lacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView


_OWN_WAY = ("gw", "table", "scope")
"""A route with one of these was written by somebody who knows where it leads."""


@plugin_rule("CNI538", "route-of-other-family", Severity.WARNING)
def route_of_other_family(plugin: PluginView) -> Iterator[Hit]:
    """There is an IPv6 route and no IPv6 address, or the same for IPv4.

    Routes with a gateway of their own are left alone, and so are plugins that are given addresses by the runtime.

    Why:
        The route is set without a gateway, and nothing answers on it: connections hang instead of failing at once.
        Where IPv6 is switched off an IPv6 route makes every pod fail: "failed to add route ...: permission denied".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "ipam": {
          "type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]],
          "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "ipam": {
          "type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]],
          "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}}]}
    Fix:
        Remove the route, or add a range or an address of its family.
    Reference:
        containernetworking/plugins, package ipam, function ConfigureIface
    """
    known = families(plugin)
    if not known or not plugin.ipam or filled_by_agent(plugin):
        return
    for route in items_at(plugin.ipam, "routes"):
        if not isinstance(route, ObjectNode):
            continue
        network = destination(route)
        if network is None or network.version in known or any(given(route, key) for key in _OWN_WAY):
            continue
        message = f"the route to {network} has no gateway, because the container has no IPv{network.version} address"
        yield Hit(route.label, message, manual("remove the route, or add a range of its family"))


_KEEPS_ITS_ROUTES = ("host-local", "static")
"""IPAM plugins that give out the routes of the config and no others."""


@plugin_rule("CNI539", "masquerade-without-route", Severity.WARNING, "bridge", "ptp")
def masquerade_without_route(plugin: PluginView) -> Iterator[Hit]:
    """Traffic that leaves the subnet is to be masqueraded, and pods have no route out of it.

    A config with any route is left alone, and so is a list with a plugin that may add some.

    Why:
        ADD succeeds, and whatever a pod sends to an address outside its subnet fails with "network is unreachable".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "ipMasq": true,
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "ipMasq": true,
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
    Fix:
        Add the default route, or for bridge "isDefaultGateway".
    Reference:
        cni.dev, "bridge plugin"
    """
    ipam = plugin.ipam
    if ipam is None or plugin.ipam_type not in _KEEPS_ITS_ROUTES or not is_true(plugin.node, "ipMasq"):
        return
    if not _routes_are_absent(ipam) or not _is_plain_router(plugin) or filled_by_agent(plugin):
        return
    if plugin.network.once(_only_reference_plugins):
        message = '"ipMasq" is true, and there is no route by which traffic would leave the subnet'
        yield Hit(ipam.label, message, manual('add "routes": [{"dst": "0.0.0.0/0"}]'))


def _only_reference_plugins(network: NetworkView) -> bool:
    return all(is_reference(plugin.type or "") for plugin in network.plugins)


def _routes_are_absent(ipam: ObjectNode) -> bool:
    routes = child_of(ipam, "routes")
    if routes is None:
        return lacks(ipam, "routes", known_keys(string_at(ipam, "type")))
    return routes.value is None or routes.value == []


def _is_plain_router(plugin: PluginView) -> bool:
    """Whether the plugin is a router that sets no default route itself; a bridge that is none is for CNI413."""
    if plugin.type == "ptp":
        return True
    return is_true(plugin.node, "isGateway") and not is_true(plugin.node, "isDefaultGateway")
