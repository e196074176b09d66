"""CNI208, CNI210, CNI320 and CNI321: verbs that fail and networks that lack what pods need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.version import VERB_SINCE, SpecVersion
from cnictl.model.view import given, items_at, object_at, string_at, value_at
from cnictl.report.finding import Severity
from cnictl.schema import plugin_facts
from cnictl.text.node import ObjectNode
from cnictl.validate.context import NAD
from cnictl.validate.pools import destination, interface_at, pools, static_addresses
from cnictl.validate.registry import Hit, file_rule, manual, plugin_rule, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView
    from cnictl.report.finding import Fix
    from cnictl.text.node import Label
    from cnictl.validate.context import ConfigFile


@plugin_rule("CNI208", "check-always-fails", Severity.WARNING)
def check_always_fails(plugin: PluginView) -> Iterator[Hit]:
    """CHECK fails for every pod, however well its network is.

    A bridge without any "ipam" is left alone: CHECK fails there too, but only a config that says outright that it wants
    no addresses is certain to stay that way.

    Why:
        bridge asks an IPAM plugin about each pod, also when there is none: "no plugin name provided". whereabouts
        answers "CNI CHECK method is not implemented". sbr moves the pod's routes to a table of their own, and the
        plugin that made the interface looks for them in the main one: "Failed to find Gateway 10.1.0.1 for interface
        eth0". CRI-O calls CHECK when it makes a pod, and the pod fails; containerd does not call it.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "layer2", "plugins": [{"type": "bridge", "bridge": "br1", "ipam": {}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "layer2", "disableCheck": true, "plugins": [
          {"type": "bridge", "bridge": "br1", "ipam": {}}]}
    Fix:
        Add "disableCheck": true to the list. A single plugin's config has no such key: make a list of it.
    Reference:
        containernetworking/plugins, bridge, function cmdCheck, sbr, function doRoutes, and package ip, function
        ValidateExpectedInterfaceIPs; whereabouts, function cmdCheck; cri-o/ocicni, function checkNetwork
    """
    if not _is_checked(plugin.network):
        return
    label = _layer2_only(plugin) if plugin.type == "bridge" else None
    if label is not None:
        message = "CHECK fails on a bridge without an IPAM plugin, and the config does not switch CHECK off"
        yield Hit(label, message, _without_check(plugin.network))
    ipam = plugin.ipam.folded("type") if plugin.ipam is not None else None
    if ipam is not None and plugin.ipam_type == "whereabouts" and _asks_ipam(plugin):
        message = "whereabouts does not implement CHECK, and the config does not switch CHECK off"
        yield Hit(ipam.node.label, message, _without_check(plugin.network))
    maker = _robbed_by(plugin) if plugin.type == "sbr" else None
    if maker is not None:
        message = f"CHECK of {maker} fails, as sbr moves the routes that it looks for, and CHECK is not switched off"
        yield Hit(plugin.node.label, message, _without_check(plugin.network))


def _is_checked(network: NetworkView) -> bool:
    """Whether a runtime that calls CHECK would call it here."""
    flag = network.node.child("disableCheck") if network.is_list else None
    switched_off = flag is not None and str(flag.value).lower() == "true"  # libcni reads the word in quotes too
    return network.version is not None and network.version >= VERB_SINCE["CHECK"] and not switched_off


def _layer2_only(plugin: PluginView) -> Label | None:
    """Where a bridge says that it wants no addresses; an entry that says more, and no type, is reported as such."""
    return plugin.ipam.label if plugin.ipam is not None and not plugin.ipam.members else None


def _asks_ipam(plugin: PluginView) -> bool:
    """Whether a plugin hands CHECK on to its IPAM plugin: those of the reference project all do."""
    facts = plugin_facts(plugin.type or "")
    return facts is not None and facts.role == "interface" and not facts.vendor


def _robbed_by(sbr: PluginView) -> str | None:
    """The plugin that looks in vain for the routes of its addresses; with a fixed table sbr leaves them alone."""
    if given(sbr.node, "table"):
        return None
    before = sbr.network.plugins[: sbr.index or 0]
    return next((maker.type for maker in before if maker.ipam_type and _asks_ipam(maker)), None)


def _without_check(network: NetworkView) -> Fix:
    return manual(f'{"" if network.is_list else "make a list of it, and "}add "disableCheck": true to the list')


@plugin_rule("CNI210", "one-address-per-family", Severity.ERROR)
def one_address_per_family(plugin: PluginView) -> Iterator[Hit]:
    """A pod is to get more addresses of a family than the spec version's results can hold.

    Why:
        Until 0.2.0 a result has room for one IPv4 and one IPv6 address. host-local and static refuse every pod: "CNI
        version 0.2.0 does not support more than 1 address per family".
    Bad: 10-net.conflist
        {"cniVersion": "0.2.0", "name": "pods", "plugins": [{"type": "macvlan", "master": "eth0", "ipam": {
          "type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.2.0.0/24"}]]}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "macvlan", "master": "eth0", "ipam": {
          "type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.2.0.0/24"}]]}}]}
    Fix:
        Raise "cniVersion" to 0.3.1 or newer, or keep one range set, or one address, of each family.
    Reference:
        CNI spec 0.2.0, section "Result"; containernetworking/cni, package types/020
    """
    version = plugin.network.version
    if version is None or version.has_result_list:
        return
    given_out = [*_range_sets(plugin), *_static_addresses(plugin)]
    for family in (4, 6):
        labels = [label for other, label in given_out if other == family]
        if len(labels) > 1:
            message = f"pods would get {len(labels)} IPv{family} addresses, and a result of spec {version} holds one"
            yield Hit(labels[1], message, unsafe(f'raise "cniVersion" to {SpecVersion.V0_3_1} or newer'))


def _range_sets(plugin: PluginView) -> Iterator[tuple[int, Label]]:
    """The family of each range set of host-local, which gives out one address of each set."""
    done: set[int] = set()
    for pool in pools(plugin):
        subnet = pool.node.folded("subnet")
        if pool.subnet is not None and subnet is not None and pool.range_set not in done:
            done.add(pool.range_set)
            yield pool.subnet.version, subnet.node.label


def _static_addresses(plugin: PluginView) -> Iterator[tuple[int, Label]]:
    """The family of each address of static."""
    for entry in static_addresses(plugin):
        interface = interface_at(entry, "address")
        if interface is not None:
            yield interface.version, value_at(entry, "address").label


@file_rule("CNI320", "flannel-without-default-route", Severity.WARNING)
def flannel_without_default_route(file: ConfigFile) -> Iterator[Hit]:
    """Pods of flannel's network get no default route.

    A NetworkAttachmentDefinition is left alone: there the default route is another network's.

    Why:
        flannel adds one route, to its own network. Everything else is unreachable: services, cluster DNS, the internet.
    Bad: 10-flannel.conflist
        {"cniVersion": "1.0.0", "name": "cbr0", "plugins": [{"type": "flannel", "delegate": {"hairpinMode": true}}]}
    Good: 10-flannel.conflist
        {"cniVersion": "1.0.0", "name": "cbr0", "plugins": [
          {"type": "flannel", "delegate": {"hairpinMode": true, "isDefaultGateway": true}}]}
    Fix:
        Add "isDefaultGateway": true to "delegate".
    Reference:
        flannel-io/cni-plugin, functions doCmdAdd and getDelegateIPAM
    """
    if file.kind == NAD:
        return
    overridden = any(plugin.type == "route-override" for plugin in file.plugins)
    for plugin in file.plugins if not overridden else ():
        if plugin.type != "flannel" or _has_default(plugin):
            continue
        label = _without_default_gateway(plugin)
        if label is not None:
            message = "flannel's bridge sets no default route, so pods reach flannel's own network alone"
            yield Hit(label, message, unsafe('add "isDefaultGateway": true to "delegate"'))


def _without_default_gateway(plugin: PluginView) -> Label | None:
    """Where flannel's bridge should be told to be the default gateway; ``None`` when it is, or there is no bridge."""
    if not given(plugin.node, "delegate"):
        return plugin.node.label
    delegate = object_at(plugin.node, "delegate")
    if delegate is None or (delegate.folded("type") and string_at(delegate, "type") != "bridge"):
        return None
    member = delegate.folded("isDefaultGateway")
    if member is None:
        return delegate.label
    return member.node.label if member.node.value is False else None


