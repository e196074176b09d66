"""Tables of what `doctor` looks at, of what `try` does, and of what `conformance` asks."""

from __future__ import annotations

from cnictl.conformance.registry import all_cases
from cnictl.doctor.registry import CATEGORIES, all_checks
from cnictl.trial.registry import all_steps
from docs.generating.prose import cell, joined, table


def parts() -> dict[str, str]:
    """The tables by the names of their files."""
    return {"checks": _checks(), "steps": _steps(), "cases": _cases()}


def _checks() -> str:
    sections = []
    for category in CATEGORIES:
        checks = [check for check in all_checks() if check.category == category]
        rows = [(_link(check.code), check.name, cell(check.reads)) for check in checks]
        sections += [f"## {category}", table(("Code", "Name", "Reads"), rows)] if rows else []
    return joined(sections)


def _steps() -> str:
    rows = [(_link(step.code), step.name, cell(step.title)) for step in all_steps()]
    return joined([table(("Code", "Name", "What is tried"), rows)])


def _cases() -> str:
    rows = [(_link(case.code), case.name, cell(case.title), str(case.since)) for case in all_cases()]
    return joined([table(("Code", "Name", "What is asked", "Since CNI"), rows)])


def _link(code: str) -> str:
    return f"[{code}](codes/{code}.md)"
