"""Whether what a plugin answers is what the spec wants (``schemas/result``)."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from cnictl.schema.library import SCHEMA_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.protocols import Validator

_MOST = 5
"""How many problems are told: one mistake is often made in every entry of a list."""


def result_problems(version: str, result: Any) -> Iterator[str]:  # noqa: ANN401  # any JSON value
    """What is wrong with the result of ADD, each as half a sentence that begins with the place.

    Args:
        version: The version of the spec.
        result: What the plugin has printed.
    """
    errors = sorted(_validator(version).iter_errors(result), key=lambda error: list(map(str, error.absolute_path)))
    for error in errors[:_MOST]:
        place = "/".join(map(str, error.absolute_path))
        yield f"{place or 'the whole'}: {error.message}"


@cache
def _validator(version: str) -> Validator:
    from jsonschema import Draft202012Validator
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    common = _read("common")
    nothing: Registry[Any] = Registry()
    known: Registry[Any] = nothing.with_resource(common["$id"], DRAFT202012.create_resource(common))
    return Draft202012Validator(_read(f"result/{version}"), registry=known)


def _read(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMA_DIR / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema
