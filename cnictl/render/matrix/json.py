"""A matrix as JSON: ``cnictl.matrix/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render.shape import error_shape, write_json

if TYPE_CHECKING:
    from cnictl.render.paper import Paper
    from cnictl.report.matrix import Matrix, MatrixRow


def render(matrix: Matrix, paper: Paper) -> None:
    """Writes the matrix as one JSON document (``schemas/output/matrix.schema.json``)."""
    document = {
        "schema": "cnictl.matrix/1",
        "versions": list(matrix.versions),
        "files": [_row(row) for row in matrix.rows],
        "errors": [error_shape(error) for error in matrix.errors],
    }
    write_json(document, paper.stream)


def _row(row: MatrixRow) -> dict[str, Any]:
    versions = {
        version: {"ok": finding is None, **({"code": finding.code, "reason": finding.message} if finding else {})}
        for version, finding in row.obstacles.items()
    }
    return {"file": row.file, "network": row.network, "cniVersion": row.declared, "versions": versions}
