"""CNI309 to CNI313: plugins that do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import given, object_at, string_at, value_at
from cnictl.report.finding import Severity
from cnictl.schema import plugin_facts
from cnictl.validate.registry import Hit, manual, network_rule, plugin_rule, safe, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView
    from cnictl.report.finding import Fix


def _maker(network: NetworkView) -> PluginView | None:
    """The plugin that makes the interface; ``None`` when it is not known for certain which one does."""
    first = network.plugins[0] if network.plugins else None
    facts = plugin_facts(first.type or "") if first else None
    return first if facts is not None and facts.role == "interface" and not facts.vendor else None


@network_rule("CNI309", "veth-missing", Severity.ERROR)
def veth_missing(network: NetworkView) -> Iterator[Hit]:
    """A plugin that works on veth pairs stands behind one that makes another kind of interface.

    Why:
        bandwidth limits the host's end of the pair. Behind macvlan, ipvlan, vlan, host-device, sriov, dummy or tap
        there is none, and every pod with a limit fails: "container interface eth0 has no veth peer".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "ipam": {"type": "dhcp"}},
          {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}},
          {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}
    Fix:
        Take the plugin out, or make the interface with bridge or ptp.
    Reference:
        containernetworking/plugins, bandwidth, function getHostInterface
    """
    maker = network.plugins[0] if network.plugins else None
    made = plugin_facts(maker.type or "") if maker else None
    if maker is None or made is None or made.role != "interface" or made.makes_veth is not False:
        return
    for plugin in network.plugins[1:]:
        facts = plugin_facts(plugin.type or "")
        if facts is not None and facts.needs_veth:
            message = f"{plugin.type} needs a veth pair, and {maker.type} makes none"
            yield Hit((plugin.value_of("type") or plugin.node).label, message, manual("take it out of the list"))


_ISOLATING = ("same-bridge", "isolated")
"""The policies for which firewall makes rules of its own, with iptables."""


@network_rule("CNI310", "ingress-policy-without-bridge", Severity.WARNING)
def ingress_policy_without_bridge(network: NetworkView) -> Iterator[Hit]:
    """firewall is to isolate bridges from each other, and the interface is on none.

    Why:
        The policy takes the first interface of the result for the bridge. Without one it writes rules for a name that
        means nothing on the host: nothing is isolated, and ADD succeeds.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "macvlan", "master": "eth0", "ipam": {"type": "dhcp"}},
          {"type": "firewall", "ingressPolicy": "same-bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "ipam": {"type": "dhcp"}}, {"type": "firewall", "ingressPolicy": "same-bridge"}]}
    Fix:
        Leave "ingressPolicy" out, or make the interface with bridge.
    Reference:
        cni.dev, "firewall plugin", section "ingressPolicy: same-bridge"
    """
    maker = _maker(network)
    if maker is None or maker.type == "bridge":
        return
    for plugin in network.plugins:
        policy = string_at(plugin.node, "ingressPolicy") if plugin.type == "firewall" else None
        if policy in _ISOLATING:
            message = f'the policy "{policy}" is about bridges, and {maker.type} uses none'
            yield Hit(value_at(plugin.node, "ingressPolicy").label, message, manual("leave it out"))


@plugin_rule("CNI311", "delegate-refused", Severity.ERROR, "flannel")
def delegate_refused(plugin: PluginView) -> Iterator[Hit]:
    """flannel's delegate has keys that flannel writes itself.

    Why:
        flannel fails for every pod: "'delegate' dictionary must not have 'name' field, it'll be set by flannel", and
        likewise for "ipam".
    Bad: 10-flannel.conflist
        {"cniVersion": "1.0.0", "name": "cbr0", "plugins": [
          {"type": "flannel", "delegate": {"name": "cbr0", "isDefaultGateway": true}}]}
    Good: 10-flannel.conflist
        {"cniVersion": "1.0.0", "name": "cbr0", "plugins": [
          {"type": "flannel", "delegate": {"hairpinMode": true, "isDefaultGateway": true}}]}
    Fix:
        Remove the key from "delegate"; an "ipam" for all stands beside it.
    Reference:
        flannel-io/cni-plugin, function doCmdAdd
    """
    delegate = object_at(plugin.node, "delegate")
    for key in ("name", "ipam"):
        member = delegate.folded(key) if delegate else None
        if member is not None:
            yield Hit(member.label, f'flannel refuses a delegate with "{key}"', safe("remove the key"))


@plugin_rule("CNI312", "delegates-ambiguous", Severity.WARNING, "multus")
def delegates_ambiguous(plugin: PluginView) -> Iterator[Hit]:
    """multus is told its main network in two ways.

    Why:
        With "clusterNetwork" it does not look at "delegates": the network that is written there is never used.
    Bad: 00-multus.conf
        {"cniVersion": "1.0.0", "name": "multus", "type": "multus", "clusterNetwork": "pods",
          "delegates": [{"cniVersion": "1.0.0", "name": "other", "type": "bridge"}]}
    Good: 00-multus.conflist
        {"cniVersion": "1.0.0", "name": "multus", "plugins": [{"type": "multus", "clusterNetwork": "pods"}]}
    Fix:
        Keep one of them.
    Reference:
        multus-cni, "Configuration reference"
    """
    delegates = plugin.node.folded("delegates")
    if delegates is not None and given(plugin.node, "clusterNetwork") and delegates.node.value:
        yield Hit(delegates.label, 'multus passes over "delegates", for "clusterNetwork" is set', manual("keep one"))


_BACKENDS = {"bridge": "ipMasqBackend", "ptp": "ipMasqBackend", "portmap": "backend", "firewall": "backend"}


@network_rule("CNI313", "backends-mixed", Severity.WARNING)
def backends_mixed(network: NetworkView) -> Iterator[Hit]:
    """Plugins of one list write their rules in part with iptables and in part with nftables.

    Why:
        A packet passes through both sets of rules, and a verdict of one does not bind the other: what firewall lets
        pass can be dropped elsewhere, and nobody who looks at one of them sees the whole. An "ingressPolicy" of
        firewall is always made with iptables.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "isGateway": true, "ipMasq": true, "ipMasqBackend": "iptables"},
          {"type": "portmap", "backend": "nftables", "capabilities": {"portMappings": true}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "isGateway": true, "ipMasq": true, "ipMasqBackend": "nftables", "hairpinMode": true,
            "ipam": {"type": "dhcp"}},
          {"type": "portmap", "backend": "nftables", "capabilities": {"portMappings": true}}]}
    Fix:
        Choose one of them for all plugins.
    Reference:
        containernetworking/plugins, release notes of v1.6.0
    """
    chosen: str | None = None
    for plugin in network.plugins:
        told = _backend(plugin)
        if told is None:
            continue
        key, backend, fix = told
        if chosen is not None and backend != chosen:
            message = f"{plugin.type} uses {backend}, and a plugin before it {chosen}"
            yield Hit(value_at(plugin.node, key).label, message, fix or unsafe(f'write "{chosen}"'))
        chosen = chosen or backend


def _backend(plugin: PluginView) -> tuple[str, str, Fix | None] | None:
    """The key by which a plugin is told what to write its rules with, what that is, and the fix if it is fixed."""
    key = _BACKENDS.get(plugin.type or "")
    backend = string_at(plugin.node, key) if key else None
    if key is not None and backend in ("iptables", "nftables"):
        return key, str(backend), None
    if plugin.type == "firewall" and string_at(plugin.node, "ingressPolicy") in _ISOLATING:
        return "ingressPolicy", "iptables", manual('write "iptables" for the other plugins')
    return None
