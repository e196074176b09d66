"""An explanation as JSON: ``cnictl.explanation/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.shape import explanation_shape, write_json

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.explanation import Explanation


def render(explanation: Explanation, paper: Paper) -> None:
    """Writes the explanation as one JSON document (``schemas/output/explanation.schema.json``)."""
    write_json({"schema": "cnictl.explanation/1", **explanation_shape(explanation)}, paper.stream)
