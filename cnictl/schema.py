"""The schemas of plugins: what each key may hold, and facts about the plugin itself.

A schema is a file ``schemas/plugins/<type>.schema.json``; putting one there is all it takes. Beside what JSON
Schema says, ``x-cnictl`` holds the facts that rules about whole chains need.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.model.names import plugin_type_fault
from cnictl.model.version import SpecVersion
from cnictl.text.node import ArrayNode, Label, Node, ObjectNode, kind_of
from cnictl.text.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

_SHIPPED = Path(__file__).parent / "schemas"
_CHECKOUT = Path(__file__).parent.parent / "schemas"

SCHEMA_DIR = _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT
"""Inside the package when it is installed, at the top of the tree in a checkout."""


@dataclass(frozen=True)
class PluginFacts:
    """What a schema's ``x-cnictl`` says about a plugin.

    Attributes:
        role: ``interface`` (makes the interface), ``chained`` (needs one), ``ipam``, or ``other`` (stands anywhere).
        ipam: ``required``, ``optional`` or ``none``.
        capabilities: The capabilities that it reads.
        oldest: The first spec version that it speaks.
        newest: The last one; ``None`` for all there are.
        needs_veth: Whether it works only on veth pairs.
        makes_veth: Whether the interface that it makes is one end of a veth pair.
        vendor: Whether it is no plugin of the reference project. Its schema is made from what is known of it, so it
            may read more keys and capabilities than that, and fill in what others must be given.
    """

    role: str
    ipam: str
    capabilities: frozenset[str]
    oldest: SpecVersion
    newest: SpecVersion | None
    needs_veth: bool
    makes_veth: bool
    vendor: bool


class Violation(NamedTuple):
    """A place where a plugin's object is not as its schema wants it."""

    kind: str
    """``unknown-key``, ``key-case``, ``wrong-type``, ``integer-as-float``, ``value-not-allowed``, ``out-of-range``
    or ``missing-key``."""
    label: Label
    message: str
    fix: str


def known_types() -> list[str]:
    """The plugin types that have a schema."""
    return sorted(path.name.removesuffix(".schema.json") for path in (SCHEMA_DIR / "plugins").glob("*.schema.json"))


@cache
def plugin_schema(plugin: str) -> dict[str, Any] | None:
    """The schema of a plugin type; ``None`` when there is none."""
    if plugin_type_fault(plugin):
        return None
    try:
        schema: dict[str, Any] = json.loads((SCHEMA_DIR / "plugins" / f"{plugin}.schema.json").read_bytes())
    except (FileNotFoundError, OSError):
        return None
    return schema


@cache
def plugin_facts(plugin: str) -> PluginFacts | None:
    """What is known about a plugin type; ``None`` when it has no schema, or one that says nothing of it."""
    facts = (plugin_schema(plugin) or {}).get("x-cnictl")
    if facts is None:
        return None
    versions = facts.get("versions", {})
    return PluginFacts(
        role=facts["role"],
        ipam=facts.get("ipam", "none"),
        capabilities=frozenset(facts.get("capabilities", ())),
        oldest=SpecVersion(versions.get("from", "0.1.0")),
        newest=SpecVersion(versions["to"]) if "to" in versions else None,
        needs_veth=facts.get("needsVeth", False),
        makes_veth=facts.get("makesVeth", False),
        vendor=facts.get("vendor", False),
    )


def is_reference(plugin: str) -> bool:
    """Whether a plugin type is of the reference project, so that all that it reads is known."""
    facts = plugin_facts(plugin)
    return facts is not None and not facts.vendor


def violations(plugin: str, node: ObjectNode) -> Iterator[Violation]:
    """Every place where an object is not as the plugin's schema wants it; none without a schema.

    What `cnictl.model.structure` judges for every plugin is left to it.

    Args:
        plugin: The plugin's ``type``, or the ``type`` of an IPAM plugin.
        node: The plugin's object, or its ``ipam`` object.
    """
    if plugin_schema(plugin) is None:
        return
    facts = plugin_facts(plugin)
    structure = _STRUCTURE_OF_IPAM if facts is not None and facts.role == "ipam" else _STRUCTURE
    for error in sorted(_validator(plugin).iter_errors(node.value), key=lambda error: list(map(str, error.path))):
        path = list(error.absolute_path)
        if path and path[0] in structure and error.validator != "additionalProperties":
            continue
        if error.instance is None and not (path and isinstance(path[-1], int)):
            continue  # Go reads null as absent, but as an entry of a list it counts
        describe = _DESCRIBE.get(str(error.validator))
        if describe is not None:
            yield from describe(error, node.at(path))


_STRUCTURE = frozenset({"name", "cniVersion", "type", "capabilities", "ipam", "dns", "prevResult"})
"""Keys whose shape is the same for every plugin."""

_STRUCTURE_OF_IPAM = frozenset({"type"})
"""The same for the ``ipam`` object, whose other keys are its plugin's own."""


@cache
def _validator(plugin: str) -> Validator:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    # Go does not take 1450.0 for an integer, although JSON Schema does.
    checker = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: kind_of(value) == "integer")
    common = json.loads((SCHEMA_DIR / "common.schema.json").read_bytes())
    registry: Registry[Any] = Registry().with_resource(
        "file:///common.schema.json", DRAFT202012.create_resource(common)
    )
    schema = {**(plugin_schema(plugin) or {}), "$id": f"file:///plugins/{plugin}.schema.json"}
    strict: type[Validator] = extend(Draft202012Validator, type_checker=checker)  # type: ignore[no-untyped-call]
    return strict(schema, registry=registry)


