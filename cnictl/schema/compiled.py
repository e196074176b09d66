"""Schemas made ready to judge by."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from cnictl.schema.limit import TooSlow
from cnictl.text.node import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator
    from referencing import Registry

SUFFIX = ".schema.json"
"""What the name of a file with a schema ends in."""

_DEFINITIONS = "../common.schema.json#/$defs/"
"""How schemas refer to what they share."""


def compile_built_in(plugin: str, schema: dict[str, Any], common: dict[str, Any]) -> Validator:
    """What judges an object by a built-in schema.

    Args:
        plugin: The plugin's type.
        schema: Its schema.
        common: What schemas may refer to.
    """
    # The library looks a reference up anew for each entry of a list, which takes longer than to judge it.
    return _validator(plugin, _inlined(schema, common["$defs"]), common, own=False)


def compile_own(plugin: str, schema: dict[str, Any], common: dict[str, Any]) -> Validator:
    """The same by a user's schema: `TooSlow` tells which of its patterns was at work."""
    return _validator(plugin, schema, common, own=True)


def _inlined(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A schema with the definitions in place of the references to them."""
    if schema.keys() == {"$ref"}:
        found: dict[str, Any] = definitions.get(schema["$ref"].removeprefix(_DEFINITIONS), schema)
        return found
    return {key: _inlined(value, definitions) if isinstance(value, dict) else value for key, value in schema.items()}


def _validator(plugin: str, schema: dict[str, Any], common: dict[str, Any], *, own: bool) -> Validator:
    return _dialect(own)({**schema, "$id": f"file:///plugins/{plugin}{SUFFIX}"}, registry=registry(common))


@cache
def _dialect(own: bool) -> type[Validator]:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    # Go does not take 1450.0 for an integer, although JSON Schema does.
    checker = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: kind_of(value) == "integer")
    known = Draft202012Validator.VALIDATORS
    naming = {keyword: _naming(keyword, known[keyword]) for keyword in _MATCHING}
    keywords = naming if own else {"items": _items}
    dialect: type[Validator] = extend(Draft202012Validator, keywords, type_checker=checker)  # type: ignore[no-untyped-call]
    return dialect


def _items(validator: Validator, items: dict[str, Any], instance: object, _: object) -> Iterator[ValidationError]:
    """What the library does too, with one validator for all entries and not a new one for each."""
    judge = validator.evolve(schema=items)
    for index, entry in enumerate(instance if isinstance(instance, list) else ()):
        for error in judge.iter_errors(entry):
            error.path.appendleft(index)
            yield error


_MATCHING = ("pattern", "patternProperties", "additionalProperties", "unevaluatedProperties")
"""The keywords that match regular expressions; the last two match those of ``patternProperties``."""


def _naming(keyword: str, judge: Callable[..., Any]) -> Callable[..., Iterator[ValidationError]]:
    """A keyword that tells which pattern it was at when the time was over."""

    def judge_and_name(
        validator: Validator, value: object, instance: object, schema: dict[str, Any]
    ) -> Iterator[ValidationError]:
        try:
            yield from judge(validator, value, instance, schema)
        except TooSlow as late:
            patterns = (str(value),) if keyword == "pattern" else schema.get("patternProperties", ())
            late.pattern = late.pattern or " or ".join(patterns)
            raise

    return judge_and_name


def registry(common: dict[str, Any]) -> Registry[Any]:
    """What schemas of plugins may refer to; nothing is ever fetched."""
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    nothing: Registry[Any] = Registry()
    known: Registry[Any] = nothing.with_resource("file:///common.schema.json", DRAFT202012.create_resource(common))
    return known
