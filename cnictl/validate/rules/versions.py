"""CNI2xx: versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.structure import LIST_KEYS
from cnictl.model.version import SpecVersion
from cnictl.model.view import top_level
from cnictl.report.finding import Severity
from cnictl.schema import plugin_facts
from cnictl.text.change import rename_key
from cnictl.text.suggest import closest
from cnictl.validate.mending import set_version, spoken_by_all
from cnictl.validate.registry import Hit, file_rule, manual, network_rule, plugin_rule, safe, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView
    from cnictl.report.finding import Fix
    from cnictl.validate.context import ConfigFile


def _faults(file: ConfigFile, kind: str) -> Iterator[Hit]:
    for fault in file.faults:
        if fault.kind == kind:
            fix = safe(fault.fix, *fault.edits) if fault.edits else unsafe(fault.fix)
            yield Hit(fault.label, fault.message, fix)


@network_rule("CNI201", "version-missing", Severity.WARNING)
def version_missing(network: NetworkView) -> Iterator[Hit]:
    """The config has no cniVersion.

    Why:
        It counts as 0.1.0: one address of each family, results without interfaces, no CHECK. Runtimes whose
        library is older than libcni 1.1.0 (containerd up to 1.6.3) then start pods and cannot remove them: 'invalid
        version "": the version is empty'.
    Bad: 10-net.conflist
        {"name": "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Add "cniVersion" with the newest version that all the plugins speak; "1.0.0" suits every current one.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"; containerd issue 4012
    """
    if network.assumed is not None or not (network.is_list or network.plugins):
        return
    node = network.node
    # libcni reads null as absent in a single plugin only; in a list it is refused, which is reported already.
    declared = top_level(node, "cniVersion")
    there = declared is not None and (network.is_list or declared.kind != "null")
    if declared is not None and there and declared.value != "":
        return
    if network.is_list and node.at(["cniVersions"]).kind not in ("null", "object"):
        message = '"cniVersions" is there without "cniVersion": older runtimes take 0.1.0'
        yield Hit(node.at(["cniVersions"]).label, message, manual('add "cniVersion" with the oldest of them'))
        return
    name = closest("cniVersion", [member.name for member in node if member.name not in LIST_KEYS])
    written = node.member(name) if name else None
    if written is not None:
        message = f'"cniVersion" is missing; "{written.name}" is not read as such'
        yield Hit(written.label, message, safe('write "cniVersion"', rename_key(written, "cniVersion")))
        return
    version = spoken_by_all(network)
    edits = set_version(network, version) if version else ()
    fix = safe(f'add "cniVersion": "{version}"', *edits) if edits else manual('add "cniVersion", such as "1.0.0"')
    yield Hit(network.version_node.label, 'the config has no "cniVersion" and counts as 0.1.0', fix)


@file_rule("CNI202", "version-malformed", Severity.ERROR)
def version_malformed(file: ConfigFile) -> Iterator[Hit]:
    """The cniVersion is not written as a version.

    Why:
        Versions are compared as exact strings: "1.0", "v1.0.0" and the number 1.0 are not "1.0.0". Plugins answer
        code 1 "incompatible CNI versions" or code 6; a DEL can fail to parse it, and the pod cannot be removed.
    Bad: 10-net.conflist
        {"cniVersion": "v1.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Write three numbers with dots between them, in quotes.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"
    """
    yield from _faults(file, "version-malformed")


@file_rule("CNI203", "version-unknown", Severity.ERROR)
def version_unknown(file: ConfigFile) -> Iterator[Hit]:
    """There is no such version of the CNI spec.

    Why:
        No plugin lists it among the versions that it speaks, so each answers code 1 "incompatible CNI versions" for
        every pod. Runtimes load the file all the same and report that the network is ready.
    Bad: 10-net.conflist
        {"cniVersion": "1.2.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Write one of 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0 and 1.1.0. The version of the spec is not that of the
        plugins or of the product.
    Reference:
        CNI spec 1.1.0, section "Version"
    """
    yield from _faults(file, "version-unknown")


@file_rule("CNI204", "versions-invalid", Severity.ERROR)
def versions_invalid(file: ConfigFile) -> Iterator[Hit]:
    """The list of offered versions has an entry that is no version.

    Why:
        libcni refuses the whole file: every entry of "cniVersions" must be a version, as a string.
    Bad: 10-net.conflist
        {"cniVersion": "1.1.0", "cniVersions": ["1.1.0", "latest"], "name": "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.1.0", "cniVersions": ["1.1.0", "1.0.0"], "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Write each version as three numbers with dots between them, in quotes.
    Reference:
        CNI spec 1.1.0, section 1 "Configuration format"
    """
    yield from _faults(file, "versions-invalid")


@network_rule("CNI205", "version-deprecated", Severity.WARNING)
def version_deprecated(network: NetworkView) -> Iterator[Hit]:
    """The spec version is older than lists of plugins.

    Why:
        0.1.0 and 0.2.0 know one address of each family, results do not name interfaces, and there is no CHECK. Plugins
        that need to know the interface, such as bandwidth and firewall, refuse these versions.
    Bad: 10-net.conflist
        {"cniVersion": "0.2.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}
    Fix:
        Raise "cniVersion"; "1.0.0" suits every current plugin.
    Reference:
        CNI spec 0.3.0, section "Network Configuration Lists"
    """
    # A delegate of multus that declares none has the version of multus, which is judged by itself.
    own = network.declared or network.node is network.document.root
    if own and network.version_text and network.version and network.version < SpecVersion.V0_3_0:
        message = f"{network.version} is from before lists of plugins (0.3.0)"
        yield Hit(network.version_node.label, message, _to_what_all_speak(network))


@plugin_rule("CNI206", "version-outside-plugin", Severity.ERROR)
def version_outside_plugin(plugin: PluginView) -> Iterator[Hit]:
    """A plugin of the chain, or one that it calls, does not speak the config's spec version in any release.

    Why:
        The plugin answers code 1 "incompatible CNI versions" for every pod. An IPAM plugin is given the version of the
        config too.
    Bad: 10-net.conflist
        {"cniVersion": "0.2.0", "name": "pods", "plugins": [
          {"type": "bridge"}, {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge"}, {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}
    Fix:
        Choose a version that every plugin of the chain speaks.
    Reference:
        containernetworking/plugins, the supported versions in each plugin's main function
    """
    network = plugin.network
    version = network.version
    for name, node in plugin.executables():
        unspoken = _unspoken(name, version) if version is not None else None
        if unspoken is not None:
            speaks, otherwise = unspoken
            config = "the config says" if network.version_text else 'without "cniVersion" the config counts as'
            message = f"{name} speaks spec {speaks}, and {config} {version}"
            yield Hit(node.label, message, _to_what_all_speak(network, otherwise))
            return  # what it calls, such as an IPAM plugin, is not even run


def _unspoken(name: str, version: SpecVersion) -> tuple[str, str] | None:
    """What a plugin speaks in place of a version, and what to do about it; ``None`` when it may well speak it."""
    facts = plugin_facts(name)
    if facts is not None and version < facts.oldest:
        return f"{facts.oldest} and newer", f'raise "cniVersion" to {facts.oldest} or newer'
    if facts is not None and facts.newest is not None and version > facts.newest:
        return f"{facts.newest} and older", f'lower "cniVersion" to {facts.newest}'
    return None


def _to_what_all_speak(network: NetworkView, otherwise: str = "raise it") -> Fix:
    """The fix that declares the newest version up to 1.0.0 that every plugin of the chain speaks."""
    version = spoken_by_all(network)
    edits = set_version(network, version) if version and network.assumed is None else ()
    return safe(f'write "cniVersion": "{version}"', *edits) if edits else unsafe(otherwise)
