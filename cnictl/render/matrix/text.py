"""A matrix for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnictl.render.paper import Paper, Piece
    from cnictl.report.matrix import Matrix, MatrixRow


def render(matrix: Matrix, paper: Paper) -> None:
    """Writes a line of yes and no for each config, and below it the reason for each no."""
    paper.line(("  ".join(f"{version:<6}" for version in matrix.versions), "bold"))
    for row in matrix.rows:
        _line(row, matrix, paper)
        _reasons(row, paper)
    if any(row.declared in matrix.versions for row in matrix.rows):
        paper.line(("* the version that the file declares", "dim"))


def _line(row: MatrixRow, matrix: Matrix, paper: Paper) -> None:
    cells: list[Piece] = []
    for version in matrix.versions:
        answer, style = ("yes", "ok") if row.obstacles[version] is None else ("no", "error")
        mark = "*" if version == row.declared else ""
        cells += [(answer + mark, style), " " * (8 - len(answer + mark))]
    name = f"{row.file} ({row.network})" if row.network else row.file
    paper.line(*cells, name)


def _reasons(row: MatrixRow, paper: Paper) -> None:
    """Each reason once, with the versions that it keeps away."""
    versions: dict[str, list[str]] = {}
    for version, finding in row.obstacles.items():
        if finding is not None:
            versions.setdefault(f"{finding.message} ({finding.code})", []).append(version)
    for reason, kept_away in versions.items():
        everywhere = len(kept_away) == len(row.obstacles) > 1
        paper.paragraph("all: " if everywhere else f"{', '.join(kept_away)}: ", reason, indent=2)
