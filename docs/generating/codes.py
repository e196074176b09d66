"""The pages of codes: one for each, and a list of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.cli.catalogue import all_explanations
from docs.generating.prose import cell, fenced, joined, prose, table

if TYPE_CHECKING:
    from cnictl.report.explanation import Explanation

FAMILIES = {
    "CNI0": "The file and its JSON",
    "CNI1": "Structure",
    "CNI2": "Versions",
    "CNI3": "The chain",
    "CNI4": "Keys of one plugin",
    "CNI5": "Addresses and IPAM",
    "CNI6": "The config directory",
    "CNI7": "Installed plugins",
    "CNI8": "The node",
    "CNI9": "What plugins do",
}
_INTRODUCTION = """\
Every code that [](../commands/cnictl-validate.md) (CNI0xx to CNI7xx), [](../commands/cnictl-doctor.md) (CNI8xx) and
[](../commands/cnictl-try.md) and [](../commands/cnictl-conformance.md) (CNI9xx) report. A code keeps its meaning for
ever. `cnictl explain CODE` prints the page of a code."""
_REPORTERS = {"CNI8": "doctor", "CNI9": "try"}
"""The commands that report a family; `validate` reports the others."""


def pages() -> dict[str, str]:
    """The pages by their names."""
    explanations = all_explanations()
    return {"index": _index(explanations)} | {each.code: _page(each) for each in explanations}


def _index(explanations: list[Explanation]) -> str:
    parts = [
        "# Codes",
        _INTRODUCTION,
    ]
    for family, title in FAMILIES.items():
        rows = [_row(each) for each in explanations if each.code.startswith(family)]
        parts += [f"## {family}xx: {title}", table(("Code", "Name", "Severity", "What is wrong"), rows)]
    return joined(parts)


def _row(explanation: Explanation) -> tuple[str, ...]:
    code = explanation.code
    return f"[{code}]({code}.md)", explanation.name, str(explanation.severity), cell(explanation.summary)


def _page(explanation: Explanation) -> str:
    """The page of a code; it stands in no table of contents, which would be written into each of hundreds of pages."""
    command = _reporter(explanation)
    return joined(
        (
            "---\norphan: true\n---",
            f"# {explanation.code} {explanation.name}",
            _facts(explanation),
            prose(explanation.summary),
            prose(explanation.details),
            f"## Why it matters\n\n{prose(explanation.why)}",
            _example("Bad", explanation.bad_file, explanation.bad),
            _example("Good", explanation.good_file, explanation.good),
            f"## What to do\n\n{prose(explanation.fix)}",
            f"To silence it: `--ignore {explanation.code}`." if command != "try" else "",
            f"Source: {prose(explanation.reference)}",
        )
    )


def _reporter(explanation: Explanation) -> str:
    """The command that reports a code."""
    if explanation.name.startswith("spec-"):
        return "conformance"
    return _REPORTERS.get(explanation.code[:4], "validate")


def _facts(explanation: Explanation) -> str:
    family = explanation.code[:4]
    facts = {
        "Severity": str(explanation.severity),
        "Reported by": f"[](../commands/cnictl-{_reporter(explanation)}.md)",
        "Family": f"[{family}xx, {FAMILIES[family].lower()}](index.md#{_anchor(family)})",
    }
    return ". ".join(f"**{name}:** {value}" for name, value in facts.items()) + "."


def _anchor(family: str) -> str:
    words = "".join(char for char in f"{family}xx {FAMILIES[family]}".lower() if char.isalnum() or char == " ")
    return words.replace(" ", "-")


def _example(title: str, file: str, text: str) -> str:
    return f"## {title}{f': `{file}`' if file else ''}\n\n{fenced(text, 'text')}"
