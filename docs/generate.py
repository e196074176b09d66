"""Writes the pages of the reference that come from the code: commands, codes and JSON documents.

They are made when the manual is built and are not kept, so they cannot grow stale.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.cli.catalogue import all_explanations
from cnictl.cli.entry import PROGRAM
from cnictl.cli.lazy import load_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnictl.report.explanation import Explanation

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas" / "output"

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


def write_reference(directory: Path) -> None:
    """Writes all pages.

    Args:
        directory: ``docs/reference``.
    """
    codes = directory / "codes"
    shutil.rmtree(codes, ignore_errors=True)
    codes.mkdir(parents=True)
    explanations = all_explanations()
    (codes / "index.md").write_text(_index(explanations), encoding="utf-8")
    for explanation in explanations:
        (codes / f"{explanation.code}.md").write_text(_page(explanation), encoding="utf-8")
    (directory / "commands.md").write_text(_commands(), encoding="utf-8")
    (directory / "json.md").write_text(_documents(), encoding="utf-8")


def _index(explanations: list[Explanation]) -> str:
    parts = [
        "# Codes",
        (
            "Every code that `cnictl validate` (CNI0xx to CNI7xx), `cnictl doctor` (CNI8xx) and `cnictl try` (CNI9xx) "
            "report. A code keeps its meaning for ever. `cnictl explain CODE` prints the page of a code."
        ),
    ]
    for family, title in FAMILIES.items():
        members = [explanation for explanation in explanations if explanation.code.startswith(family)]
        rows = [
            f"| [{member.code}]({member.code}.md) | {member.name} | {member.severity} | {_cell(member.summary)} |"
            for member in members
        ]
        parts += [f"## {family}xx: {title}", "\n".join(["| Code | Name | Severity | |", "|---|---|---|---|", *rows])]
    toc = "\n".join(explanation.code for explanation in explanations)
    return "\n\n".join([*parts, f"```{{toctree}}\n:hidden:\n\n{toc}\n```"]) + "\n"


def _page(explanation: Explanation) -> str:
    parts = [
        f"# {explanation.code} {explanation.name}",
        f"**Severity:** {explanation.severity}",
        _prose(explanation.summary),
        _prose(explanation.details),
        f"## Why it matters\n\n{_prose(explanation.why)}",
        _example("Bad", explanation.bad_file, explanation.bad),
        _example("Good", explanation.good_file, explanation.good),
        f"## What to do\n\n{_prose(explanation.fix)}",
        f"To silence it: `--ignore {explanation.code}`.",
        f"Source: {_prose(explanation.reference)}",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _example(title: str, file: str, text: str) -> str:
    fence = "`" * (4 if "```" in text else 3)
    return f"## {title}{f': `{file}`' if file else ''}\n\n{fence}text\n{text}\n{fence}"


def _prose(text: str) -> str:
    """Text of a docstring as Markdown, with nothing in it that Markdown would take for its own."""
    for char in "\\*_<>[]$|":
        text = text.replace(char, f"\\{char}")
    return text


def _cell(text: str) -> str:
    return _prose(text).replace("\n", " ")


def _commands() -> str:
    parts = ["# Commands", "What each command prints for `--help`."]
    for path, text in _helps(load_command("cnictl.cli.root", PROGRAM), PROGRAM):
        parts += [f"## {path}", f"```text\n{text.rstrip()}\n```"]
    return "\n\n".join(parts) + "\n"


def _helps(command: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # a command of typer's private click
    context = command.make_context(path, [], resilient_parsing=True, terminal_width=88)
    yield path, command.get_help(context)
    for name in getattr(command, "commands", {}):
        _, child, _ = command.resolve_command(context, [name])
        yield from _helps(child, f"{path} {name}")


def _documents() -> str:
    parts = [
        "# JSON output",
        (
            'With `--format json` stdout holds exactly one document. Its first key, `"schema"`, names its kind and '
            "version, such as `cnictl.report/1`. Within a version keys are added, never renamed or removed, so read "
            "what you know and pass over the rest."
        ),
        (
            "`cnictl exec add -f json` prints the result as the CNI spec defines it for the config's `cniVersion`, and "
            'a verb of `exec` that fails prints the spec\'s error object: `{"cniVersion", "code", "msg", "details"}`.'
        ),
        "The JSON Schemas that these tables are made from lie in `schemas/output/`.",
    ]
    for path in sorted(SCHEMAS.glob("*.schema.json")):
        schema = _written_out(json.loads(path.read_text(encoding="utf-8")))
        rows = "\n".join(_rows(schema))
        table = f"| Key | Type | |\n|---|---|---|\n{rows}"
        parts += [f"## {path.name.removesuffix('.schema.json')}", f"{schema['title']}. {schema['description']}", table]
    return "\n\n".join(parts) + "\n"


_LOCAL = "#/$defs/"


def _written_out(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its own definitions in the places that refer to them; none of them refers to itself."""

    def resolved(value: Any) -> Any:  # noqa: ANN401  # a JSON value
        if isinstance(value, list):
            return [resolved(each) for each in value]
        if not isinstance(value, dict):
            return value
        name = str(value.get("$ref", ""))
        if name.startswith(_LOCAL):
            return resolved(
                schema["$defs"][name.removeprefix(_LOCAL)] | {k: v for k, v in value.items() if k != "$ref"}
            )
        return {key: resolved(each) for key, each in value.items() if key != "$defs"}

    written: dict[str, Any] = resolved(schema)
    return written


def _rows(schema: dict[str, Any], prefix: str = "") -> Iterable[str]:
    for name, value in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        items = value.get("items", {})
        yield f"| `{path}` | {_type(value)} | {_cell(value.get('description', ''))} |"
        yield from _rows(value, f"{path}.")
        yield from _rows(items, f"{path}[].")
        for variant in value.get("oneOf", []):
            yield from _rows(variant, f"{path}.")


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return f"[{schema['$ref'].removesuffix('.schema.json')}](#{schema['$ref'].removesuffix('.schema.json')})"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"array of {_type(schema['items'])}"
    kinds = schema.get("type") or [variant.get("type", "any") for variant in schema.get("oneOf", [])] or "any"
    return kinds if isinstance(kinds, str) else " or ".join(kinds)
