"""CNI529, CNI530, CNI534 and CNI541 to CNI545: addresses that get in each other's way, and how they are asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.model.view import child_of, given, items_at, string_at, value_at
from cnictl.report.finding import Severity
from cnictl.schema import is_reference
from cnictl.text.node import Node, ObjectNode
from cnictl.validate.pools import address_at, interface_at, pools, range_sets, static_addresses
from cnictl.validate.registry import Hit, manual, plugin_rule
from cnictl.validate.rules.misspelt import meant_for, missing
from cnictl.validate.rules.whereabouts import used_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.validate.pools import Interface, Pool

_IPV4 = 4


@plugin_rule("CNI529", "range-includes-broadcast", Severity.WARNING)
def range_includes_broadcast(plugin: PluginView) -> Iterator[Hit]:
    """A range takes in the first or last address of its subnet, which are not for pods.

    Plugins that route each address by itself, which are none of the reference plugins, are left alone.

    Why:
        host-local gives them out like all others. Nobody can connect to a pod that has the broadcast address: "network
        is unreachable". The address of the network itself is taken for a broadcast by kernels before 5.14.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.10", "rangeEnd": "10.1.0.255"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.10", "rangeEnd": "10.1.0.254"}]]}}]}
    Fix:
        Begin one address later, or end one earlier. Without the keys host-local leaves both out.
    Reference:
        RFC 1122, section 3.2.1.3 "Addressing: RFC-791 Section 3.2"
    """
    if not is_reference(plugin.type or ""):
        return
    for pool in pools(plugin):
        if pool.subnet is None or pool.subnet.version != _IPV4 or _too_small(pool):
            continue
        if pool.address("rangeStart") == pool.subnet.network_address:
            message = f'"rangeStart" is {pool.first}, which is the address of the network itself'
            yield Hit(value_at(pool.node, "rangeStart").label, message, manual("begin one address later"))
        if pool.address("rangeEnd") == pool.subnet.broadcast_address:
            message = f'"rangeEnd" is {pool.last}, which is the broadcast address of {pool.subnet}'
            yield Hit(value_at(pool.node, "rangeEnd").label, message, manual("end one address earlier"))


def _too_small(pool: Pool) -> bool:
    """Whether host-local refuses the subnet because of its size."""
    return pool.subnet is not None and pool.subnet.prefixlen > pool.subnet.max_prefixlen - 2


@plugin_rule("CNI530", "gateway-is-container-address", Severity.WARNING)
def gateway_is_container_address(plugin: PluginView) -> Iterator[Hit]:
    """The gateway has the very address that the container is to have.

    Why:
        What the container sends to its gateway it sends to itself, so nothing leaves it.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "capabilities":
          {"ips": true}, "ipam": {"type": "static", "addresses": [{"address": "10.1.0.1/24", "gateway": "10.1.0.1"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "capabilities":
          {"ips": true}, "ipam": {"type": "static", "addresses": [{"address": "10.1.0.5/24", "gateway": "10.1.0.1"}]}}]}
    Fix:
        Choose another address for one of the two, or widen the range.
    Reference:
        cni.dev, "host-local plugin" and "static plugin"
    """
    for entry in static_addresses(plugin):
        interface, gateway = interface_at(entry, "address"), address_at(entry, "gateway")
        if interface is not None and interface.ip == gateway:
            message = f"the gateway {gateway} is the address of the container itself"
            yield Hit(value_at(entry, "gateway").label, message, manual("choose another address for one of the two"))


@plugin_rule("CNI543", "no-address-left", Severity.ERROR)
def no_address_left(plugin: PluginView) -> Iterator[Hit]:
    """A range set holds the gateway and nothing else, or everything in a range is excluded from it.

    Why:
        host-local never gives out the gateway's address, and whereabouts nothing that is excluded, so every pod fails:
        "no IP addresses available in range set", "Could not allocate IP in range".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.1", "rangeEnd": "10.1.0.1"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.2", "rangeEnd": "10.1.0.99"}]]}}]}
    Fix:
        Widen the range, or choose another gateway.
    Reference:
        cni.dev, "host-local plugin"
    """
    for members in range_sets(plugin):
        if all(_holds_only_gateway(pool) for pool in members):
            message = f"the range holds {members[0].first} alone, which is the gateway, and so no address for a pod"
            yield Hit(members[0].node.label, message, manual("widen the range"))
    for excluded in used_up(plugin):
        yield Hit(excluded.label, "all that could be given out is excluded", manual("exclude less"))


def _holds_only_gateway(pool: Pool) -> bool:
    single = pool.first is not None and pool.first == pool.last
    return single and pool.subnet is not None and pool.first in pool.subnet and not _too_small(pool) and pool.room == 0


_ONE_CONTAINER_ONLY = ("host-device", "dummy")
"""The first moves a device that there is but once, and the second makes one that nothing is connected to."""


@plugin_rule("CNI534", "static-shared", Severity.NOTE)
def static_shared(plugin: PluginView) -> Iterator[Hit]:
    """All pods of a network get the same fixed addresses.

    A single config, host-device and dummy are left alone: they are made for one container as a rule.

    Why:
        static keeps no account of what it gives out. The second pod gets the address of the first, and which of the two
        is reached depends on whose MAC address was seen last.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "ipam": {"type": "static", "addresses": [{"address": "10.1.0.5/24"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "capabilities": {"ips": true}, "ipam": {"type": "static"}}]}
    Fix:
        Declare the capability "ips" and let each pod bring its address, or use host-local.
    Reference:
        cni.dev, "static plugin", section "Supported arguments"
    """
    if not plugin.network.is_list or not is_reference(plugin.type or "") or plugin.type in _ONE_CONTAINER_ONLY:
        return
    brought = "ips" in plugin.capabilities or plugin.value_of("runtimeConfig") or plugin.value_of("args")
    member = plugin.ipam.folded("addresses") if plugin.ipam and static_addresses(plugin) else None
    if member is not None and not brought:
        message = "static gives these addresses to every pod, and no capability lets a pod bring its own"
        yield Hit(member.label, message, manual('add "capabilities": {"ips": true} to the plugin, or use host-local'))


@plugin_rule("CNI541", "static-duplicate", Severity.ERROR)
def static_duplicate(plugin: PluginView) -> Iterator[Hit]:
    """static is given one address twice.

    Two addresses of one subnet are fine, and so is an IPv4 address with two prefix lengths.

    Why:
        The second one fails, and with it every pod: 'failed to add IP addr ... to "eth0": file exists'.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "static",
          "addresses": [{"address": "10.1.0.5/24"}, {"address": "10.1.0.5/24"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "capabilities": {"ips": true},
          "ipam": {"type": "static", "addresses": [{"address": "10.1.0.5/24"}, {"address": "10.1.0.6/24"}]}}]}
    Fix:
        Remove one of the two.
    Reference:
        containernetworking/plugins, package ipam, function ConfigureIface
    """
    if not is_reference(plugin.type or "") or "ips" in plugin.capabilities:
        return
    seen: set[object] = set()
    for entry in static_addresses(plugin):
        key = _identity(interface_at(entry, "address"))
        if key in seen:
            message = f"the address {key} is there already"
            yield Hit(value_at(entry, "address").label, message, manual("remove one of the two"))
        if key is not None:
            seen.add(key)


def _identity(interface: Interface | None) -> object:
    """What the kernel tells addresses apart by: for IPv6 the prefix length is no part of it."""
    return interface if interface is None or interface.version == _IPV4 else interface.ip


_OPTIONS = (
    "dhcp-client-identifier",
    "subnet-mask",
    "routers",
    "host-name",
    "user-class",
    "vendor-class-identifier",
)
_LAST_OPTION = 255


@plugin_rule("CNI542", "dhcp-option", Severity.ERROR)
def dhcp_option(plugin: PluginView) -> Iterator[Hit]:
    """A DHCP option is none that dhcp knows.

    Why:
        Every pod fails: "Can not parse option". The plugin knows six names; all other options are written as numbers.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "ipam": {"type": "dhcp", "request": [{"option": "ntp-servers"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "ipam": {"type": "dhcp", "request": [{"option": "42"}]}}]}
    Fix:
        Write the option's number from 0 to 255 as a string.
    Reference:
        containernetworking/plugins, dhcp, function parseOptionName
    """
    for key, entry in _options(plugin):
        node = child_of(entry, "option")
        if node is not None and node.kind == "string" and not _known_option(node):
            message = f'dhcp knows no option "{node.value}"'
            yield Hit(node.label, message, manual("write its number from 0 to 255 as a string"))
        elif not given(entry, "option") and (key == "request" or node is not None):  # the schema reports the other
            message, fix = 'dhcp refuses an entry without "option"', manual('add "option": "..."')
            null = Hit(node.label, message, fix) if node is not None else None
            yield null or missing(entry, "option", _OPTION_KEYS, message, fix)


_OPTION_KEYS = ("option", "value", "fromArg", "skipDefault")


@plugin_rule("CNI544", "dhcp-option-without-value", Severity.WARNING)
def dhcp_option_without_value(plugin: PluginView) -> Iterator[Hit]:
    """A DHCP option is to be sent, and there is nothing to send.

    Why:
        The option is left out of what the server is told, and nothing says so.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "dhcp", "provide": [{"option": "host-name"}]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "dhcp", "provide": [{"option": "host-name", "fromArg": "K8S_POD_NAME"}]}}]}
    Fix:
        Add "value" or "fromArg".
    Reference:
        containernetworking/plugins, dhcp, function prepareOptions
    """
    provided = [entry for key, entry in _options(plugin) if key == "provide" and given(entry, "option")]
    for entry in provided:
        misspelt = any(meant_for(entry, key, _OPTION_KEYS) for key in ("value", "fromArg"))
        if not misspelt and not any(_may_be_sent(entry, key) for key in ("value", "fromArg")):
            message = 'the option has neither "value" nor "fromArg", so it is not sent'
            yield Hit(entry.label, message, manual('add "value" or "fromArg"'))


def _options(plugin: PluginView) -> Iterator[tuple[str, ObjectNode]]:
    if plugin.ipam is None or plugin.ipam_type != "dhcp":
        return
    for key in ("provide", "request"):
        yield from ((key, entry) for entry in items_at(plugin.ipam, key) if isinstance(entry, ObjectNode))


@plugin_rule("CNI545", "static-without-addresses", Severity.WARNING)
def static_without_addresses(plugin: PluginView) -> Iterator[Hit]:
    """static is given no address, and nothing in the config brings one.

    Only CNI_ARGS could, with IP; container runtimes do not use that.

    Why:
        The plugin that asks for addresses fails for every pod: "IPAM plugin returned missing IP config".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "static"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "capabilities": {"ips": true}, "ipam": {"type": "static"}}]}
    Fix:
        Add "addresses", or declare the capability "ips" and let the runtime bring them.
    Reference:
        cni.dev, "static plugin"
    """
    if plugin.ipam is None or plugin.ipam_type != "static" or not is_reference(plugin.type or ""):
        return
    brought = "ips" in plugin.capabilities or any(given(plugin.node, key) for key in ("args", "runtimeConfig"))
    addresses = child_of(plugin.ipam, "addresses")
    if not brought and (addresses is None or addresses.value in (None, [])):
        label = (addresses or plugin.ipam).label
        yield Hit(label, "static has no address to give", manual('add "addresses", or the capability "ips"'))


def _known_option(node: Node) -> bool:
    number = re.fullmatch("0*([0-9]{1,3})", node.value)
    return node.value in _OPTIONS or (number is not None and int(number[1]) <= _LAST_OPTION)


def _may_be_sent(entry: ObjectNode, key: str) -> bool:
    """Whether a key holds text; what is no string is for the schema to judge."""
    return given(entry, key) and string_at(entry, key) != ""
