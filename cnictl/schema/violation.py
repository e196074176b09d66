"""Where a plugin's object is not as its schema wants it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.schema.library import current, plugin_facts, plugin_schema
from cnictl.text.change import rename_key, replace_value
from cnictl.text.node import ArrayNode, Label, Node, ObjectNode
from cnictl.text.suggest import certain, closest, is_one_edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

    from cnictl.text.edit import Edit
    from cnictl.text.node import Member


class Violation(NamedTuple):
    """A place where a plugin's object is not as its schema wants it."""

    kind: str
    """``unknown-key``, ``key-case``, ``wrong-type``, ``integer-as-float``, ``value-not-allowed``, ``out-of-range``
    or ``missing-key``."""
    label: Label
    message: str
    fix: str
    edits: tuple[Edit, ...] = ()
    """What to change in the text, where only one thing can have been meant."""


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
    with current().bounded(plugin):
        found = list(_violations(current().validator(plugin), node, structure))
    yield from found


def _violations(validator: Validator, node: ObjectNode, structure: frozenset[str]) -> Iterator[Violation]:
    errors = sorted(validator.iter_errors(node.value), key=lambda error: list(map(str, error.path)))
    mistyped = [list(error.absolute_path) for error in errors if error.validator == "type"]
    for error in errors:
        path = list(error.absolute_path)
        if error.validator != "type" and path in mistyped:
            continue  # what is of the wrong type is no right value either
        if path and path[0] in structure and error.validator != "additionalProperties":
            continue
        if error.instance is None and not (path and isinstance(path[-1], int)):
            continue  # Go reads null as absent, but as an entry of a list it counts
        yield from _DESCRIBE.get(str(error.validator), _otherwise)(error, node.at(path))
        if error.validator == "additionalProperties":
            yield from _in_other_case(validator, error, node.at(path))


_STRUCTURE = frozenset({"name", "cniVersion", "type", "capabilities", "ipam", "dns", "prevResult"})
"""Keys whose shape is the same for every plugin."""

_STRUCTURE_OF_IPAM = frozenset({"type"})
"""The same for the ``ipam`` object, whose other keys are its plugin's own."""


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
            yield Violation("key-case", member.label, message, f'write "{right}"', _renamed(member, right, node))
            continue
        meant = closest(name, known)
        message = f'the key "{name}" is not read by {_owner(error, node)}'
        if meant:
            message += f'; did you mean "{meant}"?'
        sure = certain(name, known)
        edits = _renamed(member, sure, node) if sure else ()
        yield Violation("unknown-key", member.label, message, f'write "{meant}"' if meant else "remove it", edits)


def _in_other_case(validator: Validator, error: ValidationError, node: Node) -> Iterator[Violation]:
    """What is wrong with the values of keys that the plugin finds in another letter case."""
    known = _schema_of(error).get("properties", {})
    folded = {name.casefold(): name for name in known}
    for member in node if isinstance(node, ObjectNode) else ():
        right = folded.get(member.name.casefold())
        if right is not None and member.name not in known:
            yield from _in_value(validator.evolve(schema=known[right]), member)


def _in_value(validator: Validator, member: Member) -> Iterator[Violation]:
    for error in validator.iter_errors(member.node.value):
        error.path.appendleft(member.name)
        if error.instance is not None:
            yield from _DESCRIBE.get(str(error.validator), _otherwise)(error, member.node.at(list(error.path)[1:]))


def _renamed(member: Member, right: str, node: Node) -> tuple[Edit, ...]:
    """The right key in place of a wrong one, unless it is there as well."""
    others = [other.name for other in getattr(node, "members", ()) if other is not member]
    taken = any(other.casefold() == right.casefold() or is_one_edit(other, right) for other in others)
    return () if taken else (rename_key(member, right),)


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
            whole = int(node.value)
            edits = (replace_value(node, whole),) if abs(whole) < _INT64 else ()
            yield Violation("integer-as-float", node.label, message, f"write {whole}", edits)
        else:
            yield Violation("wrong-type", node.label, f"{what}{node.value}", f"write {wanted}")
        return
    right = _in_right_type(types, node)
    if right is None:
        yield Violation("wrong-type", node.label, what + _A[node.kind], f"write {wanted}")
        return
    quotes = "in quotes" if isinstance(right, str) else "without quotes"
    edits = (replace_value(node, right),)
    yield Violation("wrong-type", node.label, what + _A[node.kind], f"write {json.dumps(right)}, {quotes}", edits)


_INT64 = 2**63
"""What no integer of Go reaches."""


def _in_right_type(types: list[str], node: Node) -> str | int | None:
    """The value that was certainly meant, in the type that is wanted; ``None`` when there is no telling."""
    if node.kind == "string" and "boolean" in types and node.value.lower() in ("true", "false"):
        return bool(node.value.lower() == "true")
    if node.kind == "string" and "integer" in types and re.fullmatch("0|[1-9][0-9]{0,17}", node.value):
        return int(node.value)
    if "string" in types and node.kind in ("integer", "boolean"):
        return json.dumps(node.value)
    return None


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
    shown = ", ".join(json.dumps(value) for value in allowed if value != "")
    message = f"{_name(error)} is {_shown(node)}, and it must be {'one of ' if len(allowed) > 1 else ''}{shown}"
    written = node.value if isinstance(node.value, str) else None
    in_other_case = written is not None and meant in allowed and str(meant).casefold() == written.casefold()
    edits = (replace_value(node, meant),) if in_other_case else ()
    yield Violation("value-not-allowed", node.label, message, f"write {json.dumps(meant or allowed[0])}", edits)


def _not_of_the_form(error: ValidationError, node: Node) -> Iterator[Violation]:
    examples = _schema_of(error).get("examples", ())
    form = f"be of the form {json.dumps(examples[0])}" if examples else f"match {error.validator_value}"
    message = f"{_name(error)} is {_shown(node)}, and it must {form}"
    yield Violation("value-not-allowed", node.label, message, "write it in this form")


_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "at least",
    "maxLength": "at most",
    "minItems": "at least",
}
_UNITS = {"string": " characters long", "array": " entries long"}
_UNITS_OF_ONE = {"string": " character long", "array": " entry long"}


def _out_of_range(error: ValidationError, node: Node) -> Iterator[Violation]:
    limit = f"{_LIMITS[str(error.validator)]} {error.validator_value}"
    unit = (_UNITS_OF_ONE if error.validator_value == 1 else _UNITS).get(node.kind)
    size = f"{len(node.value)}{_UNITS[node.kind]}" if unit else _shown(node)
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


def _otherwise(error: ValidationError, node: Node) -> Iterator[Violation]:
    """What schemas of users want in words that ours do not need."""
    reason = error.message if len(error.message) <= _LONGEST else f"{error.message[:_LONGEST]}..."
    message = f"{_name(error)} is not as its schema wants it: {reason}"
    yield Violation("value-not-allowed", node.label, message, "see the plugin's schema")


_LONGEST = 200
"""Characters of a message of the schema library, which shows whole values."""


_DESCRIBE: dict[str, Callable[[ValidationError, Node], Iterator[Violation]]] = {
    "additionalProperties": _unknown_keys,
    "type": _wrong_type,
    "enum": _not_allowed,
    "const": _not_allowed,
    "pattern": _not_of_the_form,
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
