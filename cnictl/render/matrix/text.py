"""A matrix for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnictl.render.paper import Paper, Piece
    from cnictl.report.matrix import Matrix, MatrixRow

_CELL = 8
"""Columns of a cell, with what parts it from the next."""


def render(matrix: Matrix, paper: Paper) -> None:
    """Writes a line of yes and no for each config, and below it the reason for each no."""
    columns = _CELL * len(matrix.versions)
    longest = max((len(_name(row)) for row in matrix.rows), default=0)
    if _fits(columns, paper):
        paper.line(("".join(f"{version:<{_CELL}}" for version in matrix.versions), "bold"))
    for row in matrix.rows:
        if _fits(columns + longest, paper):
            paper.line(*_cells(row, matrix), _name(row))
        else:
            paper.line(_name(row))
            _answers(row, matrix, paper)
        _reasons(row, paper)
    if any(row.declared in matrix.versions for row in matrix.rows):
        paper.line(("* the version that the file declares", "dim"))


def _fits(columns: int, paper: Paper) -> bool:
    return paper.width is None or columns <= paper.width


def _name(row: MatrixRow) -> str:
    return f"{row.file} ({row.network})" if row.network else row.file


def _answers(row: MatrixRow, matrix: Matrix, paper: Paper) -> None:
    """The line of a config below its name, or what it tells as two lists of versions where it has no room."""
    if _fits(_CELL * len(matrix.versions), paper):
        paper.line(*_cells(row, matrix))
        return
    for answer, style, is_obstacle in (("yes", "ok", False), ("no", "error", True)):
        members = [each for each in matrix.versions if (row.obstacles[each] is not None) is is_obstacle]
        marked = (f"{version}*" if version == row.declared else version for version in members)
        if members:
            paper.paragraph((f"{answer:<5}", style), ", ".join(marked), indent=2)


def _cells(row: MatrixRow, matrix: Matrix) -> list[Piece]:
    cells: list[Piece] = []
    for version in matrix.versions:
        answer, style = ("yes", "ok") if row.obstacles[version] is None else ("no", "error")
        mark = "*" if version == row.declared else ""
        cells += [(answer + mark, style), " " * (_CELL - len(answer + mark))]
    return cells


def _reasons(row: MatrixRow, paper: Paper) -> None:
    """Each reason once, with the versions that it keeps away."""
    versions: dict[str, list[str]] = {}
    for version, finding in row.obstacles.items():
        if finding is not None:
            versions.setdefault(f"{finding.message} ({finding.code})", []).append(version)
    for reason, kept_away in versions.items():
        everywhere = len(kept_away) == len(row.obstacles) > 1
        paper.paragraph("all: " if everywhere else f"{', '.join(kept_away)}: ", reason, indent=2)
