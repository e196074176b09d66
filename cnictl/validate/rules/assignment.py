"""CNI520 to CNI522 and CNI525 to CNI528: whether the addresses that are given out can work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.address import parse_cidr, parse_ip
from cnictl.model.view import child_of, is_true, items_at, object_at, string_at, value_at
from cnictl.report.finding import Severity
from cnictl.schema import plugin_facts
from cnictl.validate.pools import destination, pools, routes, static_addresses, subnets
from cnictl.validate.registry import Hit, manual, plugin_rule, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import Node

_IPV4, _IPV6 = 4, 6


@plugin_rule("CNI520", "ipam-missing", Severity.ERROR)
def ipam_missing(plugin: PluginView) -> Iterator[Hit]:
    """A plugin that cannot do without addresses is told no IPAM plugin.

    Why:
        The plugin fails for every pod: "no plugin name provided", or "dummy interface requires an IPAM configuration".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "ptp"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Fix:
        Add "ipam" with a "type".
    Reference:
        containernetworking/plugins, ptp, vlan and dummy
    """
    facts = plugin_facts(plugin.type or "")
    # ipvlan takes the addresses of a plugin before it, if there is one.
    required = facts is not None and (facts.ipam == "required" or (plugin.type == "ipvlan" and not plugin.index))
    if facts is None or facts.vendor or not required or plugin.ipam_type:
        return
    written = plugin.value_of("ipam")
    if written is not None and written.kind not in ("object", "null"):
        return  # reported as such
    named = child_of(plugin.ipam, "type") if plugin.ipam is not None else None
    if named is not None and named.kind not in ("string", "null"):
        return  # the same
    label = (plugin.ipam or plugin.node).label
    yield Hit(label, f"{plugin.type} needs an IPAM plugin", manual('add "ipam": {"type": "host-local", ...}'))


@plugin_rule("CNI521", "static-address-invalid", Severity.ERROR)
def static_address_invalid(plugin: PluginView) -> Iterator[Hit]:
    """An address of static is not written with its prefix length, or is none.

    Why:
        The plugin fails for every pod: "the 'address' field is expected to be in CIDR notation".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "static", "addresses": [{"address": "10.1.0.5"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "capabilities": {"ips": true},
          "ipam": {"type": "static", "addresses": [{"address": "10.1.0.5/24"}]}}]}
    Fix:
        Write the address with the prefix length of its subnet.
    Reference:
        cni.dev, "static plugin"
    """
    for entry in static_addresses(plugin):
        text = string_at(entry, "address")
        try:
            parse_cidr(text if text is not None else "0.0.0.0/0")
        except ValueError as error:
            fix = manual("write it like 10.1.0.5/24")
            yield Hit(value_at(entry, "address").label, f"the address {error}", fix)


@plugin_rule("CNI522", "gateway-missing", Severity.ERROR, "ptp")
def gateway_missing(plugin: PluginView) -> Iterator[Hit]:
    """ptp is given an address without a gateway.

    Why:
        ptp puts the gateway's address on the host's end. Without one every pod fails: "failed to add IP addr ... to
        veth: numerical result out of range".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ptp", "ipam": {"type": "static", "addresses": [{"address": "10.1.0.5/24"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "ptp", "capabilities": {"ips": true},
          "ipam": {"type": "static",
          "addresses": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1"}]}}]}
    Fix:
        Add "gateway".
    Reference:
        containernetworking/plugins, ptp, function setupHostVeth
    """
    for entry in static_addresses(plugin):
        if string_at(entry, "address") and not string_at(entry, "gateway"):
            yield Hit(entry.label, "ptp needs a gateway with every address", manual('add "gateway": "..."'))


@plugin_rule("CNI525", "default-route-of-one-family", Severity.WARNING)
def default_route_of_one_family(plugin: PluginView) -> Iterator[Hit]:
    """Pods get IPv4 and IPv6 addresses, and a default route for one of the two.

    Why:
        Names resolve to addresses of both, and connections to one of them fail: slow, and now and then.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "ipam": {
          "type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]],
          "routes": [{"dst": "0.0.0.0/0"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "ipam": {
          "type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]],
          "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}}]}
    Fix:
        Add the other default route.
    Reference:
        Kubernetes documentation, "IPv4/IPv6 dual-stack"
    """
    families = {pool.subnet.version for pool in pools(plugin) if pool.subnet is not None}
    destinations = [destination(route) for route in routes(plugin)]
    written = items_at(plugin.ipam, "routes") if plugin.ipam else []
    if None in destinations or len(destinations) < len(written):
        return  # one that cannot be read may be the other default route
    defaults = {network.version for network in destinations if network and network.prefixlen == 0}
    if families != {_IPV4, _IPV6} or len(defaults) != 1 or is_true(plugin.node, "isDefaultGateway") or not plugin.ipam:
        return
    lacking, route = ("IPv6", "::/0") if defaults == {_IPV4} else ("IPv4", "0.0.0.0/0")
    label = value_at(plugin.ipam, "routes").label
    yield Hit(label, f"there is no default route for {lacking}", manual(f'add {{"dst": "{route}"}}'))


_IPV6_MTU = 1280
_LINK_MTU = 68
_WITH_IPV6 = ("bridge", "ptp", "macvlan", "ipvlan", "vlan")


@plugin_rule("CNI526", "mtu-too-small-for-ipv6", Severity.ERROR, *_WITH_IPV6, "tuning")
def mtu_too_small_for_ipv6(plugin: PluginView) -> Iterator[Hit]:
    """Pods get IPv6 addresses on an interface whose MTU is too small for IPv6.

    Why:
        The kernel switches IPv6 off on such an interface, and every pod fails: 'failed to add IP addr ... to "eth0":
        invalid argument'. When tuning makes the MTU small later, the addresses that are there already are lost.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1200,
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "fd00:1::/64"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1280,
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "fd00:1::/64"}]]}}]}
    Fix:
        Choose 1280 or more.
    Reference:
        RFC 8200, section 5 "Packet Size Issues"
    """
    mtu = value_at(plugin.node, "mtu")
    if type(mtu.value) is not int or not _LINK_MTU <= mtu.value < _IPV6_MTU:  # less is too little for anything
        return
    before = [*plugin.network.plugins[: plugin.index], plugin] if plugin.type == "tuning" else [plugin]
    if any(subnet.version == _IPV6 for other in before for subnet in subnets(other)):
        yield Hit(
            mtu.label, f"IPv6 needs an MTU of 1280 or more, and this is {mtu.value}", manual("choose 1280 or more")
        )


@plugin_rule("CNI527", "route-mtu-ignored", Severity.NOTE)
def route_mtu_ignored(plugin: PluginView) -> Iterator[Hit]:
    """A route asks for an MTU or segment size of its own, which no plugin sets.

    Why:
        The reference plugins copy both into the result and program neither: the route has the interface's MTU.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "10.9.0.0/16", "mtu": 1400}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1400, "ipam": {
          "type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]], "routes": [{"dst": "10.9.0.0/16"}]}}]}
    Fix:
        Set the interface's MTU instead.
    Reference:
        containernetworking/plugins, package ipam, function ConfigureIface
    """
    for route in routes(plugin):
        for key in ("mtu", "advmss"):
            member = route.folded(key)
            if member is not None and member.node.value:
                yield Hit(member.label, f'no plugin sets the "{key}" of a route', safe("remove it"))


_MOST_SERVERS = 3


@plugin_rule("CNI528", "nameserver-invalid", Severity.WARNING)
def nameserver_invalid(plugin: PluginView) -> Iterator[Hit]:
    """A name server is not given by its address, or is one too many.

    Why:
        The list ends up in resolv.conf. Resolvers want addresses there, pass over everything else, and read the first
        three only.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "dns": {"nameservers": ["dns.example.org"]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "dns": {"nameservers": ["10.96.0.10"]}}]}
    Fix:
        Write the addresses of three name servers at most.
    Reference:
        man 5 resolv.conf, "nameserver" and MAXNS
    """
    own = [object_at(plugin.node, "dns")]
    if plugin.ipam is not None and plugin.ipam_type == "static":
        own.append(object_at(plugin.ipam, "dns"))
    for dns in own:
        yield from _bad_servers(items_at(dns, "nameservers") if dns else [])


def _bad_servers(servers: list[Node]) -> Iterator[Hit]:
    for number, node in enumerate(servers):
        if node.kind != "string":
            continue
        try:
            parse_ip(node.value)
        except ValueError as error:
            yield Hit(node.label, f"a name server is given by its address: {error}", manual("write its address"))
        else:
            if number >= _MOST_SERVERS:
                message = f"resolvers read the first {_MOST_SERVERS} name servers only"
                yield Hit(node.label, message, manual("keep the best three"))
