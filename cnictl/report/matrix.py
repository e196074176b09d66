"""Which file goes with which version of the spec."""

from __future__ import annotations

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
        return any(
            row.obstacles[version] is not None
            for row in self.rows
            for version in (self.versions if self.demanded else [row.declared or "0.1.0"])
            if version in row.obstacles
        ) or any(not self.demanded and row.declared not in (None, *self.versions) for row in self.rows)


def matrix_of(reports: Mapping[str, Report], *, demanded: bool) -> Matrix:
    """Puts together what was found by each version.

    Args:
        reports: For each version, the same files judged by it.
        demanded: Whether the user named the versions.
    """
    versions = list(reports)
    first = reports[versions[0]]
    columns = [[file for file in report.files if _is_config(file)] for report in reports.values()]
    rows = [_row(versions, files) for files in zip(*columns, strict=True)]
    return Matrix(versions, rows, first.errors, demanded)


def _is_config(file: FileReport) -> bool:
    """Whether there is a config, or something that was to be one."""
    return bool(file.facts["plugins"]) or any(finding.severity is Severity.ERROR for finding in file.findings)


def _row(versions: list[str], files: Sequence[FileReport]) -> MatrixRow:
    facts = files[0].facts
    obstacles = {version: _obstacle(file) for version, file in zip(versions, files, strict=True)}
    network, declared = facts["network"], facts["cniVersion"]
    return MatrixRow(
        files[0].source.name,
        network if isinstance(network, str) else None,
        declared if isinstance(declared, str) else None,
        obstacles,
    )


def _obstacle(file: FileReport) -> Finding | None:
    return next((finding for finding in file.findings if finding.severity is Severity.ERROR), None)
