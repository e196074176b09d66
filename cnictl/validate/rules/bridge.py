"""CNI408 to CNI413: the plugin bridge, and the MTU that others have too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import child_of, is_true
from cnictl.report.finding import Severity
from cnictl.validate.registry import Hit, manual, plugin_rule, unsafe
from cnictl.validate.rules.misspelt import known_keys, lacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView


@plugin_rule("CNI408", "mtu-too-small", Severity.ERROR, "bridge", "ptp", "macvlan", "ipvlan", "vlan", "tap", "tuning")
def mtu_too_small(plugin: PluginView) -> Iterator[Hit]:
    """The MTU is smaller than any link can have.

    Why:
        The kernel refuses an MTU from 1 to 67: "could not add ...: invalid argument". 0 leaves the choice to the
        kernel.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 60}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1450}]}
    Fix:
        Choose 68 or more; 1280 or more where IPv6 is used.
    Reference:
        RFC 791, section 3.2 (68 octets); RFC 8200, section 5 (1280 octets)
    """
    node = child_of(plugin.node, "mtu")
    if node is not None and node.kind == "integer" and 0 < node.value < 68:  # noqa: PLR2004  # RFC 791
        yield Hit(node.label, f'"mtu" is {node.value}, and no link goes below 68', manual("choose 68 or more"))


@plugin_rule("CNI409", "mtu-negative", Severity.WARNING, "bridge", "ptp", "ipvlan")
def mtu_negative(plugin: PluginView) -> Iterator[Hit]:
    """The MTU is negative.

    Why:
        The plugin passes over it without a word and takes the kernel's default, which is usually 1500.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": -1450}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1450}]}
    Fix:
        Write the MTU that was meant, or remove the key.
    Reference:
        containernetworking/plugins, bridge
    """
    node = child_of(plugin.node, "mtu")
    if node is not None and node.kind == "integer" and node.value < 0:
        yield Hit(node.label, f'"mtu" is {node.value} and has no effect', manual("write the MTU that was meant"))


@plugin_rule("CNI410", "hairpin-and-promisc", Severity.ERROR, "bridge")
def hairpin_and_promisc(plugin: PluginView) -> Iterator[Hit]:
    """Hairpin mode and promiscuous mode are both asked for.

    Why:
        The plugin refuses every pod: "cannot set hairpin mode and promiscuous mode at the same time".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "hairpinMode": true, "promiscMode": true}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "hairpinMode": true}]}
    Fix:
        Keep one of them: hairpin mode is what lets a pod reach itself through its own service.
    Reference:
        cni.dev, "bridge plugin"
    """
    member = plugin.node.folded("promiscMode")
    if member is not None and is_true(plugin.node, "hairpinMode") and is_true(plugin.node, "promiscMode"):
        message = '"promiscMode" and "hairpinMode" are both true, and the plugin refuses the pair'
        yield Hit(member.label, message, manual("keep one of them"))


_TRUNKS = {"bridge": "vlanTrunk", "ovs": "trunk", "accelerated-bridge": "trunk"}


@plugin_rule("CNI411", "vlan-range-reversed", Severity.ERROR, *_TRUNKS)
def vlan_range_reversed(plugin: PluginView) -> Iterator[Hit]:
    """A range of VLANs ends before it begins.

    Why:
        The plugin refuses every pod: "minID is greater than maxID in trunk parameter".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "vlanTrunk": [{"minID": 299, "maxID": 200}]}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "preserveDefaultVlan": false, "vlanTrunk": [{"minID": 200, "maxID": 299}]}]}
    Fix:
        Swap the two.
    Reference:
        cni.dev, "bridge plugin"; ovs-cni, function splitVlanIds
    """
    trunk = child_of(plugin.node, _TRUNKS[plugin.type or ""])
    for entry in getattr(trunk, "items", ()):
        low, high = child_of(entry, "minID"), child_of(entry, "maxID")
        if low and high and low.kind == high.kind == "integer" and low.value > high.value:
            message = f'"minID" is {low.value} and "maxID" {high.value}: the range ends before it begins'
            yield Hit(entry.label, message, manual("swap the two"))


@plugin_rule("CNI412", "ipam-on-disabled-interface", Severity.ERROR, "bridge")
def ipam_on_disabled_interface(plugin: PluginView) -> Iterator[Hit]:
    """Addresses are asked for on an interface that is left down.

    Why:
        The plugin refuses every pod: "cannot use IPAM when DisableContainerInterface flag is set".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "disableContainerInterface": true, "ipam": {"type": "dhcp"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [
          {"type": "bridge", "disableContainerInterface": true}]}
    Fix:
        Remove "ipam", or the flag.
    Reference:
        cni.dev, "bridge plugin"
    """
    member = plugin.node.folded("ipam")
    if member is not None and plugin.ipam_type and is_true(plugin.node, "disableContainerInterface"):
        message = '"ipam" cannot be used with "disableContainerInterface"'
        yield Hit(member.label, message, manual("remove one of them"))


_GATEWAY = ("isGateway", "isDefaultGateway")


@plugin_rule("CNI413", "masquerade-without-gateway", Severity.WARNING, "bridge")
def masquerade_without_gateway(plugin: PluginView) -> Iterator[Hit]:
    """Traffic is to be masqueraded, but the bridge is no gateway.

    Why:
        The rules are made, and no traffic comes to them: the bridge has no address, so pods have no router on the host.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipMasq": true}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "ipMasq": true}]}
    Fix:
        Add "isGateway": true.
    Reference:
        cni.dev, "bridge plugin"
    """
    member = plugin.node.folded("ipMasq")
    if member is None or not is_true(plugin.node, "ipMasq"):
        return
    known = known_keys("bridge")
    told = [child_of(plugin.node, key) for key in _GATEWAY if not lacks(plugin.node, key, known)]
    if all(node is not None and node.value in (False, None) for node in told):
        message = '"ipMasq" is true, and the bridge is no gateway: there is nothing to masquerade'
        yield Hit(member.label, message, unsafe('add "isGateway": true'))
