"""What each plugin of a chain reads on its stdin (CNI spec 1.1.0, section 3, "Deriving execution configuration")."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cnictl.model.attachment import Attachment
    from cnictl.model.network import NetworkConfigList, PluginConfig


GC_KEYS = ("cni.dev/valid-attachments", "cni.dev/attachments")
"""Where GC finds what is valid: as the spec spells it since its correction, and as the text of 1.1.0 does."""


def plugin_stdin(
    network: NetworkConfigList,
    plugin: PluginConfig,
    attachment: Attachment | None = None,
    prev_result: Mapping[str, Any] | None = None,
    valid: Iterable[Attachment] | None = None,
) -> bytes:
    """The execution configuration of one plugin.

    It is the plugin's object as written, with the list's ``name`` and ``cniVersion``, without
    ``capabilities``, and with ``runtimeConfig``, ``prevResult`` and the valid attachments where there are any. Keys
    are sorted, so that the same question is always the same bytes; integers stay exact.

    Args:
        network: The network.
        plugin: One of its plugins.
        attachment: Whose capability arguments to hand on; ``None`` for GC and STATUS.
        prev_result: The result so far, in the network's version.
        valid: What GC must leave alone; ``None`` for the other verbs.
    """
    data = {key: value for key, value in plugin.data.items() if key != "capabilities"}
    data |= {"name": network.name, "cniVersion": str(network.version)}
    runtime_config = capability_args(plugin, attachment) if attachment else {}
    if runtime_config:
        data["runtimeConfig"] = runtime_config
    if prev_result is not None:
        data["prevResult"] = prev_result
    if valid is not None:
        kept = [{"containerID": each.container_id, "ifname": each.ifname} for each in valid]
        data |= dict.fromkeys(GC_KEYS, kept)
    return compact_json(data)


def capability_args(plugin: PluginConfig, attachment: Attachment) -> dict[str, Any]:
    """The arguments for the capabilities that the plugin declares and the caller has."""
    return {name: value for name, value in attachment.capability_args.items() if name in plugin.capabilities}


def unclaimed_capabilities(network: NetworkConfigList, attachment: Attachment) -> list[str]:
    """The capabilities that were asked for and that no plugin of the chain declares."""
    declared = {name for plugin in network.plugins for name in plugin.capabilities}
    return [name for name in attachment.capability_args if name not in declared]


_GO_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def compact_json(data: object) -> bytes:
    """JSON as Go's encoder writes it: compact, sorted keys, ``<``, ``>`` and ``&`` escaped."""
    text = json.dumps(data, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return text.translate(_GO_ESCAPES).encode(errors="replace")
