"""CNI324 and CNI430 to CNI432: keys that do no longer, or not here, what was expected of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import items_at, object_at, string_at
from cnictl.report.finding import Severity
from cnictl.schema import plugin_schema
from cnictl.text.node import ObjectNode
from cnictl.validate.registry import Hit, manual, plugin_rule, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView


_OTHER_SHAPE = {"servers": "nameservers", "searches": "search"}
"""The keys of the capability dns, and the same in a config's own resolver settings."""


@plugin_rule("CNI324", "resolver-shape", Severity.WARNING)
def resolver_shape(plugin: PluginView) -> Iterator[Hit]:
    """Resolver settings have the keys of another place.

    Why:
        A config says "nameservers" and "search", the runtime's capability dns says "servers" and "searches". The keys
        of the one are passed over in the other, and pods have the node's resolver, or none.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "example-net", "dns": {"servers": ["10.96.0.10"], "searches": ["cluster.local"]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "example-net", "dns": {"nameservers": ["10.96.0.10"], "search": ["cluster.local"]}}]}
    Fix:
        Write the keys of the place that they stand in.
    Reference:
        CNI spec 1.1.0, section 1 "Plugin configuration objects"; CNI conventions, capability "dns"
    """
    runtime = object_at(plugin.node, "runtimeConfig")
    for_runtime = object_at(runtime, "dns") if runtime is not None else None
    if for_runtime is not None:
        wrong = {right: wrong for wrong, right in _OTHER_SHAPE.items()}
        yield from _misplaced(for_runtime, wrong, 'the capability "dns"')
    in_config = plugin.value_of("dns")
    # the schema of a known plugin calls the key unknown
    if isinstance(in_config, ObjectNode) and plugin_schema(plugin.type or "") is None:
        yield from _misplaced(in_config, _OTHER_SHAPE, "a config")


def _misplaced(dns: ObjectNode, wrong: dict[str, str], place: str) -> Iterator[Hit]:
    for name, right in wrong.items():
        member = dns.folded(name)
        if member is not None and dns.folded(right) is None:
            message = f'"{member.name}" is not read here: the resolver settings of {place} have "{right}"'
            yield Hit(member.label, message, unsafe(f'write "{right}"'))


_REMOVED = {
    "bandwidth": {
        "shapedSubnets": "only plugins v1.5.0 and v1.5.1 read it; all others limit the traffic with every subnet",
        "unshapedSubnets": "only plugins v1.5.0 and v1.5.1 read it; all others limit the traffic with every subnet",
    },
    "macvlan": {"ipMasq": "macvlan has not read it since 2016, and masquerades nothing"},
    "ipvlan": {"ipMasq": "ipvlan does not read it, and masquerades nothing"},
}


@plugin_rule("CNI430", "removed-key", Severity.WARNING, *_REMOVED)
def removed_key(plugin: PluginView) -> Iterator[Hit]:
    """A key is given that no current release reads.

    Why:
        The key is passed over without a word. bandwidth limits traffic with every subnet, also with those that were to
        be spared; macvlan and ipvlan leave the pod's address on packets that go out.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}},
          {"type": "bandwidth", "capabilities": {"bandwidth": true}, "unshapedSubnets": ["10.0.0.0/8"]}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}},
          {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}
    Fix:
        Remove the key, and do without what it promised.
    Reference:
        containernetworking/plugins, release notes of v1.5.0 and v1.6.0
    """
    for key, why in _REMOVED.get(plugin.type or "", {}).items():
        member = plugin.node.folded(key)
        # false and an empty list ask for what happens anyway
        if member is not None and member.node.value not in (None, False, []):
            yield Hit(member.label, f'"{key}" has no effect: {why}', manual("remove the key"))


@plugin_rule("CNI431", "masq-all-ineffective", Severity.WARNING, "portmap")
def masq_all_ineffective(plugin: PluginView) -> Iterator[Hit]:
    """portmap is to masquerade everything, with a backend that cannot do so.

    Why:
        Up to plugins v1.9.1 the nftables backend does not look at the key. Pods see the client's own address, and where
        answers do not come back through the node, connections time out.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}},
          {"type": "portmap", "capabilities": {"portMappings": true}, "backend": "nftables", "masqAll": true}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}},
          {"type": "portmap", "capabilities": {"portMappings": true}, "backend": "iptables", "masqAll": true}]}
    Fix:
        Use the backend iptables.
    Reference:
        containernetworking/plugins, portmap, file portmap_nftables.go
    """
    masq_all = plugin.value_of("masqAll")
    if masq_all is not None and masq_all.value is True and string_at(plugin.node, "backend") == "nftables":
        message = '"masqAll" has no effect with the backend nftables, up to plugins v1.9.1'
        yield Hit(masq_all.label, message, manual('write "backend": "iptables"'))


@plugin_rule("CNI432", "default-vlan-changed", Severity.NOTE, "bridge")
def default_vlan_changed(plugin: PluginView) -> Iterator[Hit]:
    """A trunk port does not say whether it keeps the bridge's default VLAN.

    Why:
        Before plugins v1.8.0 the port stays in VLAN 1 as well, from then on it does not. Whoever relies on either gets
        the other on another node, or with the next upgrade.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "vms", "plugins": [{"type": "bridge", "vlanTrunk": [{"id": 100}]}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "vms", "plugins": [
          {"type": "bridge", "vlanTrunk": [{"id": 100}], "preserveDefaultVlan": false}]}
    Fix:
        Add "preserveDefaultVlan", with the value that you want.
    Reference:
        containernetworking/plugins, release notes of v1.8.0
    """
    trunk = plugin.node.folded("vlanTrunk")
    if trunk is None or not items_at(plugin.node, "vlanTrunk") or plugin.node.folded("preserveDefaultVlan"):
        return
    message = "the port stays in VLAN 1 before plugins v1.8.0 and not from then on, for the config says neither"
    yield Hit(trunk.label, message, manual('add "preserveDefaultVlan", with the value that you want'))