def _has_default(plugin: PluginView) -> bool:
    """Whether flannel hands a default route on to the IPAM plugin."""
    routes = items_at(plugin.ipam, "routes") if plugin.ipam else []
    found = [destination(route) for route in routes if isinstance(route, ObjectNode)]
    return any(network is not None and network.prefixlen == 0 for network in found)


@plugin_rule("CNI321", "multus-without-network", Severity.ERROR, "multus")
def multus_without_network(plugin: PluginView) -> Iterator[Hit]:
    """multus is told no main network.

    Why:
        It fails for every pod: "LoadNetConf: at least one delegate/clusterNetwork must be specified".
    Bad: 00-multus.conflist
        {"cniVersion": "1.0.0", "name": "multus", "plugins": [
          {"type": "multus", "kubeconfig": "/etc/cni/net.d/multus.d/multus.kubeconfig"}]}
    Good: 00-multus.conflist
        {"cniVersion": "1.0.0", "name": "multus", "plugins": [
          {"type": "multus", "kubeconfig": "/etc/cni/net.d/multus.d/multus.kubeconfig", "clusterNetwork": "pods"}]}
    Fix:
        Add "clusterNetwork" with the name of the main network, or its config in "delegates".
    Reference:
        multus-cni, "Configuration reference", function LoadNetConf
    """
    cluster, delegates = plugin.node.folded("clusterNetwork"), plugin.node.folded("delegates")
    if cluster is not None and cluster.node.value not in (None, ""):
        return
    if delegates is None or delegates.node.value in (None, []):
        member = delegates or cluster
        label = member.label if member is not None else plugin.node.label
        yield Hit(label, "multus needs a main network, and is told none", manual('add "clusterNetwork": "..."'))
