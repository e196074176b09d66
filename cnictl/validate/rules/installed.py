"""CNI701 to CNI704: the installed plugins, when they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.version import SpecVersion
from cnictl.model.view import items_at
from cnictl.report.finding import Severity
from cnictl.schema import is_reference
from cnictl.text.node import ObjectNode
from cnictl.validate.registry import Hit, manual, unsafe, use_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.text.node import Member
    from cnictl.validate.installed import Use


@use_rule("CNI701", "plugin-not-installed", Severity.ERROR)
def plugin_not_installed(use: Use) -> Iterator[Hit]:
    """The config names a plugin of which no executable is installed.

    Why:
        Runtimes look for it when the first pod starts: 'failed to find plugin "..." in path [/opt/cni/bin]'. CRI-O
        passes over the whole network.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridgge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Install the plugin, correct its name, or name the directory it is in with --bin-dir.
    Reference:
        CNI spec 1.1.0, section 2 "Execution Protocol"
    """
    if use.installed.missing is not None:
        yield Hit(use.node.label, use.installed.missing, manual(use.installed.hint or "install it"))


@use_rule("CNI702", "version-not-installed", Severity.ERROR)
def version_not_installed(use: Use) -> Iterator[Hit]:
    """The installed plugin does not speak the config's spec version.

    Why:
        The plugin answers code 1 "incompatible CNI versions" for every pod. Distributions ship plugins that are older
        than the documentation: Debian 12 has 1.1.1, which does not know spec 1.1.0.
    Bad: 10-net.conflist
        {"cniVersion": "1.1.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Install a newer release of the plugin, or lower "cniVersion".
    Reference:
        CNI spec 1.1.0, section 2 "VERSION"
    """
    wanted = use.plugin.network.version
    spoken = use.installed.versions
    if wanted is None or not spoken or str(wanted) in spoken:
        return
    known = [version for text in spoken if (version := SpecVersion.of(text))]
    newest = max(known, default=None)
    message = f"the installed {use.type} does not speak spec {wanted}; it speaks {', '.join(spoken)}"
    way_out = f'install a newer {use.type}, or lower "cniVersion" to {newest}'
    if newest is None or newest > wanted:
        way_out = f'raise "cniVersion" to {newest}' if newest else f"install a {use.type} that speaks it"
    yield Hit(use.node.label, message, unsafe(way_out), {"supportedVersions": list(spoken)})


@use_rule("CNI703", "plugin-silent", Severity.ERROR)
def plugin_silent(use: Use) -> Iterator[Hit]:
    """The installed plugin does not say which versions it speaks.

    Why:
        What cannot answer VERSION, the simplest of all questions, will not set up a network: the file is no plugin, is
        damaged, or was built for another kind of machine.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "no-plugin-at-all"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Install the plugin anew.
    Reference:
        CNI spec 1.1.0, section 2 "VERSION"
    """
    if use.installed.silent is not None:
        yield Hit(use.node.label, use.installed.silent, manual(use.installed.hint or f"install {use.type} anew"))


_SINCE_1_6 = {
    "bridge": ("ipMasqBackend", "portIsolation"),
    "ptp": ("ipMasqBackend",),
    "portmap": ("backend",),
    "macvlan": ("bcqueuelen",),
    "sbr": ("table", "gateways", "addSourceHints"),
    "dhcp": ("priority",),
}
"""Keys that releases before plugins v1.6.0 do not read, by plugin type."""

_OF_ROUTES = ("priority", "table", "scope")
"""The same for routes; what else they have of that release no plugin sets anyway."""


@use_rule("CNI704", "key-newer-than-plugin", Severity.WARNING)
def key_newer_than_plugin(use: Use) -> Iterator[Hit]:
    """The installed plugin is older than a key that it is given.

    A reference plugin that does not speak spec 1.1.0 is older than v1.6.0.

    Why:
        Old plugins pass over keys that they do not know. Whoever wrote it believes that it works. A policy that it does
        not know firewall refuses for every pod: "unknown ingress policy".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "portIsolation": true}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true}]}
    Fix:
        Install plugins v1.6.0 or newer, or leave the key out.
    Reference:
        containernetworking/plugins, release notes of v1.6.0
    """
    spoken, holder = use.installed.versions, use.node.parent
    if not spoken or str(SpecVersion.V1_1_0) in spoken or not isinstance(holder, ObjectNode):
        return
    for member in _newer_members(use.type, holder) if is_reference(use.type) else ():
        message = f'the installed {use.type} is older than v1.6.0 and passes over "{member.name}"'
        yield Hit(member.label, message, manual(f"install a newer {use.type}, or leave the key out"))
    policy = holder.folded("ingressPolicy") if use.type == "firewall" else None
    if policy is not None and policy.node.value == "isolated":
        message = 'the installed firewall is older than v1.6.0 and refuses the policy "isolated" of v1.7.0'
        yield Hit(policy.node.label, message, manual('install a newer firewall, or write "same-bridge"'))


def _newer_members(name: str, holder: ObjectNode) -> Iterator[Member]:
    """The keys in a plugin's object that releases before v1.6.0 do not read."""
    routes = items_at(holder, "routes") if name in ("host-local", "static") else []
    keys = [(holder, key) for key in _SINCE_1_6.get(name, ())]
    keys += [(route, key) for route in routes if isinstance(route, ObjectNode) for key in _OF_ROUTES]
    for node, key in keys:
        member = node.folded(key)
        if member is not None and member.node.value not in (None, False):
            yield member
