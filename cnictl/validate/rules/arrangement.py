"""CNI314, CNI316, CNI319, CNI322 and CNI323: where a plugin stands in its list, and in which company."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.model.view import string_at, value_at
from cnictl.report.finding import Severity
from cnictl.schema import plugin_facts
from cnictl.validate.registry import Hit, manual, network_rule, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView
    from cnictl.text.node import Label


class Place(NamedTuple):
    """A plugin in its list."""

    plugin: PluginView
    before: list[PluginView]
    after: list[PluginView]

    @property
    def label(self) -> Label:
        """Where the plugin says its type."""
        return (self.plugin.value_of("type") or self.plugin.node).label

    @property
    def comes_early(self) -> bool:
        """Whether others run before it, and certainly none of them makes the pod's interface."""
        # where tuning is the first, that is reported already
        first = self.before[0].type if self.before else "tuning"
        return first != "tuning" and all(other.type in _MAKE_NOTHING for other in self.before)


_MAKE_NOTHING = ("loopback", "ifacer", "tuning")
"""Plugins that leave the pod's interface to another one."""


def places(network: NetworkView, *types: str) -> Iterator[Place]:
    """The plugins of these types."""
    plugins = network.plugins
    for index, plugin in enumerate(plugins):
        if plugin.type in types:
            yield Place(plugin, plugins[:index], plugins[index + 1 :])


_ETHERNET_MTU = 1500
"""What a veth pair has when nobody says otherwise."""

_LARGEST_MTU = 65535
"""What is larger is reported as such."""

_LINK_KEYS = ("mac", "mtu", "promisc", "allmulti", "txQLen")


@network_rule("CNI314", "link-change-undone", Severity.WARNING)
def link_change_undone(network: NetworkView) -> Iterator[Hit]:
    """What tuning does to the interface cannot last, or cannot work.

    Why:
        Before the interface is made tuning fails: "Link not found". A MAC address that coordinator sets after it
        replaces the one of tuning. And when the pod's end of a veth pair has a larger MTU than the host's end, the
        kernel drops every packet that is too large for the other end, and says so to nobody.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ptp", "mtu": 1450, "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}},
          {"type": "tuning", "mtu": 9000}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ptp", "mtu": 9000, "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}},
          {"type": "tuning", "mtu": 9000}]}
    Fix:
        Set the MTU where the interface is made, and put tuning behind the plugins whose work it changes.
    Reference:
        containernetworking/plugins, tuning, function cmdAdd; Linux kernel, function is_skb_forwardable
    """
    for place in places(network, "tuning"):
        if place.comes_early:
            yield from _without_interface(place)
        else:
            yield from _mtu_above_other_end(place)
            yield from _mac_replaced(place)


def _without_interface(place: Place) -> Iterator[Hit]:
    for key in _LINK_KEYS:
        member = place.plugin.node.folded(key)
        if member is not None and member.node.value not in (None, False, 0, ""):
            message = f'tuning is to set "{key}" before any plugin has made the interface'
            yield Hit(member.label, message, unsafe("move tuning behind the plugin that makes the interface"))
            return


def _mtu_above_other_end(place: Place) -> Iterator[Hit]:
    maker = next((other for other in reversed(place.before) if other.type in ("bridge", "ptp")), None)
    mtu = place.plugin.value_of("mtu")
    if maker is None or mtu is None or mtu.kind != "integer" or mtu.value > _LARGEST_MTU:
        return
    given_mtu = maker.value_of("mtu")
    other_end = given_mtu.value if given_mtu is not None and given_mtu.value else _ETHERNET_MTU
    if type(other_end) is int and 0 < other_end < mtu.value:
        message = f"the pod's end gets an MTU of {mtu.value}, and the host's end has {other_end} from {maker.type}"
        yield Hit(mtu.label, message, manual(f'give {maker.type} "mtu": {mtu.value}, or lower this one'))


def _mac_replaced(place: Place) -> Iterator[Hit]:
    mac = place.plugin.node.folded("mac")
    if mac is None or not string_at(place.plugin.node, "mac"):
        return
    if any(other.type == "coordinator" and string_at(other.node, "podMACPrefix") for other in place.after):
        message = 'coordinator sets another MAC address after tuning, for it has "podMACPrefix"'
        yield Hit(
            mac.label, message, manual('move tuning behind coordinator, or remove one of "mac" and "podMACPrefix"')
        )


@network_rule("CNI316", "host-ports-twice", Severity.WARNING)
def host_ports_twice(network: NetworkView) -> Iterator[Hit]:
    """Two plugins of the list forward the same ports of the host.

    Why:
        Runtimes hand the port mappings to each plugin that declares the capability. Both write rules for each hostPort,
        and which one is met first, and with which source address, depends on the order in which they ran.
    Bad: 10-kindnet.conflist
        {"cniVersion": "0.4.0", "name": "kindnet", "plugins": [
          {"type": "cni-kindnet", "ranges": ["10.244.1.0/24"], "capabilities": {"portMappings": true}},
          {"type": "portmap", "capabilities": {"portMappings": true}}]}
    Good: 10-kindnet.conflist
        {"cniVersion": "0.4.0", "name": "kindnet", "plugins": [
          {"type": "cni-kindnet", "ranges": ["10.244.1.0/24"], "capabilities": {"portMappings": true}}]}
    Fix:
        Take portmap out of the list.
    Reference:
        kindnet documentation, "CNI"; tkestack/galaxy, doc/portmapping.md
    """
    for place in places(network, "portmap"):
        for other in (*place.before, *place.after) if "portMappings" in place.plugin.capabilities else ():
            if other.type in _FORWARD_THEMSELVES and "portMappings" in other.capabilities:
                message = f"{other.type} forwards the host's ports itself, and declares the capability for it too"
                yield Hit(place.label, message, manual("take portmap out of the list"))


