"""Schemas that users bring along: each is looked at before it is used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnictl.errors import SourceError
from cnictl.model.version import SpecVersion
from cnictl.schema.compiled import SUFFIX, registry
from cnictl.schema.hints import GENERATE
from cnictl.schema.library import Library, common_parts
from cnictl.text.source import read_regular, source_error

if TYPE_CHECKING:
    from pathlib import Path

_URI = f"file:///plugins/own{SUFFIX}"
"""Where a user's schema is taken to lie: beside the built-in ones, to which its references lead."""


def open_library(directories: tuple[Path, ...]) -> Library:
    """The built-in schemas together with those of users, each of which is looked at first.

    Args:
        directories: Directories with files ``<type>.schema.json`` (JSON Schema 2020-12). They may refer to
            ``../common.schema.json#/$defs/...`` as the built-in ones do, and hold facts under ``x-cnictl``.

    Raises:
        SourceError: A directory or a file cannot be read, or a file is no schema.
    """
    for directory in directories:
        try:
            names = sorted(path.name for path in directory.iterdir() if path.name.endswith(SUFFIX))
        except OSError as error:
            raise source_error(str(directory), error) from error
        if not names:
            message = f"holds no schema: no name in it ends in {SUFFIX}"
            raise SourceError(str(directory), message, hint="a schema for the plugin TYPE is in TYPE.schema.json")
        for name in names:
            _check(directory / name)
    return Library(directories)


def _check(path: Path) -> None:
    """Refuses a file that is no schema: what is wrong would otherwise come up in the middle of a run."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError, ValidationError
    from referencing.exceptions import Unresolvable

    try:
        schema = json.loads(read_regular(path))
    except (ValueError, RecursionError) as error:
        raise SourceError(str(path), f"is no JSON: {error}") from error
    if not isinstance(schema, dict):
        raise SourceError(str(path), "a schema is a JSON object")  # true and false are schemas too
    try:
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(_FACTS).validate(schema.get("x-cnictl", {"role": "other"}))
        _resolve_references(schema)
    except (SchemaError, RecursionError) as error:
        raise SourceError(str(path), f"is no JSON Schema: {getattr(error, 'message', error)}") from error
    except Unresolvable as error:
        raise SourceError(str(path), f"refers to {error.ref}, which is not there") from error
    except ValidationError as error:
        where = error.json_path.replace("$", '"x-cnictl"', 1)
        raise SourceError(str(path), f"{where} is not as it must be: {error.message}") from error


def _resolve_references(schema: dict[str, Any]) -> None:
    from referencing.jsonschema import DRAFT202012

    resolver = registry(common_parts()).with_resource(_URI, DRAFT202012.create_resource(schema)).resolver(base_uri=_URI)
    waiting: list[Any] = [schema]
    for part in waiting:
        if isinstance(part, dict):
            for key in ("$ref", "$dynamicRef"):
                if isinstance(part.get(key), str):
                    resolver.lookup(part[key])
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


_VERSIONS = {"enum": [version.value for version in SpecVersion]}
_FACTS = {
    "type": "object",
    "required": ["role"],
    "additionalProperties": False,
    "properties": {
        "role": {"enum": ["interface", "chained", "ipam", "other"]},
        "ipam": {"enum": ["required", "optional", "none"]},
        "capabilities": {"type": "array", "items": {"type": "string"}},
        "versions": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"from": _VERSIONS, "to": _VERSIONS},
        },
        **{key: {"type": "boolean"} for key in ("needsVeth", "makesVeth", "vendor")},
        "order": {"type": "integer", "minimum": 0},
        "generate": GENERATE,
    },
}
"""What ``x-cnictl`` may hold."""