def _schema_of(error: ValidationError) -> dict[str, Any]:
    """The part of the schema that was not met; it is an object, as all parts of ours that can fail."""
    return error.schema if isinstance(error.schema, dict) else {}


_REMARKS = ("comment", "comments", "description")
"""Keys that people write because JSON has no comments."""


def _unknown_keys(error: ValidationError, node: Node) -> Iterator[Violation]:
    known = _schema_of(error).get("properties", {})
    folded = {name.casefold(): name for name in known}
    for member in node if isinstance(node, ObjectNode) else ():
        name = member.name
        if name in known or name.startswith(("_", "/", "#", "$", "cni.dev/")) or name in _REMARKS:
            continue
        if name.casefold() in folded:
            right = folded[name.casefold()]
            message = f'"{name}" is read as "{right}" by plugins written in Go only'
            yield Violation("key-case", member.label, message, f'write "{right}"')
            continue
        meant = closest(name, known)
        message = f'the key "{name}" is not read by {_owner(error, node)}'
        if meant:
            message += f'; did you mean "{meant}"?'
        yield Violation("unknown-key", member.label, message, f'write "{meant}"' if meant else "remove it")


def _owner(error: ValidationError, node: Node) -> str:
    """Who would read a key: the plugin, or one of its keys."""
    inside = [token for token in error.absolute_path if isinstance(token, str)]
    if inside:
        return f'"{inside[-1]}"'
    type_node = node.child("type")
    return f"the plugin {type_node.value}" if type_node else "this plugin"


def _wrong_type(error: ValidationError, node: Node) -> Iterator[Violation]:
    allowed: str | list[str] = error.validator_value  # type: ignore[assignment]  # what "type" holds
    types = [allowed] if isinstance(allowed, str) else allowed
    wanted = " or ".join(_A[kind] for kind in types)
    what = f"{_name(error)} must be {wanted}, and this is "
    if node.kind == "number" and "integer" in types:
        if node.value == int(node.value):
            message = f"{what}written as {node.value}, which Go does not read as an integer"
            yield Violation("integer-as-float", node.label, message, f"write {int(node.value)}")
        else:
            yield Violation("wrong-type", node.label, f"{what}{node.value}", f"write {wanted}")
        return
    yield Violation("wrong-type", node.label, what + _A[node.kind], _type_fix(types, node, wanted))


def _type_fix(types: list[str], node: Node, wanted: str) -> str:
    if node.kind == "string" and "boolean" in types and node.value.lower() in ("true", "false"):
        return f"write {node.value.lower()}, without quotes"
    if node.kind == "string" and "integer" in types and re.fullmatch("0|[1-9][0-9]{0,17}", node.value):
        return f"write {node.value}, without quotes"
    if "string" in types and node.kind in ("integer", "boolean"):
        return f'write "{json.dumps(node.value)}", in quotes'
    return f"write {wanted}"


_A = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


def _not_allowed(error: ValidationError, node: Node) -> Iterator[Violation]:
    schema = _schema_of(error)
    allowed = schema.get("enum") or [schema.get("const")]
    meant = closest(str(node.value), map(str, allowed))
    shown = ", ".join(json.dumps(value) for value in allowed)
    message = f"{_name(error)} is {_shown(node)}, and it must be {'one of ' if len(allowed) > 1 else ''}{shown}"
    yield Violation("value-not-allowed", node.label, message, f"write {json.dumps(meant or allowed[0])}")


_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "at least",
    "maxLength": "at most",
    "minItems": "at least",
}
_UNITS = {"string": " characters long", "array": " entries long"}


def _out_of_range(error: ValidationError, node: Node) -> Iterator[Violation]:
    limit = f"{_LIMITS[str(error.validator)]} {error.validator_value}"
    unit = _UNITS.get(node.kind)
    size = f"{len(node.value)}{unit}" if unit else _shown(node)
    message = f"{_name(error)} is {size}, and it must be {limit}"
    yield Violation("out-of-range", node.label, message, f"make it {limit}{unit or ''}")


def _required(error: ValidationError, node: Node) -> Iterator[Violation]:
    if not isinstance(node, ObjectNode):
        return
    required: list[str] = error.validator_value  # type: ignore[assignment]  # what "required" holds
    for key in required:
        if node.folded(key) is None and key != "type":
            message = f'"{key}" is missing in {_name(error)}'
            yield Violation("missing-key", node.label, message, f'add "{key}"')


def _dependent(error: ValidationError, node: Node) -> Iterator[Violation]:
    dependents: dict[str, list[str]] = error.validator_value  # type: ignore[assignment]  # what the keyword holds
    for key, others in dependents.items():
        missing = [other for other in others if isinstance(node, ObjectNode) and other not in node]
        if isinstance(node, ObjectNode) and key in node and missing:
            message = f'"{key}" needs "{missing[0]}" beside it'
            yield Violation("missing-key", node.label, message, f'add "{missing[0]}"')


_DESCRIBE: dict[str, Callable[[ValidationError, Node], Iterator[Violation]]] = {
    "additionalProperties": _unknown_keys,
    "type": _wrong_type,
    "enum": _not_allowed,
    "const": _not_allowed,
    "required": _required,
    "dependentRequired": _dependent,
    **dict.fromkeys(_LIMITS, _out_of_range),
}


def _name(error: ValidationError) -> str:
    """What a value is called: its key, and for entries of a list the key of the list."""
    path = list(error.absolute_path)
    if path and isinstance(path[-1], str):
        return f'"{path[-1]}"'
    keys = [token for token in path if isinstance(token, str)]
    return f'an entry of "{keys[-1]}"' if keys else "the plugin"


def _shown(node: Node) -> str:
    return json.dumps(node.value) if not isinstance(node, (ObjectNode, ArrayNode)) else _A[node.kind]
