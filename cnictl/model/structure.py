"""What libcni refuses to load, and what no plugin accepts: the faults that end a network before it begins.

One list serves both sides: `cnictl.validate` reports every fault as a finding, and
`cnictl.model.network` refuses to build a runnable network at the first one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cnictl.model.names import network_name_fault, plugin_type_fault
from cnictl.model.version import NEWEST, SpecVersion, names
from cnictl.model.view import NetworkView, PluginView, top_level, view
from cnictl.text.change import replace_value
from cnictl.text.node import ArrayNode, Label, Node, ObjectNode
from cnictl.text.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.text.document import Document
    from cnictl.text.edit import Edit

LIST_KEYS = ("cniVersion", "cniVersions", "name", "plugins", "disableCheck", "disableGC", "loadOnlyInlinedPlugins")
"""The keys that the spec knows at the top of a list."""

FLAGS = ("disableCheck", "disableGC", "loadOnlyInlinedPlugins")

_FULL = r"[0-9]+\.[0-9]+\.[0-9]+"
_PARTIAL = r"[0-9]+(\.[0-9]+){0,2}"


class Fault(NamedTuple):
    """A reason to refuse a config."""

    kind: str
    """What it is, such as ``name-missing``; also the name of the finding that reports it."""
    label: Label
    message: str
    """One sentence about this very value."""
    fix: str
    """What to do about it."""
    edits: tuple[Edit, ...] = ()
    """What to change in the text, where only one thing can have been meant."""


def structure_faults(document: Document) -> Iterator[Fault]:
    """Every fault of a config, the outermost first; one fault for one cause.

    Args:
        document: A complete document.
    """
    root = document.root
    network = view(document)
    if network is not None:
        yield from _network_faults(network)
    elif root is not None:
        message = f"a network config is an object, and this is {_a(root)}"
        yield Fault("not-an-object", root.label, message, "write { ... } around a config, one config to a file")


def _network_faults(network: NetworkView) -> Iterator[Fault]:
    root = network.node
    if network.is_list:
        yield from _list_faults(network)
    elif root.folded("type"):
        yield from _name_faults(root)
        yield from _version_faults(root)
        yield from _entry_faults(network, root)
    else:
        yield _no_plugins(root)


def _list_faults(network: NetworkView) -> Iterator[Fault]:
    root = network.node
    yield from _name_faults(root)
    yield from _version_faults(root)
    yield from _versions_faults(root)
    for flag in FLAGS:
        yield from _flag_faults(root, flag)
    plugins = root.at(["plugins"])
    if not isinstance(plugins, ArrayNode):
        message = f'"plugins" must be an array, and this is {_a(plugins)}'
        yield Fault("plugins-not-an-array", plugins.label, message, "write [ ... ] around the plugin")
        return
    if not plugins.items:
        yield Fault("plugins-empty", plugins.label, '"plugins" is empty', "add at least one plugin")
    for node in plugins.items:
        yield from _entry_faults(network, node)


def _no_plugins(root: ObjectNode) -> Fault:
    """The one fault of an object that is neither a list nor a plugin."""
    for wanted in ("plugins", "type"):
        meant = _meant(root, wanted)
        if meant:
            return Fault("plugins-missing", *meant)
    message = 'this is no network config: it has neither "plugins" (a list) nor "type" (a single plugin)'
    return Fault("plugins-missing", root.label, message, 'add "plugins": [ ... ]')


def _name_faults(root: ObjectNode) -> Iterator[Fault]:
    name = top_level(root, "name")
    if name is None:
        message = 'the network has no "name"'
        label, message, fix = _meant(root, "name") or (root.label, message, 'add "name": "..."')
        yield Fault("name-missing", label, message, fix)
    elif name.kind != "string":
        message = f'"name" must be a string, and this is {_a(name)}'
        yield Fault("name-invalid", name.label, message, "put the name in quotes")
    else:
        reason = network_name_fault(name.value)
        if reason:
            yield Fault("name-invalid", name.label, reason, "rename the network; letters, digits and - are safe")


def _version_faults(root: ObjectNode) -> Iterator[Fault]:
    version = top_level(root, "cniVersion")
    if version is None or (version.kind == "null" and "plugins" not in root):
        return
    if version.kind != "string":
        message = f'"cniVersion" must be a string, and this is {_a(version)}'
        yield Fault("version-malformed", version.label, message, 'write it in quotes, such as "1.0.0"')
    elif not version.value or SpecVersion.of(version.value):
        return  # the empty string is read as absent, by libcni and by every plugin
    elif not re.fullmatch(_FULL, version.value):
        message = f'"{version.value}" is not a spec version, which has three numbers: 1.0.0'
        yield Fault("version-malformed", version.label, message, *_version_fix(version))
    elif "plugins" not in root or not any(SpecVersion.of(item.value) for item in _strings(root.child("cniVersions"))):
        message = f"there is no CNI spec {version.value}; the versions are {names()}"
        yield Fault("version-unknown", version.label, message, *_version_fix(version))


def _version_fix(node: Node) -> tuple[str, tuple[Edit, ...]]:
    """The published version that was most likely meant; with the edit when its numbers are the same."""
    digits = re.findall(r"[0-9]+", node.value)
    padded = ".".join([*digits, "0", "0"][:3])
    meant = SpecVersion.of(padded) if digits and any(int(digit) for digit in digits) else None
    if meant is not None:
        certain = len(digits) <= len(SpecVersion.V1_0_0.value.split("."))
        return f'write "{meant}"', (replace_value(node, str(meant)),) if certain else ()
    near = next((version for version in SpecVersion if sorted(version.value) == sorted(padded)), None)
    if near is not None and digits and near >= SpecVersion.V0_3_0:
        return f'write "{near}"', ()
    return 'write "1.0.0", which every current runtime and plugin speaks', ()


def _versions_faults(root: ObjectNode) -> Iterator[Fault]:
    versions = root.child("cniVersions")
    if versions is None:
        return
    if not isinstance(versions, ArrayNode):
        message = f'"cniVersions" must be an array of versions, and this is {_a(versions)}'
        yield Fault("versions-invalid", versions.label, message, "write [ ... ] around the versions")
        return
    wrong = [item for item in versions.items if not _is_version(item)]
    for item in wrong:
        shown = f'"{item.value}"' if item.kind == "string" else _a(item)
        message = f'each entry of "cniVersions" must be a version, and this is {shown}'
        yield Fault("versions-invalid", item.label, message, 'write it like "1.0.0"')
    if not wrong:
        yield from _choice_faults(root, versions)


def _choice_faults(root: ObjectNode, versions: ArrayNode) -> Iterator[Fault]:
    """The version that libcni chooses of those that are offered, when it is none that was published.

    It compares numbers, leaves out what is newer than it knows, and hands on what it has chosen as it is written.
    """
    declared = root.child("cniVersion")
    offered = [item for item in (declared, *versions.items) if item is not None and _is_version(item)]
    known = [item for item in offered if _rank(item.value) <= _rank(NEWEST.value)]
    best = max((_rank(item.value) for item in known), default=None)
    choice = [item for item in known if _rank(item.value) == best]
    if choice and choice[-1] is not declared and not any(SpecVersion.of(item.value) for item in choice):
        message = f"of these versions runtimes choose {choice[-1].value}, and there is no such CNI spec"
        yield Fault("version-unknown", choice[-1].label, message, *_version_fix(choice[-1]))


def _is_version(node: Node) -> bool:
    return node.kind == "string" and re.fullmatch(_PARTIAL, node.value) is not None


def _rank(version: str) -> list[tuple[int, str]]:
    """What compares as the numbers of a version do, however long they are; those that are left out are 0."""
    numbers = [number.lstrip("0") for number in [*version.split("."), "0", "0"][:3]]
    return [(len(number), number) for number in numbers]


def _flag_faults(root: ObjectNode, flag: str) -> Iterator[Fault]:
    node = root.child(flag)
    if node is None or node.kind == "boolean":
        return
    if node.kind == "string" and node.value.lower() in ("true", "false"):
        return
    message = f'"{flag}" must be true or false, and this is {_a(node)}'
    yield Fault("flag-invalid", node.label, message, "write true or false, without quotes")


def _entry_faults(network: NetworkView, node: Node) -> Iterator[Fault]:
    if not isinstance(node, ObjectNode):
        message = f"a plugin is an object, and this is {_a(node)}"
        yield Fault("plugin-not-an-object", node.label, message, 'write {"type": "..."}')
        return
    plugin = PluginView(node, network)
    yield from _type_faults(plugin)
    yield from _capability_faults(plugin)
    yield from _ipam_faults(plugin)
    yield from _dns_faults(plugin)
    previous = plugin.value_of("prevResult")
    if previous is not None and previous.kind not in ("object", "null"):
        message = f'"prevResult" must be an object, and this is {_a(previous)}'
        yield Fault("prev-result-invalid", previous.label, message, "remove it: the runtime writes it")


def _type_faults(plugin: PluginView) -> Iterator[Fault]:
    node = plugin.value_of("type")
    if node is None or node.kind == "null":
        message = 'the plugin has no "type"'
        label, message, fix = _meant(plugin.node, "type") or (plugin.node.label, message, 'add "type": "..."')
        yield Fault("type-missing", label, message, fix)
    elif node.kind != "string":
        message = f'"type" must be a string, and this is {_a(node)}'
        yield Fault("type-invalid", node.label, message, "write the name of the plugin's executable")
    else:
        reason = plugin_type_fault(node.value)
        if reason:
            yield Fault("type-invalid", node.label, reason, "write the bare name of the plugin's executable")


def _capability_faults(plugin: PluginView) -> Iterator[Fault]:
    node = plugin.value_of("capabilities")
    if node is None or node.kind == "null":
        return
    if not isinstance(node, ObjectNode):
        message = f'"capabilities" must be an object such as {{"portMappings": true}}, and this is {_a(node)}'
        yield Fault("capabilities-invalid", node.label, message, "write an object of names with true or false")
        return
    for member in node:
        if member.node.kind not in ("boolean", "null"):
            message = f'the capability "{member.name}" must be true or false, and this is {_a(member.node)}'
            meant = str(member.node.value).lower() if member.node.kind == "string" else ""
            edits = (replace_value(member.node, meant == "true"),) if meant in ("true", "false") else ()
            yield Fault("capabilities-invalid", member.node.label, message, "write true, without quotes", edits)


def _ipam_faults(plugin: PluginView) -> Iterator[Fault]:
    node = plugin.value_of("ipam")
    if node is None or node.kind == "null":
        return
    if not isinstance(node, ObjectNode):
        message = f'"ipam" must be an object, and this is {_a(node)}'
        yield Fault("ipam-invalid", node.label, message, 'write {"type": "host-local", ...}')
        return
    member = node.folded("type")
    if member is None or member.node.kind == "null":
        return
    if member.node.kind != "string":
        message = f'the "type" of "ipam" must be a string, and this is {_a(member.node)}'
        yield Fault("ipam-invalid", member.node.label, message, "write the name of the IPAM plugin")
    elif member.node.value:
        reason = plugin_type_fault(member.node.value)
        if reason:
            yield Fault("ipam-invalid", member.node.label, reason, "write the bare name of the IPAM plugin")


_DNS_SHAPES = {"nameservers": "array", "search": "array", "options": "array", "domain": "string"}


def _dns_faults(plugin: PluginView) -> Iterator[Fault]:
    node = plugin.value_of("dns")
    if node is None or node.kind == "null":
        return
    if not isinstance(node, ObjectNode):
        message = f'"dns" must be an object, and this is {_a(node)}'
        yield Fault("dns-invalid", node.label, message, 'write {"nameservers": [...], "search": [...]}')
        return
    for key, kind in _DNS_SHAPES.items():
        child = node.child(key)
        if child is not None and child.kind not in (kind, "null"):
            message = f'"{key}" must be {_ARTICLES[kind]}, and this is {_a(child)}'
            yield Fault("dns-invalid", child.label, message, f"write {_ARTICLES[kind]}")
        elif isinstance(child, ArrayNode):
            yield from _dns_entries(key, child)


def _dns_entries(key: str, array: ArrayNode) -> Iterator[Fault]:
    for item in array.items:
        if item.kind != "string":
            message = f'each entry of "{key}" must be a string, and this is {_a(item)}'
            yield Fault("dns-invalid", item.label, message, "put the entry in quotes")


def _meant(node: ObjectNode, wanted: str) -> tuple[Label, str, str] | None:
    """A key that was most likely meant to be ``wanted``: where it is, what to say, what to do."""
    unknown = [member for member in node if member.name not in LIST_KEYS and member.name != "type"]
    name = closest(wanted, [member.name for member in unknown])
    member = node.member(name) if name else None
    if member is None:
        return None
    return member.label, f'"{wanted}" is missing; "{name}" is not read as such', f'write "{wanted}"'


def _strings(node: Node | None) -> list[Node]:
    return [item for item in node.items if item.kind == "string"] if isinstance(node, ArrayNode) else []


_ARTICLES = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "a number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


def _a(node: Node) -> str:
    """What a node is, with its article."""
    return _ARTICLES[node.kind]
