"""CNI3xx: the chain of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import given, value_at
from cnictl.report.finding import Severity
from cnictl.schema import PluginFacts, is_reference, plugin_facts
from cnictl.text.change import rename_key
from cnictl.text.node import ObjectNode
from cnictl.validate.mending import add_capability
from cnictl.validate.registry import Hit, manual, network_rule, plugin_rule, safe, unsafe
from cnictl.validate.rules.misspelt import meant_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView
    from cnictl.report.finding import Fix
    from cnictl.text.node import Label


def _facts(plugin: PluginView) -> PluginFacts | None:
    return plugin_facts(plugin.type or "")


def _type_label(plugin: PluginView) -> Label:
    node = plugin.value_of("type")
    return (node or plugin.node).label


@network_rule("CNI301", "chained-plugin-first", Severity.ERROR)
def chained_plugin_first(network: NetworkView) -> Iterator[Hit]:
    """The first plugin works on an interface that no plugin has made.

    Why:
        portmap, bandwidth and their like need the result of the plugin before them. First in the list they fail with
        "must be called as chained plugin", or crash.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "portmap", "capabilities": {"portMappings": true}}, {"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge"}, {"type": "portmap", "capabilities": {"portMappings": true}}]}
    Fix:
        Move the plugin that makes the interface to the front.
    Reference:
        CNI spec 1.1.0, section 3 "Overview of the execution"
    """
    first = network.plugins[0] if network.plugins else None
    facts = _facts(first) if first else None
    if first is not None and not first.index and facts is not None and facts.role == "chained":
        message = f"{first.type} needs the result of a plugin before it, and it is the first"
        yield Hit(_type_label(first), message, unsafe("move the plugin that makes the interface before it"))


@network_rule("CNI302", "several-interface-plugins", Severity.ERROR)
def several_interface_plugins(network: NetworkView) -> Iterator[Hit]:
    """Two plugins of the list each make the interface.

    Why:
        All plugins of a list are told the same interface name. The second one fails for every pod, because it is there:
        "container veth name provided (eth0) already exists".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}, {"type": "bridge", "bridge": "br1"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Make a second network of it: one list, one interface.
    Reference:
        CNI spec 1.1.0, section 2 "ADD: Add container to network, or apply modifications"
    """
    makers = [plugin for plugin in network.plugins if (facts := _facts(plugin)) and facts.role == "interface"]
    for plugin in makers[1:]:
        message = f"{plugin.type} makes the interface a second time; {makers[0].type} has made it"
        yield Hit(_type_label(plugin), message, manual("put it into a network of its own"))


@network_rule("CNI303", "same-plugin-twice", Severity.WARNING)
def same_plugin_twice(network: NetworkView) -> Iterator[Hit]:
    """A chained plugin stands in the list twice.

    Why:
        Rules and queues are named after network and container, so the second run meets what the first one made:
        bandwidth fails for every pod with a limit, "create qdisc: file exists", and portmap writes its rules again.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "portmap", "capabilities": {"portMappings": true}},
          {"type": "portmap", "capabilities": {"portMappings": true}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "portmap", "capabilities": {"portMappings": true}}]}
    Fix:
        Keep one of them.
    Reference:
        containernetworking/plugins, portmap and bandwidth
    """
    seen: set[str] = set()
    for plugin in network.plugins:
        facts = _facts(plugin)
        if facts is None or facts.vendor or facts.role != "chained" or plugin.type in (None, "vrf"):
            continue  # vrf after vrf is refused, which is another finding
        if plugin.type in seen:
            message = f"{plugin.type} is in the list already"
            yield Hit(_type_label(plugin), message, manual("keep one of the two"))
        seen.add(plugin.type)


@plugin_rule("CNI304", "unused-capability", Severity.WARNING)
def unused_capability(plugin: PluginView) -> Iterator[Hit]:
    """A plugin declares a capability that it does not read.

    Why:
        The runtime hands the value over and the plugin passes over it: the port, limit or address that a pod asks for
        has no effect, and nothing says so.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "capabilities": {"portMappings": true}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge"}, {"type": "portmap", "capabilities": {"portMappings": true}}]}
    Fix:
        Declare the capability on the plugin that reads it.
    Reference:
        CNI conventions, "Dynamic Plugin specific fields (Capabilities / Runtime Configuration)"
    """
    facts = _facts(plugin)
    if facts is None or facts.vendor or (plugin.ipam_type and not is_reference(plugin.ipam_type)):
        return  # what it reads is not known for certain
    if plugin.ipam_type is None and given(plugin.node, "ipam") and value_at(plugin.node, "ipam").value:
        return  # nor is it where the IPAM plugin is not named as it must be, which is reported as such
    ipam = plugin_facts(plugin.ipam_type or "")
    known = facts.capabilities | (ipam.capabilities if ipam else frozenset())
    declared = plugin.value_of("capabilities")
    unread = plugin.capabilities - known
    said = {hit.label for hit in _undeclared_ones(plugin)} if unread else set()
    for member in declared if isinstance(declared, ObjectNode) else ():
        if member.name in unread and member.label not in said:
            message = f'{plugin.type} does not read the capability "{member.name}"'
            yield Hit(member.label, message, safe("remove it here"))


def _undeclared_ones(plugin: PluginView) -> Iterator[Hit]:
    """What is said of capabilities that a plugin must declare."""
    if plugin.type == "portmap":
        yield from portmap_without_capability(plugin)
    elif plugin.type == "bandwidth":
        yield from bandwidth_without_limits(plugin)


@plugin_rule("CNI305", "portmap-without-capability", Severity.ERROR, "portmap")
def portmap_without_capability(plugin: PluginView) -> Iterator[Hit]:
    """portmap does not declare the capability portMappings.

    Why:
        Runtimes hand port mappings only to plugins that ask for them. Without the declaration portmap is run, finds
        nothing to do and succeeds: every hostPort of every pod silently does nothing.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}, {"type": "portmap"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge"}, {"type": "portmap", "capabilities": {"portMappings": true}}]}
    Fix:
        Add "capabilities": {"portMappings": true}.
    Reference:
        Kubernetes documentation, "Network Plugins", section "Support hostPort"
    """
    # Ports of a stored runtimeConfig do reach the plugin, for every pod the same.
    if "portMappings" in plugin.capabilities or given(plugin.node, "runtimeConfig") or _is_refused(plugin):
        return
    message = 'portmap does not declare the capability "portMappings", so every hostPort is silently ignored'
    yield _undeclared(plugin, "portMappings", message)


def _undeclared(plugin: PluginView, capability: str, message: str) -> Hit:
    """What is yielded about a capability that is not declared: at the misspelt one, if there is one."""
    declared, facts = plugin.value_of("capabilities"), _facts(plugin)
    if facts is not None and isinstance(declared, ObjectNode) and capability not in declared:
        member = meant_for(declared, capability, facts.capabilities)
        if member is not None and member.node.value is True:
            fix = safe(f'write "{capability}"', rename_key(member, capability))
            return Hit(member.label, f'{message}; did you mean "{capability}" by "{member.name}"?', fix)
    return Hit(plugin.node.label, message, _declare(plugin, capability))


def _declare(plugin: PluginView, capability: str) -> Fix:
    """The fix that declares a capability; a person has to decide where it is switched off."""
    edits = add_capability(plugin, capability)
    description = f'add "capabilities": {{"{capability}": true}}'
    return safe(description, *edits) if edits else manual(description)


def _is_refused(plugin: PluginView) -> bool:
    """Whether what stands under ``capabilities`` is no such thing, which is reported already."""
    declared = plugin.value_of("capabilities")
    if declared is None or declared.kind == "null":
        return False
    wrong = (member.node.kind not in ("boolean", "null") for member in getattr(declared, "members", ()))
    return declared.kind != "object" or any(wrong)


_LIMITS = ("ingressRate", "ingressBurst", "egressRate", "egressBurst")


@plugin_rule("CNI306", "bandwidth-without-limits", Severity.WARNING, "bandwidth")
def bandwidth_without_limits(plugin: PluginView) -> Iterator[Hit]:
    """bandwidth has neither limits of its own nor the capability to be given any.

    Why:
        Runtimes hand a pod's limits only to plugins that ask for them. As it stands the plugin never limits anything,
        whatever the annotations of a pod say.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}, {"type": "bandwidth"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge"}, {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}
    Fix:
        Add "capabilities": {"bandwidth": true}.
    Reference:
        Kubernetes documentation, "Network Plugins", section "Support traffic shaping"
    """
    if (
        _is_refused(plugin)
        or "bandwidth" in plugin.capabilities
        or given(plugin.node, "runtimeConfig")
        or any(value_at(plugin.node, key).value != 0 for key in _LIMITS if given(plugin.node, key))
    ):
        return
    message = 'bandwidth has no limits and does not declare the capability "bandwidth": it does nothing'
    yield _undeclared(plugin, "bandwidth", message)


@plugin_rule("CNI307", "bandwidth-limits-win", Severity.WARNING, "bandwidth")
def bandwidth_limits_win(plugin: PluginView) -> Iterator[Hit]:
    """bandwidth has limits of its own and asks the runtime for some too.

    Why:
        The limits in the file win and those of the runtime are not looked at: the annotations of a pod have no effect.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "bandwidth", "ingressRate": 10000000, "ingressBurst": 80000000,
           "capabilities": {"bandwidth": true}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}
    Fix:
        Keep the limits in the file, or the capability.
    Reference:
        containernetworking/plugins, bandwidth, function getBandwidth
    """
    first = next((member for key in _LIMITS if (member := plugin.node.folded(key)) and given(plugin.node, key)), None)
    if first is not None and "bandwidth" in plugin.capabilities:
        message = f'"{first.name}" in the file wins over what the capability "bandwidth" brings'
        yield Hit(first.label, message, manual("keep the limits, or the capability"))


@plugin_rule("CNI308", "ipam-in-chained-plugin", Severity.WARNING)
def ipam_in_chained_plugin(plugin: PluginView) -> Iterator[Hit]:
    """A plugin that gives out no addresses has an ipam entry.

    Why:
        Only plugins that make an interface call an IPAM plugin; here the entry is passed over.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "portmap", "capabilities": {"portMappings": true}, "ipam": {"type": "dhcp"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "dhcp"}},
          {"type": "portmap", "capabilities": {"portMappings": true}}]}
    Fix:
        Move the entry to the plugin that makes the interface.
    Reference:
        CNI spec 1.1.0, section 4 "Plugin Delegation"
    """
    facts = _facts(plugin)
    member = plugin.node.folded("ipam")
    # An empty entry is what a program writes that has one in its data structure.
    if (
        facts is not None
        and facts.ipam == "none"
        and member is not None
        and member.node.kind == "object"
        and member.node.value
    ):
        message = f"{plugin.type} gives out no addresses and passes over its ipam"
        yield Hit(member.label, message, manual("move it to the plugin that makes the interface, or remove it"))
