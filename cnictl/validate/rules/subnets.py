"""CNI502 to CNI504: the subnets of host-local's ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.address import parse_cidr
from cnictl.model.view import child_of, value_at
from cnictl.report.finding import Severity
from cnictl.schema import is_reference
from cnictl.text.change import replace_value
from cnictl.validate.pools import pools
from cnictl.validate.registry import Hit, manual, plugin_rule, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView


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
