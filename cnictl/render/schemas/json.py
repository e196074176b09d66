"""The list of schemas as JSON: ``cnictl.schemas/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.render.paper import Paper
    from cnictl.schema.standalone import Listed


def render(schemas: Sequence[Listed], paper: Paper) -> None:
    """Writes the list as one JSON document (``schemas/output/schemas.schema.json``)."""
    shapes = [{"name": each.name, "id": each.id, "title": each.title, "fileMatch": each.files} for each in schemas]
    write_json({"schema": "cnictl.schemas/1", "schemas": shapes}, paper.stream)
