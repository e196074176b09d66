"""CNI508 and CNI548: the gateway that is given out with addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import value_at
from cnictl.report.finding import Severity
from cnictl.schema import is_reference
from cnictl.validate.pools import address_at, interface_at, pools, static_addresses
from cnictl.validate.registry import Hit, manual, plugin_rule
from cnictl.validate.rules.whereabouts import gateways_of_ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import ObjectNode
    from cnictl.validate.pools import Address, Network


@plugin_rule("CNI508", "gateway-outside-subnet", Severity.WARNING)
def gateway_outside_subnet(plugin: PluginView) -> Iterator[Hit]:
    """The gateway is not in the subnet.

    A link-local address is a good gateway for IPv6 and is not reported.

    Why:
        A default route through it fails with "network is unreachable", and the first address of the subnet, which
        nobody sets aside any more, goes to a pod.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "gateway": "10.2.0.1"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "gateway": "10.1.0.1"}]]}}]}
    Fix:
        Choose an address in the subnet, or leave the key out: then it is the first one.
    Reference:
        cni.dev, "host-local plugin"
    """
    for gateway, subnet, node in _gateways(plugin):
        if gateway not in subnet and not gateway.is_link_local:
            message = f'"gateway" is {gateway}, which is not in {subnet}'
            yield Hit(value_at(node, "gateway").label, message, manual("choose an address in the subnet"))


def _gateways(plugin: PluginView) -> Iterator[tuple[Address, Network, ObjectNode]]:
    """The gateways that can be read, each with its subnet and the object that has the key."""
    held = [(pool.node, pool.subnet) for pool in pools(plugin)]
    interfaces = ((node, interface_at(node, "address")) for node in static_addresses(plugin))
    held += [(node, interface.network if interface else None) for node, interface in interfaces]
    for node, subnet in held:
        gateway = address_at(node, "gateway")
        if gateway is not None and subnet is not None:
            yield gateway, subnet, node


_IPV4 = 4
_LONGEST_PREFIX = 30
"""Longer ones are for links between two, where every address is one of an interface."""


@plugin_rule("CNI548", "gateway-not-an-interface", Severity.WARNING)
def gateway_not_an_interface(plugin: PluginView) -> Iterator[Hit]:
    """The gateway has the first or the last address of an IPv4 subnet.

    Plugins that route each address by itself, which are none of the reference plugins, are left alone.

    Why:
        The last one is for broadcasts: with a route through it every pod fails, "invalid argument". The first one is
        that of the network itself, which kernels before 5.14 take for a broadcast too, and many routers do so still.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "gateway": "10.1.0.0"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local",
          "ranges": [[{"subnet": "10.1.0.0/24", "gateway": "10.1.0.1"}]]}}]}
    Fix:
        Choose another address of the subnet.
    Reference:
        RFC 1122, section 3.2.1.3 "Addressing: RFC-791 Section 3.2"
    """
    if not is_reference(plugin.type or ""):
        return
    for gateway, subnet, node in (*_gateways(plugin), *gateways_of_ranges(plugin)):
        if subnet.version == _IPV4 and subnet.prefixlen <= _LONGEST_PREFIX:
            use = {subnet[0]: "the address of the network itself", subnet[-1]: f"the broadcast address of {subnet}"}
            if gateway in use and not _is_own(gateway, node):
                message = f'"gateway" is {gateway}, which is {use[gateway]}'
                yield Hit(value_at(node, "gateway").label, message, manual(f"choose another one, such as {subnet[1]}"))


def _is_own(gateway: Address, node: ObjectNode) -> bool:
    """Whether it is the container's address as well, which is reported as such."""
    interface = interface_at(node, "address")
    return interface is not None and interface.ip == gateway
