"""CNI516 to CNI519: address management as a whole."""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING

from cnictl.model.view import is_true, string_at, value_at
from cnictl.report.finding import Severity
from cnictl.schema import plugin_facts
from cnictl.text.node import ObjectNode
from cnictl.validate.pools import address_at, pools, static_addresses
from cnictl.validate.registry import Hit, manual, plugin_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.validate.pools import Address


_IPV4 = 4


@plugin_rule("CNI516", "ipam-dns-ignored", Severity.WARNING)
def ipam_dns_ignored(plugin: PluginView) -> Iterator[Hit]:
    """host-local is given resolver settings, which it does not read.

    Why:
        They are passed over: the result has no name servers. host-local takes them from a file named by "resolvConf"
        only.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "dns": {"nameservers": ["10.96.0.10"]}}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]]}, "dns": {"nameservers": ["10.96.0.10"]}}]}
    Fix:
        Move "dns" out of "ipam", beside it.
    Reference:
        cni.dev, "host-local plugin"
    """
    member = plugin.ipam.folded("dns") if plugin.ipam and plugin.ipam_type == "host-local" else None
    if member is not None and isinstance(member.node, ObjectNode):
        yield Hit(member.label, 'host-local does not read "dns"', manual('move it out of "ipam", beside it'))


@plugin_rule("CNI517", "ipam-without-type", Severity.WARNING)
def ipam_without_type(plugin: PluginView) -> Iterator[Hit]:
    """An ipam entry says how to give out addresses, but not which plugin does.

    Why:
        Without "type" no IPAM plugin is called: the pod gets an interface and no address, and nothing says so.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Fix:
        Add "type".
    Reference:
        CNI spec 1.1.0, section 1 "Plugin configuration objects"
    """
    facts = plugin_facts(plugin.type or "")
    if (
        facts is None
        or facts.vendor
        or facts.ipam == "none"
        or plugin.ipam is None
        or plugin.ipam_type
        or not plugin.ipam.members
    ):
        return
    member = plugin.ipam.folded("type")
    if member is None or member.node.value in (None, ""):
        yield Hit(
            plugin.ipam.label, '"ipam" has no "type", so no address is given out', manual('add "type": "host-local"')
        )


@plugin_rule("CNI518", "two-gateways-on-bridge", Severity.ERROR, "bridge")
def two_gateways_on_bridge(plugin: PluginView) -> Iterator[Hit]:
    """A bridge is to be the gateway of two IPv4 subnets.

    Why:
        A bridge takes one IPv4 address: the plugin fails for every pod with "already has an IP address different from".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "ipam": {
          "type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.2.0.0/24"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "ipam": {
          "type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "fd00:1::/64"}]]}}]}
    Fix:
        Keep one IPv4 range set. Ranges that should stand in for each other belong into the same set.
    Reference:
        containernetworking/plugins, bridge
    """
    gateway = is_true(plugin.node, "isGateway") or is_true(plugin.node, "isDefaultGateway")
    if not gateway or is_true(plugin.node, "forceAddress"):
        return
    yield from _two_static_gateways(plugin)
    ranges = [pool for pool in pools(plugin) if pool.subnet is not None and pool.subnet.version == _IPV4]
    mixed = {pool.range_set for pool in pools(plugin) if pool.subnet and pool.subnet.version != _IPV4}
    for pool in ranges[1:]:
        if pool.range_set in mixed:
            return  # refused already
        if pool.range_set != ranges[0].range_set and pool.subnet != ranges[0].subnet:
            message = f"the bridge cannot be the gateway of {pool.subnet} beside {ranges[0].subnet}"
            yield Hit(pool.node.label, message, manual("keep one IPv4 range set"))
            return


def _two_static_gateways(plugin: PluginView) -> Iterator[Hit]:
    first: Address | None = None
    for entry in static_addresses(plugin):
        gateway = address_at(entry, "gateway")
        if gateway is None or gateway.version != _IPV4:
            continue
        if first is not None and gateway != first:
            message = f"the bridge cannot have the address {gateway} beside {first}"
            yield Hit(value_at(entry, "gateway").label, message, manual("keep one gateway"))
        first = first or gateway


_CLEANED_UP = ("/tmp", "/var/tmp")  # noqa: S108
"""Where systemd removes what nobody has touched for some days."""


@plugin_rule("CNI519", "fragile-data-dir", Severity.WARNING)
def fragile_data_dir(plugin: PluginView) -> Iterator[Hit]:
    """host-local keeps its addresses in a place that gets lost.

    Why:
        A relative directory depends on where the runtime happens to stand; what is below /tmp or /var/tmp is cleaned up
        while pods still hold the addresses, which are then given out twice.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "dataDir": "/tmp/cni"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24"}]], "dataDir": "/run/cni/networks"}}]}
    Fix:
        Choose a directory below /run, which is emptied at boot as it should be, or leave the key out.
    Reference:
        containernetworking/plugins issue 252
    """
    path = string_at(plugin.ipam, "dataDir") if plugin.ipam and plugin.ipam_type == "host-local" else None
    if not path or plugin.ipam is None:
        return
    place = next((each for each in _CLEANED_UP if f"{normpath(path)}/".startswith(f"{each}/")), None)
    reason = "is relative" if not path.startswith("/") else f"is below {place}" if place else None
    if reason:
        message = f'"dataDir" {reason}, and addresses that are kept there get lost'
        yield Hit(value_at(plugin.ipam, "dataDir").label, message, manual("choose a directory below /run"))
