"""A report as SARIF 2.1.0, which GitHub code scanning and editors read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cnictl import __version__
from cnictl.render.shape import write_json
from cnictl.report.edits import with_edits

if TYPE_CHECKING:
    from cnictl.errors import InputError
    from cnictl.render.paper import Paper
    from cnictl.report.edits import PlacedEdit
    from cnictl.report.finding import Finding, Location
    from cnictl.report.report import Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report, paper: Paper) -> None:
    """Writes the report as one SARIF log with one run (OASIS, "SARIF Version 2.1.0")."""
    findings = report.findings()
    codes = sorted({finding.code for finding in findings})
    first = {finding.code: finding for finding in reversed(findings)}
    invocation = {
        "executionSuccessful": not report.errors,
        "toolExecutionNotifications": [_notification(error) for error in report.errors],
    }
    run = {
        "tool": {
            "driver": {
                "name": "cnictl",
                "semanticVersion": __version__,
                "rules": [_rule(first[code]) for code in codes],
            }
        },
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, codes.index(finding.code), edits)
            for file in report.files
            for finding, edits in with_edits(file)
        ],
    }
    write_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, paper.stream)


def _rule(finding: Finding) -> dict[str, Any]:
    """What is known of a code, from one of its findings."""
    return {
        "id": finding.code,
        "name": finding.name,
        "shortDescription": {"text": finding.name.replace("-", " ")},
        "fullDescription": {"text": finding.why or finding.message},
        "help": {"text": f"{finding.why}\n`cnictl explain {finding.code}` tells more. Source: {finding.reference}"},
        "defaultConfiguration": {"level": finding.severity.value},
    }


def _result(finding: Finding, index: int, edits: list[PlacedEdit]) -> dict[str, Any]:
    fix = f" Fix: {finding.fix.description}." if finding.fix else ""
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": f"{finding.message}.{fix}"},
        "locations": [{"physicalLocation": _place(finding.location)}],
        **({"fixes": [_fix(finding, edits)]} if edits else {}),
    }


def _fix(finding: Finding, edits: list[PlacedEdit]) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(edit.place), "insertedContent": {"text": edit.replacement}} for edit in edits
    ]
    change = {"artifactLocation": _artifact(finding.location), "replacements": replacements}
    return {"description": {"text": finding.fix.description if finding.fix else ""}, "artifactChanges": [change]}


def _place(location: Location) -> dict[str, Any]:
    region = {} if location.line is None else {"region": _region(location)}
    return {"artifactLocation": _artifact(location), **region}


def _artifact(location: Location) -> dict[str, Any]:
    scheme = "file://" if location.file.startswith("/") else ""
    return {"uri": scheme + quote(location.file, safe="/", errors="replace")}


def _region(location: Location) -> dict[str, Any]:
    return {
        "startLine": location.line,
        "startColumn": location.column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
    }


def _notification(error: InputError) -> dict[str, Any]:
    return {"level": "error", "message": {"text": f"{error.message}. {error.hint}" if error.hint else error.message}}
