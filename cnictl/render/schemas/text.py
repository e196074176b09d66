"""The list of schemas for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.render.paper import Paper
    from cnictl.schema.standalone import Listed


def render(schemas: Sequence[Listed], paper: Paper) -> None:
    """Writes a line for each schema."""
    margin = max(len(schema.name) for schema in schemas)
    for schema in schemas:
        files = f" ({', '.join(schema.files)})" if schema.files else ""
        paper.paragraph((f"{schema.name:<{margin}}  ", "bold"), f"{schema.title}{files}")
