"""What runtimes make of a config directory, as JSON: ``cnictl.networks/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render.shape import error_shape, write_json

if TYPE_CHECKING:
    from cnictl.render.networks import ConfigEntry, Selection
    from cnictl.render.paper import Paper


def render(selection: Selection, paper: Paper) -> None:
    """Writes the selection as one JSON document (``schemas/output/networks.schema.json``)."""
    document = {
        "schema": "cnictl.networks/1",
        "directory": selection.directory,
        "runtimes": [runtime.value for runtime in selection.runtimes],
        "without": [runtime.value for runtime in selection.without],
        "files": [_entry(entry, selection) for entry in selection.entries],
        "errors": [error_shape(error) for error in selection.errors],
    }
    write_json(document, paper.stream)


def _entry(entry: ConfigEntry, selection: Selection) -> dict[str, Any]:
    verdicts = {
        runtime.value: {
            "status": verdict.status,
            "default": selection.defaults[runtime] == entry.name,
            "reason": verdict.reason,
        }
        for runtime, verdict in entry.verdicts.items()
    }
    return {
        "name": entry.name,
        "network": entry.network,
        "cniVersion": entry.version,
        "plugins": list(entry.plugins),
        "dropIns": list(entry.drop_ins),
        "readable": not entry.is_unread,
        "verdicts": verdicts,
    }
