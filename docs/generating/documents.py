"""The page about JSON documents, from their schemas and an example of each."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docs.generating.prose import cell, fenced, joined, prose, table
from docs.generating.tree import all_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parents[2]
SCHEMAS = HERE / "schemas" / "output"
EXAMPLES = HERE / "docs" / "reference" / "examples"
_SUFFIX = ".schema.json"
_LOCAL = "#/$defs/"

_INTRODUCTION = """\
With `--format json` stdout holds exactly one document. Its first key, `"schema"`, names its kind and version, such as
`cnictl.report/1`. Within a version keys are added, never renamed or removed, so read what you know and pass over the
rest.

`cnictl exec add -f json` prints the result as the CNI spec defines it for the config's `cniVersion`, and a verb of
`exec` that fails prints the spec's error object: `{"cniVersion", "code", "msg", "details"}`.

The examples are of real runs. They are shortened, so a summary can count more than is shown, and the names of nodes are
made up. The JSON Schemas that the tables are made from lie in `schemas/output/`. In the tables `[]` stands for each
element of an array, and `*` for each key of an object whose keys are names of something. A key that is "optional" is
absent where it means nothing."""


def documents() -> dict[str, dict[str, Any]]:
    """The schemas of all documents, by their names."""
    return {path.name.removesuffix(_SUFFIX): _read(path) for path in sorted(SCHEMAS.glob(f"*{_SUFFIX}"))}


def pages() -> dict[str, str]:
    """The page by its name."""
    schemas = documents()
    rows = [(f"[{name}](#{name})", _printed_by(each), cell(each["description"])) for name, each in schemas.items()]
    parts = ["# JSON output", _INTRODUCTION, table(("Document", "Printed by", "What it says"), rows)]
    return {"json": joined((*parts, *(_section(name, each) for name, each in schemas.items())))}


def _section(name: str, schema: dict[str, Any]) -> str:
    about = f"{prose(schema['title'])}. {prose(schema['description'])}"
    return joined((f"## {name}", about, _example(name), _keys(schema))).rstrip()


def _read(path: Path) -> dict[str, Any]:
    return written_out(json.loads(path.read_text(encoding="utf-8")))


def call_of(schema: dict[str, Any]) -> str | None:
    """How a command is called that prints a document, without ``-f json``; of a part of others there is none."""
    call = re.search(r"`(cnictl [^`]+)`", schema["title"])
    return call[1].removesuffix(" -f json") if call else None


def _printed_by(schema: dict[str, Any]) -> str:
    """The call that prints a document, linked to the command's page."""
    call = call_of(schema)
    if call is None:
        return ""
    pages = {command.path: command.page for command in all_commands()}
    path = max((path for path in pages if f"{call} ".startswith(f"{path} ")), key=len)
    return f"[{cell(f'`{call}`')}](commands/{pages[path]}.md)"


def _example(name: str) -> str:
    return fenced((EXAMPLES / f"{name}.json").read_text(encoding="utf-8").rstrip(), "json")


def _keys(schema: dict[str, Any]) -> str:
    return table(("Key", "Type", "Meaning"), _rows(schema))


def written_out(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its own definitions in the places that refer to them; none of them refers to itself."""

    def resolved(value: Any) -> Any:  # noqa: ANN401  # a JSON value
        if isinstance(value, list):
            return [resolved(each) for each in value]
        if not isinstance(value, dict):
            return value
        name = str(value.get("$ref", ""))
        if name.startswith(_LOCAL):
            rest = {key: each for key, each in value.items() if key != "$ref"}
            return resolved(schema["$defs"][name.removeprefix(_LOCAL)] | rest)
        return {key: resolved(each) for key, each in value.items() if key != "$defs"}

    written: dict[str, Any] = resolved(schema)
    return written


def _rows(schema: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    required = schema.get("required", ())
    for name, value in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        optional = "" if name in required or not required else "Optional. "
        yield f"`{path}`", _type(value), optional + cell(value.get("description", ""))
        yield from _below(value, path)


def _below(value: dict[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    """The rows of what lies in a value."""
    yield from _rows(value, f"{path}.")
    yield from _rows(value.get("items", {}), f"{path}[].")
    for variant in value.get("oneOf", ()):
        yield from _rows(variant, f"{path}.")
    rest = value.get("additionalProperties")
    if isinstance(rest, dict):
        yield f"`{path}.*`", _type(rest), cell(rest.get("description", ""))
        yield from _below(rest, f"{path}.*")


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2].removesuffix(_SUFFIX)
        return f"[{name}](#{name})"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"array of {_type(schema['items'])}"
    kinds = schema.get("type") or [variant.get("type", "any") for variant in schema.get("oneOf", [])] or "any"
    return kinds if isinstance(kinds, str) else " or ".join(kinds)
