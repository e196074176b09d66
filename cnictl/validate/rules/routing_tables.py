"""CNI317 and CNI318: sbr and vrf, which give an interface a routing table of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import given, items_at, string_at
from cnictl.report.finding import Severity
from cnictl.text.node import ObjectNode
from cnictl.validate.registry import Hit, manual, network_rule, unsafe
from cnictl.validate.rules.arrangement import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView


@network_rule("CNI317", "sbr-misplaced", Severity.WARNING)
def sbr_misplaced(network: NetworkView) -> Iterator[Hit]:
    """The routes that sbr is to move are not there when it runs, or do not outlast it.

    Why:
        sbr moves the interface's routes into a table of the address's own. Routes that route-override adds later stay
        in the main table, which the pod does not ask for this address. vrf takes the interface down and up again, and
        the kernel forgets the moved routes. Without a gateway the table has no way out of the subnet, so the rest
        goes the way of the main table, through another interface: answers never arrive.
    Bad: 20-net.conflist
        {"cniVersion": "1.0.0", "name": "storage", "plugins": [
          {"type": "macvlan", "master": "eth1", "ipam": {"type": "dhcp"}},
          {"type": "sbr"}, {"type": "route-override", "addroutes": [{"dst": "10.9.0.0/16"}]}]}
    Good: 20-net.conflist
        {"cniVersion": "1.0.0", "name": "storage", "disableCheck": true, "plugins": [
          {"type": "macvlan", "master": "eth1", "ipam": {"type": "dhcp"}},
          {"type": "route-override", "addroutes": [{"dst": "10.9.0.0/16"}]}, {"type": "sbr"}]}
    Fix:
        Put sbr behind all that changes routes; keep one of sbr and vrf; give the addresses a gateway.
    Reference:
        containernetworking/plugins, sbr, function doRoutes
    """
    for place in places(network, "sbr"):
        if given(place.plugin.node, "table"):
            continue  # then it moves no routes
        later = next((other.type for other in place.after if other.type in _CHANGE_ROUTES), None)
        if later == "vrf":
            message = "vrf, which runs later, takes the interface down, and the routes that sbr has moved are lost"
            yield Hit(place.label, message, manual("keep one of sbr and vrf"))
        elif later:
            message = f"{later} changes routes after sbr has moved them to another table"
            yield Hit(place.label, message, unsafe(f"move sbr behind {later}"))
        elif place.before and _no_way_out(place.before[0]) and not items_at(place.plugin.node, "gateways"):
            message = "sbr is given addresses without a gateway or route, so their traffic leaves by another interface"
            yield Hit(place.label, message, manual('add a "gateway" to the addresses, or a route'))


_CHANGE_ROUTES = ("route-override", "vrf")


def _no_way_out(maker: PluginView) -> bool:
    """Whether all addresses are written in the config, and none with a gateway or a route beyond its subnet."""
    if maker.ipam is None or maker.ipam_type != "static" or "ips" in maker.capabilities:
        return False
    entries = items_at(maker.ipam, "addresses")
    written = bool(entries) and all(isinstance(entry, ObjectNode) and not given(entry, "gateway") for entry in entries)
    return written and not items_at(maker.ipam, "routes")


@network_rule("CNI318", "vrf-on-enslaved", Severity.ERROR)
def vrf_on_enslaved(network: NetworkView) -> Iterator[Hit]:
    """vrf is to take in an interface that belongs to another one already.

    Why:
        An interface has one master. vrf fails for every pod: "interface eth0 already has a master set".
    Bad: 20-vms.conflist
        {"cniVersion": "1.0.0", "name": "vms", "plugins": [
          {"type": "tap", "bridge": "br0"}, {"type": "vrf", "vrfname": "red"}]}
    Good: 20-vms.conflist
        {"cniVersion": "1.0.0", "name": "vms", "plugins": [{"type": "tap"}, {"type": "vrf", "vrfname": "red"}]}
    Fix:
        Keep one of the two masters.
    Reference:
        containernetworking/plugins, vrf, function addInterface
    """
    for place in places(network, "vrf"):
        if any(other.type == "vrf" for other in place.before):
            message = "another vrf has taken in the interface before"
            yield Hit(place.label, message, manual("keep one of the two"))
        elif any(other.type == "tap" and string_at(other.node, "bridge") for other in place.before):
            message = "tap has put the interface into a bridge before"
            yield Hit(place.label, message, manual('remove "bridge" from tap, or vrf'))
