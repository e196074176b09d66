"""CNI117 to CNI122: keys that are read, but not as their author thinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.structure import FLAGS, LIST_KEYS
from cnictl.model.version import SpecVersion
from cnictl.report.finding import Severity
from cnictl.text.change import rename_key, replace_value
from cnictl.text.suggest import certain, closest
from cnictl.validate.registry import Hit, manual, network_rule, plugin_rule, safe, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView


@network_rule("CNI117", "flag-as-string", Severity.WARNING)
def flag_as_string(network: NetworkView) -> Iterator[Hit]:
    """A flag of the list is written as a string.

    Why:
        libcni takes the strings "true" and "false" for flags, because the text of spec 0.4.0 typed disableCheck as a
        string. Other readers of the file do not.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": "true", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "bridge"}]}
    Fix:
        Write true or false without quotes.
    Reference:
        containernetworking/cni issue 877
    """
    for flag in FLAGS if network.is_list else ():
        node = network.node.at([flag])
        text = str(node.value)
        if node.kind == "string" and text.lower() in ("true", "false"):
            message = f'"{flag}" is a string, and it should be {text.lower()} without quotes'
            right = replace_value(node, text.lower() == "true")
            yield Hit(node.label, message, safe(f"write {text.lower()}", right))


@network_rule("CNI118", "unknown-list-key", Severity.WARNING)
def unknown_list_key(network: NetworkView) -> Iterator[Hit]:
    """A key at the top of the list looks like a misspelt one.

    Only keys that are close to a known one are reported: others are passed over by libcni and may be meant for another
    program.

    Why:
        Keys at the top of a list are found by their exact spelling, letter case included. A misspelt one has no effect
        and nobody is told.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disablecheck": true, "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "bridge"}]}
    Fix:
        Correct the spelling.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"
    """
    if not network.is_list:
        return
    for member in network.node:
        meant = closest(member.name, LIST_KEYS) if member.name not in LIST_KEYS else None
        # The absence of the three that are left out is reported already.
        if meant and meant not in network.node and meant not in ("name", "plugins", "cniVersion"):
            message = f'the key "{member.name}" is not read; did you mean "{meant}"?'
            # Which versions are offered, and whose plugins are taken, is no matter of spelling.
            sure = certain(member.name, LIST_KEYS) == meant and meant in ("disableCheck", "disableGC")
            fix = safe(f'write "{meant}"', rename_key(member, meant)) if sure else unsafe(f'write "{meant}"')
            yield Hit(member.label, message, fix)


_SINCE = {"cniVersions": SpecVersion.V1_1_0, "disableCheck": SpecVersion.V0_4_0}


@network_rule("CNI119", "key-newer-than-version", Severity.NOTE)
def key_newer_than_version(network: NetworkView) -> Iterator[Hit]:
    """A key at the top of the list is newer than the config's spec version.

    Why:
        Runtimes whose CNI library is as old as the version that the config names do not read the key.
    Bad: 10-net.conflist
        {"cniVersion": "0.3.1", "name": "pods", "disableCheck": true, "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "0.4.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "bridge"}]}
    Fix:
        Raise "cniVersion", or remove the key.
    Reference:
        CNI spec 0.4.0 and 1.1.0, section 1
    """
    if not network.is_list or network.version is None:
        return
    for key, since in _SINCE.items():
        member = network.node.member(key)
        if member is not None and network.version < since:
            message = f'"{key}" is part of the spec since {since}, and the config says {network.version}'
            yield Hit(member.label, message, manual(f'raise "cniVersion" to {since} if your plugins speak it'))


@network_rule("CNI120", "list-and-single", Severity.WARNING)
def list_and_single(network: NetworkView) -> Iterator[Hit]:
    """The document is a list and a single plugin at once.

    Why:
        Whether "plugins" or "type" counts depends on the file's name and on who reads it; the other half is passed
        over.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "type": "bridge", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Move what stands beside "plugins" into an entry of the list.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"
    """
    member = network.node.folded("type") if network.is_list else None
    if member is not None:
        message = f'"{member.name}" stands beside "plugins": a file is a list or a single plugin'
        yield Hit(member.label, message, manual("move it into the plugin's entry, or remove it"))


@plugin_rule("CNI121", "nested-name-or-version", Severity.NOTE)
def nested_name_or_version(plugin: PluginView) -> Iterator[Hit]:
    """An entry of the list has a name or version of its own that differs from the list's.

    Why:
        The list's values replace them before the plugin sees them, so they mislead whoever reads the file.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "cniVersion": "0.3.1"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Remove the entry's own value.
    Reference:
        CNI spec 1.1.0, section 3 "Deriving execution configuration from plugin configuration"
    """
    if plugin.index is None:
        return
    for key in ("name", "cniVersion"):
        member = plugin.node.member(key)
        outer = plugin.network.node.child(key)
        if member is not None and outer is not None and member.node.value != outer.value:
            message = f'the plugin\'s own "{key}" is replaced by the list\'s, "{outer.value}"'
            yield Hit(member.label, message, safe("remove it"))


@plugin_rule("CNI122", "runtime-owned-key", Severity.WARNING)
def runtime_owned_key(plugin: PluginView) -> Iterator[Hit]:
    """A key that the runtime writes is stored in the file.

    Why:
        "prevResult" and "runtimeConfig" belong to one container. Stored in the file they reach every pod: addresses and
        ports of one end up in all. Keys that begin with "cni.dev/" are reserved by the spec.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "runtimeConfig": {"mac": "0a:58:0a:01:00:05"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "capabilities": {"mac": true}}]}
    Fix:
        Remove the key, and declare a capability for what the runtime should hand on.
    Reference:
        CNI spec 1.1.0, section 1 "Plugin configuration objects"
    """
    for member in plugin.node:
        reserved = member.name.startswith("cni.dev/")
        if reserved or (member.name in ("prevResult", "runtimeConfig") and member.node.kind == "object"):
            owner = "reserved by the spec" if reserved else "written by the runtime for each container"
            yield Hit(member.label, f'"{member.name}" is {owner}', manual("remove it"))
