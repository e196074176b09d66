"""What becomes of a config as JSON: ``cnictl.upgrade/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.render.upgrade import UpgradeAnswer


def render(answer: UpgradeAnswer, paper: Paper) -> None:
    """Writes the answer as one JSON document (``schemas/output/upgrade.schema.json``)."""
    document = {
        "schema": "cnictl.upgrade/1",
        "file": answer.file,
        "path": answer.path,
        "network": answer.network,
        "from": answer.version,
        "to": answer.target,
        "changed": answer.changed,
        "written": answer.written,
        "notes": [{"kind": kind, "message": message} for kind, message in answer.notes],
    }
    write_json(document, paper.stream)
