"""Repairs as JSON: ``cnictl.repairs/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.render.paper import Paper
    from cnictl.report.repair import Repair


def render(repairs: Sequence[Repair], paper: Paper) -> None:
    """Writes repairs as one JSON document (``schemas/output/repairs.schema.json``)."""
    document = {"schema": "cnictl.repairs/1", "repairs": [repair_shape(repair) for repair in repairs]}
    write_json(document, paper.stream)


def repair_shape(repair: Repair) -> dict[str, Any]:
    """A repair, as every document has it."""
    return {
        "code": repair.code,
        "message": repair.message,
        "status": repair.status.value,
        "steps": [action.words for action in repair.actions],
        "trouble": repair.trouble,
    }
