"""CNI502 to CNI504, CNI523 and CNI524: the networks that pods get addresses of."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from cnictl.model.address import parse_cidr
from cnictl.model.special import special_use
from cnictl.model.view import child_of, value_at
from cnictl.report.finding import Severity
from cnictl.schema import is_reference
from cnictl.text.change import replace_value
from cnictl.validate.pools import interface_at, pools, range_sets, static_addresses
from cnictl.validate.registry import Hit, manual, plugin_rule, safe
from cnictl.validate.rules.whereabouts import networks_of_ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import Node
    from cnictl.validate.pools import Network


@plugin_rule("CNI502", "subnet-invalid", Severity.ERROR)
def subnet_invalid(plugin: PluginView) -> Iterator[Hit]:
    """A subnet is not written as an address with a prefix length.

    Why:
        The plugin fails for every pod: "invalid CIDR address". "usePodCidr" is a word that only calico replaces.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Fix:
        Write it like 10.1.0.0/24.
    Reference:
        RFC 4632, section 3.1 "Basic Concept and Prefix Notation"
    """
    for pool in pools(plugin):
        node = child_of(pool.node, "subnet")
        if node is not None and node.kind == "null":
            yield Hit(node.label, "the subnet is null", manual("write it like 10.1.0.0/24"))
        if pool.subnet is not None or node is None or node.kind != "string":
            continue
        if node.value.startswith("usePodCidr") and not is_reference(plugin.type or ""):
            continue
        try:
            parse_cidr(node.value)
        except ValueError as error:
            yield Hit(node.label, f"the subnet {error}", manual("write it like 10.1.0.0/24"))


@plugin_rule("CNI503", "subnet-host-bits", Severity.ERROR)
def subnet_host_bits(plugin: PluginView) -> Iterator[Hit]:
    """A subnet is written with an address inside it instead of its own.

    Why:
        The plugin fails for every pod: "Network has host bits set".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.1/24"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Fix:
        Write the address of the network.
    Reference:
        cni.dev, "host-local plugin"
    """
    for pool in pools(plugin):
        node = child_of(pool.node, "subnet")
        if node is not None and pool.host_bits:
            message = f'"{node.value}" has host bits set; the network is {pool.subnet}'
            right = str(pool.subnet)
            yield Hit(node.label, message, safe(f'write "{right}"', replace_value(node, right)), {"network": right})


@plugin_rule("CNI504", "subnet-too-small", Severity.ERROR)
def subnet_too_small(plugin: PluginView) -> Iterator[Hit]:
    """A subnet has no room for pods.

    Why:
        The plugin fails for every pod: "too small to allocate from". Network, broadcast and gateway address take three.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/31"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Fix:
        Choose a prefix length of at most 30 for IPv4 and 126 for IPv6; a node with 110 pods needs /25 or larger.
    Reference:
        cni.dev, "host-local plugin"
    """
    for pool in pools(plugin):
        if pool.subnet is not None and pool.subnet.prefixlen > pool.subnet.max_prefixlen - 2:
            message = f"{pool.subnet} is too small to give out addresses"
            yield Hit(value_at(pool.node, "subnet").label, message, manual("choose a shorter prefix length"))


_DOCKER0 = ip_network("172.17.0.0/16")


@plugin_rule("CNI523", "subnet-special", Severity.WARNING)
def subnet_special(plugin: PluginView) -> Iterator[Hit]:
    """Pods get addresses that are set aside for something else.

    A subnet of link-local addresses is meant sometimes, so this is no error.

    Why:
        ADD succeeds, and packets are not forwarded: hosts and routers drop them, or take them for their own.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "127.5.0.0/16"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.5.0.0/16"}]]}}]}
    Fix:
        Choose a private network: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or fd00::/8.
    Reference:
        RFC 6890, section 2.2.2 "Information in IANA Special-Purpose Address Registries"
    """
    for network, node in _given_out(plugin):
        in_docker = _DOCKER0.overlaps(network)
        use = special_use(network) or ("docker0, unless Docker was told otherwise" if in_docker else None)
        if use:
            message = f"{network} is set aside for {use}"
            yield Hit(node.label, message, manual("choose a private network"))


def _given_out(plugin: PluginView) -> Iterator[tuple[Network, Node]]:
    """The networks that pods get addresses of, and where each is written; of static the single addresses."""
    for pool in pools(plugin):
        if pool.subnet is not None:
            yield pool.subnet, value_at(pool.node, "subnet")
    for entry in static_addresses(plugin):
        interface = interface_at(entry, "address")
        if interface is not None:
            yield ip_network(interface.ip), value_at(entry, "address")
    yield from networks_of_ranges(plugin)


_FEW = 8


@plugin_rule("CNI524", "pool-small", Severity.WARNING)
def pool_small(plugin: PluginView) -> Iterator[Hit]:
    """A range set has room for a few pods only.

    Why:
        When it is used up pods fail with "no IP addresses available in range set", and addresses of pods that are gone
        may stay taken for a while. A node has 110 pods by default.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/29"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Fix:
        Choose a larger subnet: /24 has room for 253 pods.
    Reference:
        Kubernetes documentation, "Considerations for large clusters"
    """
    for members in range_sets(plugin):
        sizes = [pool.room for pool in members]
        total = sum(size for size in sizes if size is not None)
        if None not in sizes and 0 < total < _FEW:
            yield Hit(
                members[0].node.label,
                f"it has no more addresses for pods than {total}",
                manual("choose a larger subnet"),
            )