_FORWARD_THEMSELVES = ("cni-kindnet", "galaxy-sdn")


@network_rule("CNI319", "loopback-chained", Severity.WARNING)
def loopback_chained(network: NetworkView) -> Iterator[Hit]:
    """loopback stands in the list of another network.

    Why:
        Runtimes bring up a pod's loopback interface themselves. In another network's list the plugin adds nothing, and
        when that network is taken from a running pod, DEL sets lo down: all that talks to 127.0.0.1 stops.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}},
          {"type": "loopback"}]}
    Good: 99-loopback.conflist
        {"cniVersion": "1.0.0", "name": "lo", "plugins": [{"type": "loopback"}]}
    Fix:
        Take it out. A runtime that wants a config for it, as CRI-O once did, wants it in a file of its own.
    Reference:
        containernetworking/plugins, loopback, function cmdDel
    """
    for place in places(network, "loopback"):
        first = next((other.type for other in place.before if other.type != "loopback"), None)
        if first:
            message = f"loopback adds nothing behind {first}, and sets lo down when this network is taken from a pod"
            yield Hit(place.label, message, manual("take it out of the list"))


_MESHES = ("istio-cni", "linkerd-cni", "kuma-cni", "kmesh-cni")


@network_rule("CNI322", "mesh-plugin-too-early", Severity.WARNING)
def mesh_plugin_too_early(network: NetworkView) -> Iterator[Hit]:
    """A service mesh's plugin runs before the pod has an interface.

    Why:
        The mesh's plugin works on what the plugins before it have made, and some take the pod's addresses from their
        result. Here there is none yet: traffic passes the mesh by, or the pod does not start. Behind the plugin
        that makes the interface, its place among portmap, bandwidth and their like does not matter.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "istio-cni"},
          {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}},
          {"type": "istio-cni"}]}
    Fix:
        Move it to the end, where its installer puts it.
    Reference:
        Istio documentation, "Install the Istio CNI node agent", section "How sidecar traffic redirection works"
    """
    for place in places(network, *_MESHES):
        makers = [other.type for other in place.after if _makes_interface(other)]
        reported = not place.before and _role(place.plugin) == "chained"  # as CNI301
        if makers and not reported and not any(_role(other) in ("interface", None) for other in place.before):
            message = f"{place.plugin.type} runs before {makers[0]} makes the pod's interface"
            yield Hit(place.label, message, unsafe("move it to the end of the list"))


def _role(plugin: PluginView) -> str | None:
    facts = plugin_facts(plugin.type or "")
    return facts.role if facts is not None else None


def _makes_interface(plugin: PluginView) -> bool:
    return _role(plugin) == "interface"


_NEED_RESULT = ("portmap", "bandwidth", "firewall", "sbr", "vrf", "route-override", "egress-cni", "tc-redirect-tap")


@network_rule("CNI323", "result-missing", Severity.WARNING)
def result_missing(network: NetworkView) -> Iterator[Hit]:
    """A plugin that works on the pod's interface runs when none has been made.

    Why:
        No plugin before it makes an interface. portmap and firewall then find nothing to do and succeed; sbr and
        bandwidth fail: "No IP addresses supplied", "no interfaces provided". Without a result before it cilium-cni
        passes over its mode and sets the pod up by itself.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "loopback"}, {"type": "firewall"}, {"type": "macvlan", "master": "eth0", "ipam": {"type": "dhcp"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "loopback"}, {"type": "macvlan", "master": "eth0", "ipam": {"type": "dhcp"}}, {"type": "firewall"}]}
    Fix:
        Move it behind the plugin that makes the interface.
    Reference:
        CNI spec 1.1.0, section 3 "Overview of the execution"
    """
    for place in places(network, *_NEED_RESULT):
        if place.comes_early:
            message = f"{place.plugin.type} works on the pod's interface, and no plugin before it makes one"
            yield Hit(place.label, message, unsafe("move it behind the plugin that makes the interface"))
    for place in places(network, "cilium-cni"):
        mode = string_at(place.plugin.node, "chaining-mode")
        if mode in _CHAINED_CILIUM and not place.before:
            label = value_at(place.plugin.node, "chaining-mode").label
            message = f'with "{mode}" cilium-cni works on what a plugin before it has made, and it is the first'
            yield Hit(label, message, unsafe("put the plugin before it that makes the interface"))


_CHAINED_CILIUM = ("generic-veth", "aws-cni", "azure", "flannel", "calico")
"""Modes of cilium-cni in which another plugin makes the interface; with "portmap" it makes it itself."""
