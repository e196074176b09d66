"""The installed plugins as JSON: ``cnictl.plugins/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.render.plugins import PluginFile, PluginListing


def render(listing: PluginListing, paper: Paper) -> None:
    """Writes the listing as one JSON document (``schemas/output/plugins.schema.json``)."""
    document = {
        "schema": "cnictl.plugins/1",
        "directories": [{"path": path, "error": error} for path, error in listing.directories.items()],
        "plugins": [_plugin(plugin) for plugin in listing.plugins],
    }
    write_json(document, paper.stream)


def _plugin(plugin: PluginFile) -> dict[str, Any]:
    return {
        "type": plugin.type,
        "path": plugin.path,
        "status": plugin.status.value,
        "versions": list(plugin.versions),
        "verbs": list(plugin.verbs),
        "reason": plugin.reason or None,
        "hint": plugin.hint,
    }
