"""CNI435, CNI436, CNI445 and CNI446: the interface that a pod gets, and what it is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import string_at
from cnictl.report.finding import Severity
from cnictl.validate.pools import pools
from cnictl.validate.registry import Hit, manual, network_rule, plugin_rule
from cnictl.validate.rules.mac_addresses import sets_mac
from cnictl.validate.rules.misspelt import known_keys, lacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView


def _text(plugin: PluginView, key: str) -> str:
    """The string under a key in any letter case; empty when there is none, as Go has it."""
    return string_at(plugin.node, key) or ""


def _room(plugin: PluginView) -> int | None:
    """How many addresses host-local has, the gateway's included; ``None`` when that is not known."""
    sizes = [int(pool.last) - int(pool.first) + 1 for pool in pools(plugin) if pool.first and pool.last]
    return sum(sizes) if sizes else None


_OF_ONE_POD = 2
"""One address for the gateway, and one for the pod."""


@plugin_rule("CNI435", "master-implicit", Severity.NOTE, "macvlan", "ipvlan")
def master_implicit(plugin: PluginView) -> Iterator[Hit]:
    """The interface to share is not named, so it is the one of the default route.

    Why:
        On a node with several interfaces that may be another one than was meant, and it changes with the routes. When
        there is no default route pods fail with "no default route interface found"; ipvlan fails so on DEL too, and
        then pods cannot be removed.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "macvlan", "ipam": {"type": "dhcp"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "ipam": {"type": "dhcp"}}]}
    Fix:
        Name the interface in "master".
    Reference:
        cni.dev, "macvlan plugin" and "ipvlan plugin"
    """
    master = plugin.value_of("master")
    # Behind another plugin ipvlan takes the interface of the result so far.
    if plugin.index in (None, 0) and (master is None or master.value in (None, "")):
        message = f'{plugin.type} is told no "master" and takes the interface of the default route'
        yield Hit((master or plugin.node).label, message, manual('add "master"'))


@network_rule("CNI436", "mac-shared", Severity.WARNING)
def mac_shared(network: NetworkView) -> Iterator[Hit]:
    """Pods that each have an address of their own all get the same MAC address.

    A network that has room for one pod only may well fix its MAC address, so nothing is said of it.

    Why:
        Switches and neighbours send everything to the pod that they heard from last. One pod works; from the second
        one on, connections hang now and then.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "mac": "02:00:00:00:00:01",
           "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "capabilities": {"mac": true},
           "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Fix:
        Leave the key out: each interface then gets an address by itself. Where a pod needs a certain one, declare the
        capability "mac" and have the runtime bring it.
    Reference:
        CNI conventions, "Dynamic Plugin specific fields (Capabilities / Runtime Configuration)"
    """
    if not _has_many_pods(network) or any("mac" in plugin.capabilities for plugin in network.plugins):
        return
    for plugin in network.plugins:
        node = plugin.value_of("mac") if plugin.type in ("macvlan", "tap", "tuning") else None
        # A faulty or unused address has a rule of its own.
        if node is not None and sets_mac(plugin, _text(plugin, "mac")):
            message = f"every pod of the network gets the MAC address {node.value}"
            yield Hit(node.label, message, manual('leave it out, or declare the capability "mac"'))


def _has_many_pods(network: NetworkView) -> bool:
    """Whether a network has addresses for more than one pod of a node, as far as can be seen."""
    first = network.plugins[0] if network.plugins else None
    if first is None or first.ipam_type in (None, "static", "dhcp") or first.type == "host-device":
        return False
    room = _room(first)
    return _text(first, "mode") != "passthru" and (room is None or room > _OF_ONE_POD)


@plugin_rule("CNI445", "same-host-device", Severity.NOTE, "host-device")
def same_host_device(plugin: PluginView) -> Iterator[Hit]:
    """One device is to be moved into pods that are given addresses from a pool for many.

    Why:
        A device is in one pod at a time. While the first pod has it, every other pod of the node fails: "Link not
        found".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [{"type": "host-device", "device": "eth1",
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [{"type": "host-device", "capabilities": {"deviceID": true},
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Fix:
        Declare the capability "deviceID" and have a device plugin hand out devices; or keep the network for one pod of
        each node, with one address.
    Reference:
        cni.dev, "host-device plugin"
    """
    key = next((key for key in ("device", "hwaddr", "kernelpath", "pciBusID") if _text(plugin, key)), None)
    room = _room(plugin)
    if key is not None and "deviceID" not in plugin.capabilities and room is not None and room > _OF_ONE_POD:
        message = "one pod of a node at a time can have this device, and the addresses are for many"
        yield Hit((plugin.value_of(key) or plugin.node).label, message, manual('declare the capability "deviceID"'))


@plugin_rule("CNI446", "vlan-id-zero", Severity.WARNING, "vlan")
def vlan_id_zero(plugin: PluginView) -> Iterator[Hit]:
    """The plugin vlan is not told which VLAN.

    Why:
        VLAN 0 is none: frames carry a priority and belong to whatever network their port is in. ADD succeeds, and pods
        are not in the VLAN that was meant for them.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "vlan", "master": "eth0", "ipam": {"type": "dhcp"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "vlan", "master": "eth0", "vlanId": 100, "ipam": {"type": "dhcp"}}]}
    Fix:
        Write the VLAN in "vlanId".
    Reference:
        IEEE 802.1Q, "VLAN tag", VID 0
    """
    node = plugin.value_of("vlanId")
    if node.kind == "null" if node is not None else lacks(plugin.node, "vlanId", known_keys("vlan")):
        yield Hit(plugin.node.label, "vlan is told no VLAN, and takes 0, which is none", manual('add "vlanId"'))
    elif node is not None and node.kind == "integer" and node.value == 0:
        yield Hit(node.label, "0 is no VLAN: frames are tagged with a priority only", manual("write the VLAN's number"))
