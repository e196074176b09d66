"""CNI325 and CNI450 to CNI452: names of plugins, keys, interfaces and devices that were most likely misspelt."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cnictl.model.view import string_at, value_at
from cnictl.report.finding import Severity
from cnictl.schema import known_types, plugin_facts, plugin_schema
from cnictl.text.suggest import is_one_edit
from cnictl.validate.registry import Hit, manual, plugin_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import Node, ObjectNode


@plugin_rule("CNI325", "type-misspelt", Severity.WARNING)
def type_misspelt(plugin: PluginView) -> Iterator[Hit]:
    """No plugin of this type is known, and one with nearly the same name is.

    Why:
        The type is the name of an executable. When there is none every pod fails: 'failed to find plugin "brigde" in
        path [/opt/cni/bin]'.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "brigde", "isGateway": true}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true}]}
    Fix:
        Correct the type. If the plugin is your own, give its schema with --schema-dir, or ignore the code.
    Reference:
        CNI spec 1.1.0, section 1 "Plugin configuration objects"
    """
    for name, node in plugin.executables():
        if plugin_schema(name) is None:
            meant = _one_step_from(name)
            if meant is not None:
                message = f'no plugin {json.dumps(name)} is known; did you mean "{meant}"?'
                yield Hit(node.label, message, manual(f'write "{meant}"'))


def _one_step_from(name: str) -> str | None:
    """The known type that a name differs from by one letter, or by case and separators alone."""
    types = known_types()
    folded = _folded(name)
    return next((known for known in types if _folded(known) == folded), None) or next(
        (known for known in types if len(known) >= _LONG_ENOUGH and is_one_edit(name, known)), None
    )


_LONG_ENOUGH = 4
"""Shorter names are near to too many others."""


def _folded(name: str) -> str:
    return name.strip().casefold().replace("_", "-")


@plugin_rule("CNI450", "vendor-key-misspelt", Severity.NOTE)
def vendor_key_misspelt(plugin: PluginView) -> Iterator[Hit]:
    """A key of a vendor's plugin has nearly the name of a known one.

    What is known of such plugins may be incomplete, so other unknown keys are not reported.

    Why:
        Unknown keys are passed over without a word. Whoever wrote it believes that it works.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "calico", "datastore_typ": "kubernetes"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "calico", "datastore_type": "kubernetes"}]}
    Fix:
        Correct the spelling, if it is one that you meant.
    Reference:
        The documentation of the plugin
    """
    facts = plugin_facts(plugin.type or "")
    if facts is not None and facts.vendor and facts.role != "ipam":
        yield from _misspelt(plugin.type or "", plugin.node)
    ipam = plugin_facts(plugin.ipam_type or "")
    if plugin.ipam is not None and ipam is not None and ipam.vendor:
        yield from _misspelt(plugin.ipam_type or "", plugin.ipam)


def _misspelt(owner: str, node: ObjectNode) -> Iterator[Hit]:
    known = (plugin_schema(owner) or {}).get("properties", {})
    folded = {name.casefold() for name in known}
    for member in node:
        if member.name.casefold() in folded or member.name.startswith("_"):
            continue
        meant = next((name for name in known if is_one_edit(member.name, name)), None)
        if meant is not None and node.folded(meant) is None and len(meant) >= _SHORTEST_KEY:
            message = f'{owner} is not known to read "{member.name}"; did you mean "{meant}"?'
            yield Hit(member.label, message, manual(f'write "{meant}", if that is what you meant'))


_SHORTEST_KEY = 3


_NAMES_OF_INTERFACES = {
    "bridge": "bridge",
    "macvlan": "master",
    "ipvlan": "master",
    "vlan": "master",
    "host-device": "device",
}


_MOST_BYTES = 15
"""Of the name of an interface that is made; one of more characters is too long by its schema already."""


@plugin_rule("CNI451", "interface-name-invalid", Severity.ERROR, *_NAMES_OF_INTERFACES)
def interface_name_invalid(plugin: PluginView) -> Iterator[Hit]:
    """No network interface can have this name.

    Why:
        The kernel refuses names with a slash, a colon or white space in them, and "." and "..": every pod fails with
        "invalid argument", or with "Link not found" where the interface is to be there.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "bridge": "br/pods", "isGateway": true}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [
          {"type": "bridge", "bridge": "br-pods", "isGateway": true}]}
    Fix:
        Use letters, digits, hyphens, underscores and dots.
    Reference:
        Linux kernel, function dev_valid_name
    """
    key = _NAMES_OF_INTERFACES[plugin.type or ""]
    name = string_at(plugin.node, key)
    if name and (re.search(r"[/:\s\0]", name) or name in (".", "..")):
        message = f"no interface can be called {name!r}"
        yield Hit(value_at(plugin.node, key).label, message, manual("use letters, digits, dots, - and _"))
    elif name and key == "bridge" and len(name) <= _MOST_BYTES < len(name.encode(errors="replace")):
        message = f"{name!r} is longer than {_MOST_BYTES} bytes, and no interface can be called so"
        yield Hit(value_at(plugin.node, key).label, message, manual("use letters, digits, dots, - and _"))


_PCI = re.compile(r"[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]")


@plugin_rule("CNI452", "pci-address-invalid", Severity.ERROR, "host-device")
def pci_address_invalid(plugin: PluginView) -> Iterator[Hit]:
    """The PCI address is not written as the kernel writes it.

    Why:
        The plugin looks it up below /sys/bus/pci/devices, and every pod fails: "no such file or directory".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [{"type": "host-device", "pciBusID": "03:00.1"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [{"type": "host-device", "pciBusID": "0000:03:00.1"}]}
    Fix:
        Write domain, bus, device and function, as `ls /sys/bus/pci/devices` shows them.
    Reference:
        cni.dev, "host-device plugin"
    """
    address = string_at(plugin.node, "pciBusID")
    if address and not _PCI.fullmatch(address) and not _others(plugin.node):
        node: Node = value_at(plugin.node, "pciBusID")
        message = f'"{address}" is no PCI address such as 0000:03:00.1'
        fix = manual(f"write 0000:{address}" if _PCI.fullmatch(f"0000:{address}") else "write it as 0000:03:00.1")
        yield Hit(node.label, message, fix)


def _others(node: ObjectNode) -> bool:
    """Whether the device is named in a way that the plugin looks at first."""
    return any(string_at(node, key) for key in ("device", "hwaddr", "kernelpath"))
