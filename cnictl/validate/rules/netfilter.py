"""CNI433, CNI434 and CNI439 to CNI441: rules that change addresses, and whether packets find their way then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cnictl.model.view import given, string_at
from cnictl.report.finding import Severity
from cnictl.schema import is_reference
from cnictl.text.node import ArrayNode, ObjectNode
from cnictl.validate.registry import Hit, manual, network_rule, plugin_rule, unsafe
from cnictl.validate.rules.misspelt import known_keys, lacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView
    from cnictl.text.node import Member


def _value(node: ObjectNode, key: str) -> object:
    """The plain value of a key in any letter case; ``None`` when there is none."""
    member = node.folded(key)
    return member.node.value if member else None


def _port_mappers(network: NetworkView) -> list[PluginView]:
    """The portmap plugins that are given ports; without the capability they do nothing."""
    plugins = (plugin for plugin in network.plugins if plugin.type == "portmap")
    return [
        plugin for plugin in plugins if "portMappings" in plugin.capabilities or given(plugin.node, "runtimeConfig")
    ]


@network_rule("CNI433", "hairpin-off", Severity.WARNING)
def hairpin_off(network: NetworkView) -> Iterator[Hit]:
    """A pod on a bridge cannot reach itself through its own host port.

    Why:
        With net.bridge.bridge-nf-call-iptables=1, as Kubernetes wants it, the packet is sent back to the pod on the
        bridge itself. A bridge does not send a frame out where it came in, unless hairpin mode is on: the connection
        times out, and only from this one pod.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true},
          {"type": "portmap", "capabilities": {"portMappings": true}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true, "hairpinMode": true},
          {"type": "portmap", "capabilities": {"portMappings": true}}]}
    Fix:
        Add "hairpinMode": true to the bridge.
    Reference:
        cni.dev, "bridge plugin"; man 8 bridge, "hairpin"
    """
    first = network.plugins[0] if network.plugins else None
    bridge = _bridge(first) if first else None
    if first is None or bridge is None or not _is_gateway(bridge, by_default=first.type == "flannel"):
        return
    # Without "snat" the pod does not reach itself in hairpin mode either: CNI441.
    mapped = any(_value(plugin.node, "snat") is not False for plugin in _port_mappers(network))
    if mapped and all(_is_off(bridge, key) for key in ("hairpinMode", "promiscMode")):
        message = "a pod cannot reach itself through its own host port without hairpin mode"
        yield Hit(bridge.at(["hairpinMode"]).label, message, manual('add "hairpinMode": true'))


def _is_off(node: ObjectNode, key: str) -> bool:
    member = node.folded(key)
    return lacks(node, key, known_keys("bridge")) if member is None else member.node.value in (None, False)


def _bridge(plugin: PluginView) -> ObjectNode | None:
    """What configures the bridge that a plugin makes; ``None`` when it makes none."""
    if plugin.type == "bridge":
        return plugin.node
    if plugin.type != "flannel":
        return None
    delegate = plugin.value_of("delegate")
    if not isinstance(delegate, ObjectNode):
        return plugin.node
    return delegate if string_at(delegate, "type") in (None, "bridge") else None


def _is_gateway(bridge: ObjectNode, *, by_default: bool) -> bool:
    """Whether pods reach the host by the bridge itself; in a VLAN they do so by another interface."""
    told = [_value(bridge, key) for key in ("isGateway", "isDefaultGateway")]
    gateway = any(value is True for value in told) or (by_default and told[0] is None)
    return gateway and not _value(bridge, "vlan")


@network_rule("CNI434", "host-ports-on-macvlan", Severity.WARNING)
def host_ports_on_macvlan(network: NetworkView) -> Iterator[Hit]:
    """Host ports are to lead to pods that the host cannot reach.

    Why:
        The kernel lets no packets pass between an interface and the macvlan or ipvlan interfaces that share it, and
        answers of the pod go past the host. The rules are made, ADD succeeds, and connections to the port time out.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "ipam": {"type": "dhcp"}},
          {"type": "portmap", "capabilities": {"portMappings": true}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "ipam": {"type": "dhcp"}}]}
    Fix:
        Take portmap out: such pods are reached at their own addresses. Or make the interface with bridge or ptp.
    Reference:
        Linux kernel documentation, "IPVLAN Driver HOWTO"; man 8 ip-link, "MACVLAN and MACVTAP Type Support"
    """
    first = network.plugins[0] if network.plugins else None
    # With vepa the switch may send packets back, and another's plugin may lay a way of its own to the host.
    if first is None or first.type not in ("macvlan", "ipvlan") or _value(first.node, "mode") == "vepa":
        return
    if not all(is_reference(plugin.type or "") for plugin in network.plugins):
        return
    for plugin in _port_mappers(network):
        if _value(plugin.node, "masqAll") is not True:
            message = f"the host cannot reach pods on {first.type}, so its ports lead nowhere"
            yield Hit((plugin.value_of("type") or plugin.node).label, message, manual("take it out of the list"))


@plugin_rule("CNI439", "masquerade-twice", Severity.WARNING, "flannel")
def masquerade_twice(plugin: PluginView) -> Iterator[Hit]:
    """flannel's delegate is told to masquerade, whatever flanneld does.

    Why:
        flanneld masquerades what leaves the cluster and nothing else. The bridge spares only the pods of its own node:
        connections to pods of other nodes lose their source address, and network policies do not know them.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "flannel", "delegate": {"hairpinMode": true, "isDefaultGateway": true, "ipMasq": true}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "flannel", "delegate": {"hairpinMode": true, "isDefaultGateway": true}}]}
    Fix:
        Leave the key out: flannel sets it when flanneld runs without --ip-masq, and only then.
    Reference:
        flannel-io/cni-plugin, README, section "Interface with flannel"
    """
    delegate = plugin.value_of("delegate")
    member = delegate.folded("ipMasq") if isinstance(delegate, ObjectNode) else None
    if not isinstance(delegate, ObjectNode) or member is None or member.node.value is not True:
        return
    if string_at(delegate, "type") in (None, "bridge", "ptp"):
        message = "the delegate masquerades whatever flannel does, also between pods of two nodes"
        yield Hit(member.node.label, message, unsafe("leave it out: flannel sets it where it is needed"))


@plugin_rule("CNI440", "options-of-other-backend", Severity.ERROR, "portmap")
def options_of_other_backend(plugin: PluginView) -> Iterator[Hit]:
    """portmap is given options that its backend does not understand.

    Why:
        The plugin refuses every pod: "nftables backend was requested but configuration contains iptables-specific
        options", or the reverse. Several words in one string make iptables fail for every pod with a host port: "Bad
        argument".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "ptp", "ipam": {"type": "dhcp"}},
          {"type": "portmap", "capabilities": {"portMappings": true}, "backend": "nftables",
           "conditionsV4": ["!", "-d", "192.0.2.0/24"]}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "ptp", "ipam": {"type": "dhcp"}},
          {"type": "portmap", "capabilities": {"portMappings": true}, "backend": "nftables",
           "conditionsV4": ["ip", "daddr", "!=", "192.0.2.0/24"]}]}
    Fix:
        Write the conditions in the backend's own language, one word in each string. "externalSetMarkChain" is for
        iptables only.
    Reference:
        cni.dev, "portmap plugin"; containernetworking/plugins, portmap, function ensureBackend
    """
    told = _value(plugin.node, "backend")
    if told not in (None, "iptables", "nftables"):
        return
    backend = None if told is None else str(told)
    for member, needed in _options(plugin):
        chosen = backend or needed
        if needed != chosen:
            whose = '"backend" is' if told else "another option for"
            message = f'"{member.name}" is for {needed}, and {whose} {chosen}'
            yield Hit(member.label, message, manual(f"write it for {chosen}, or leave it out"))
        elif needed == "iptables":
            yield from _glued_words(member)
        backend = chosen


def _options(plugin: PluginView) -> Iterator[tuple[Member, str]]:
    """The options that one backend alone understands, each with this backend."""
    chain = plugin.node.folded("externalSetMarkChain")
    if chain is not None and chain.node.kind == "string":
        yield chain, "iptables"
    for key in ("conditionsV4", "conditionsV6"):
        member = plugin.node.folded(key)
        first = member.node.child(0) if member is not None else None
        if member is not None and first is not None and first.kind == "string" and first.value:
            yield member, "iptables" if first.value.startswith(("-", "!")) else "nftables"


def _glued_words(member: Member) -> Iterator[Hit]:
    """Strings that hold an option of iptables together with its value."""
    words = member.node.items if isinstance(member.node, ArrayNode) else []
    for before, node in zip([None, *words], words, strict=False):
        comment = before is not None and before.value == "--comment"
        if node.kind == "string" and node.value.startswith(("-", "!")) and len(node.value.split()) > 1 and not comment:
            message = f"{json.dumps(node.value)} is one string, and iptables takes it for one word"
            yield Hit(node.label, message, manual("write each word as a string of its own"))


@plugin_rule("CNI441", "loopback-mapping-lost", Severity.NOTE, "portmap")
def loopback_mapping_lost(plugin: PluginView) -> Iterator[Hit]:
    """Host ports do not work at 127.0.0.1, nor for the pod that they lead to.

    Why:
        With "snat" false portmap leaves source addresses as they are. Answers to 127.0.0.1 do not come back, nor do
        those to the pod itself: such connections time out. Others work, and pods see who has called.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "ptp", "ipam": {"type": "dhcp"}},
          {"type": "portmap", "capabilities": {"portMappings": true}, "snat": false}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "ptp", "ipam": {"type": "dhcp"}},
          {"type": "portmap", "capabilities": {"portMappings": true}, "snat": true}]}
    Fix:
        Leave the key out where such connections are needed: other source addresses are not changed by it either.
    Reference:
        cni.dev, "portmap plugin", section "snat"
    """
    node = plugin.value_of("snat")
    if node is not None and node.value is False:
        message = "host ports do not answer at 127.0.0.1, nor to the pod that they lead to"
        yield Hit(node.label, message, manual("leave it out where such connections are needed"))
