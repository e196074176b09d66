"""Which file goes with which version of the spec."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.errors import InputError
    from cnictl.report.finding import Finding
    from cnictl.report.report import FileReport, Report


@dataclass(frozen=True)
class MatrixRow:
    """A config, judged by each version.

    Attributes:
        file: The file.
        network: The network's name; ``None`` when it cannot be read.
        declared: The version that it declares; ``None`` when there is none.
        obstacles: For each version the first error that keeps the config from working with it; ``None`` if none does.
    """

    file: str
    network: str | None
    declared: str | None
    obstacles: Mapping[str, Finding | None]


@dataclass(frozen=True)
class Matrix:
    """Configs by spec versions.

    Attributes:
        versions: The versions, in order.
        rows: The configs.
        errors: Files that could not be read.
        demanded: Whether every config must go with every version, because the user named the versions.
    """

    versions: Sequence[str]
    rows: Sequence[MatrixRow]
    errors: Sequence[InputError] = ()
    demanded: bool = False

    @property
    def refused(self) -> bool:
        """Whether a config does not go with a version that it must go with: a named one, or the one it declares."""
        return any(map(self._is_refused, self.rows))

    def _is_refused(self, row: MatrixRow) -> bool:
        if self.demanded:
            return any(row.obstacles.values())
        declared = row.declared or "0.1.0"  # absent and empty are one to libcni
        return declared not in row.obstacles or row.obstacles[declared] is not None


def matrix_of(reports: Mapping[str, Report], *, demanded: bool) -> Matrix:
    """Puts together what was found by each version.

    Args:
        reports: For each version, the same files judged by it.
        demanded: Whether the user named the versions.
    """
    versions = list(reports)
    columns = [_by_place(report) for report in reports.values()]
    places = dict.fromkeys(place for column in columns for place, file in column.items() if _is_config(file))
    rows = [_row(versions, [column.get(place) for column in columns]) for place in places]
    return Matrix(versions, rows, reports[versions[0]].errors, demanded)


def _by_place(report: Report) -> dict[tuple[str, int], FileReport]:
    """The configs by their file and their number in it: not every version has something to say about each file."""
    found: dict[tuple[str, int], FileReport] = {}
    seen: Counter[str] = Counter()
    for file in report.files:
        found[file.source.name, seen[file.source.name]] = file
        seen[file.source.name] += 1
    return found


def _is_config(file: FileReport) -> bool:
    """Whether there is a config, or something that was to be one."""
    return bool(file.facts["plugins"]) or any(finding.severity is Severity.ERROR for finding in file.findings)


def _row(versions: list[str], files: Sequence[FileReport | None]) -> MatrixRow:
    first = next(file for file in files if file is not None)
    obstacles = {version: _obstacle(file) for version, file in zip(versions, files, strict=True)}
    within = first.facts.get("within")
    network = first.facts["network"] or (within.get("name") if isinstance(within, dict) else None)
    declared = first.facts["cniVersion"]
    return MatrixRow(
        first.source.name,
        network if isinstance(network, str) else None,
        declared if isinstance(declared, str) else None,
        obstacles,
    )


def _obstacle(file: FileReport | None) -> Finding | None:
    findings = () if file is None else file.findings
    return next((finding for finding in findings if finding.severity is Severity.ERROR), None)
