"""The list of codes as JSON: ``cnictl.catalogue/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.shape import explanation_shape, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.render.paper import Paper
    from cnictl.report.explanation import Explanation


def render(explanations: Sequence[Explanation], paper: Paper) -> None:
    """Writes the list as one JSON document (``schemas/output/catalogue.schema.json``)."""
    codes = [explanation_shape(explanation) for explanation in explanations]
    write_json({"schema": "cnictl.catalogue/1", "codes": codes}, paper.stream)
