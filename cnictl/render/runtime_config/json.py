"""What is told to plugins about a Pod as JSON: ``cnictl.runtime-config/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.render.runtime_config import Told


def render(told: Told, paper: Paper) -> None:
    """Writes the answer as one JSON document (``schemas/output/runtime-config.schema.json``)."""
    document = {
        "schema": "cnictl.runtime-config/1",
        "pod": told.pod,
        "network": told.network,
        "capabilityArgs": told.capability_args,
        "cniArgs": [{"name": name, "value": value} for name, value in told.args],
        "plugins": [{"type": plugin, "runtimeConfig": values} for plugin, values in told.plugins],
        "unserved": list(told.unserved),
    }
    write_json(document, paper.stream)
