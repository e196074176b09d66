"""The cases of the rules: a folder for each code, with files that it reports and files that it must leave alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from cnictl.text.source import Source
from cnictl.validate.engine import How
from cnictl.validate.paths import judge_file

if TYPE_CHECKING:
    from cnictl.report.finding import Finding

ROOT = Path(__file__).parent
EXPECTED = "expected.json"

LIVE = ("CNI028",)
"""Rules about files that a runtime reads as they are."""

Row: TypeAlias = list[Any]
"""A finding as ``expected.json`` has it: code, line, column, end line, end column, pointer, message."""


def folders() -> list[Path]:
    """The folders, one for each code."""
    return sorted(path for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__")


def configs(kind: str) -> list[str]:
    """All ``good`` or ``bad`` files, as ``CODE/name``."""
    return [f"{folder.name}/{path.name}" for folder in folders() for path in sorted(folder.glob(f"{kind}*"))]


def expected(code: str) -> dict[str, list[Row]]:
    """What is expected of the bad files of a code."""
    rows: dict[str, list[Row]] = json.loads((ROOT / code / EXPECTED).read_bytes())
    return rows


def findings(case: str) -> tuple[Source, tuple[Finding, ...]]:
    """A file, and everything that is found in it."""
    source = Source(case, (ROOT / case).read_bytes())
    reports = judge_file(source, How(templates=not case.startswith(LIVE)))
    return source, tuple(finding for report in reports for finding in report.findings)


def row(finding: Finding) -> Row:
    """A finding as ``expected.json`` has it."""
    where = finding.location
    place = [where.line, where.column, where.end_line, where.end_column, where.pointer]
    return [finding.code, *place, finding.message]
