"""The JSON shapes that several documents share. Keys are added, never renamed or removed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TextIO

    from cnictl.errors import CNIError
    from cnictl.report.explanation import Explanation
    from cnictl.report.finding import Finding, Location


def finding_shape(finding: Finding) -> dict[str, Any]:
    """A finding (``schemas/output/finding.schema.json``)."""
    fix = finding.fix
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "location": _location_shape(finding.location),
        "why": finding.why,
        "fix": {"description": fix.description, "applicable": fix.applicable.value} if fix else None,
        "evidence": dict(finding.evidence),
        "reference": finding.reference,
    }


def _location_shape(location: Location) -> dict[str, Any]:
    keys = {
        "file": location.file,
        "line": location.line,
        "column": location.column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
        "pointer": location.pointer,
    }
    return {key: value for key, value in keys.items() if value is not None}


def explanation_shape(explanation: Explanation) -> dict[str, Any]:
    """The text behind a code (``schemas/output/explanation.schema.json``)."""
    return {
        "code": explanation.code,
        "name": explanation.name,
        "severity": explanation.severity.value,
        "summary": explanation.summary,
        "details": explanation.details,
        "why": explanation.why,
        "bad": {"file": explanation.bad_file, "text": explanation.bad},
        "good": {"file": explanation.good_file, "text": explanation.good},
        "fix": explanation.fix,
        "reference": explanation.reference,
    }


def error_shape(error: CNIError) -> dict[str, Any]:
    """An error that kept something from being looked at."""
    return {"message": error.message, "hint": error.hint}


def write_json(data: object, stream: TextIO) -> None:
    """Writes a document for programs that a person can read too."""
    json.dump(data, stream, indent=2, ensure_ascii=False)
    stream.write("\n")
