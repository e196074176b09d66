"""The schemas of plugins: what each key may hold, and facts about the plugin itself.

A schema is a file ``schemas/plugins/<type>.schema.json``; putting one there is all it takes. Beside what JSON
Schema says, ``x-cnictl`` holds the facts that rules about whole chains need. Users have directories of their own.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.errors import SourceError
from cnictl.model.names import plugin_type_fault
from cnictl.model.version import SpecVersion
from cnictl.text.node import kind_of
from cnictl.text.source import read_regular, source_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.protocols import Validator
    from referencing import Registry

_SHIPPED = Path(__file__).parent.parent / "schemas"
_CHECKOUT = Path(__file__).parent.parent.parent / "schemas"

SCHEMA_DIR = _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT
"""Inside the package when it is installed, at the top of the tree in a checkout."""

_SUFFIX = ".schema.json"


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


class Library:
    """The schemas that there are.

    Args:
        own: Directories of schemas ``<type>.schema.json``; the first that has a type wins, also over the built-in one.
    """

    def __init__(self, own: tuple[Path, ...] = ()) -> None:
        self.own = own
        self.directories = (*own, SCHEMA_DIR / "plugins")
        self._types: list[str] | None = None
        self._schemas: dict[str, dict[str, Any] | None] = {}
        self._facts: dict[str, PluginFacts | None] = {}
        self._validators: dict[str, Validator] = {}

    def types(self) -> list[str]:
        """The plugin types that have a schema."""
        if self._types is None:
            paths = [path for directory in self.directories for path in directory.glob(f"*{_SUFFIX}")]
            self._types = sorted({path.name.removesuffix(_SUFFIX) for path in paths})
        return self._types

    def schema(self, plugin: str) -> dict[str, Any] | None:
        """The schema of a plugin type; ``None`` when there is none."""
        if plugin not in self._schemas:
            self._schemas[plugin] = None if plugin_type_fault(plugin) else self._read(plugin)
        return self._schemas[plugin]

    def _read(self, plugin: str) -> dict[str, Any] | None:
        for directory in self.directories:
            try:
                schema: dict[str, Any] = json.loads((directory / f"{plugin}{_SUFFIX}").read_bytes())
            except OSError:  # no such file, or a name that is too long for one
                continue
            return schema if directory not in self.own else _with_common_keys(schema)
        return None

    def facts(self, plugin: str) -> PluginFacts | None:
        """What is known about a plugin type; ``None`` when it has no schema, or one that says nothing of it."""
        if plugin not in self._facts:
            self._facts[plugin] = _facts((self.schema(plugin) or {}).get("x-cnictl"))
        return self._facts[plugin]

    def validator(self, plugin: str) -> Validator:
        """What judges an object by the schema of a plugin type."""
        if plugin not in self._validators:
            self._validators[plugin] = _validator(plugin, self.schema(plugin) or {})
        return self._validators[plugin]

    def part(self, schema: dict[str, Any]) -> Validator:
        """What judges a value by a part of a schema of a plugin."""
        return _validator("part", schema)


def _facts(facts: dict[str, Any] | None) -> PluginFacts | None:
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


def _validator(plugin: str, schema: dict[str, Any]) -> Validator:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    # Go does not take 1450.0 for an integer, although JSON Schema does.
    checker = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: kind_of(value) == "integer")
    strict: type[Validator] = extend(Draft202012Validator, type_checker=checker)  # type: ignore[no-untyped-call]
    return strict({**schema, "$id": f"file:///plugins/{plugin}{_SUFFIX}"}, registry=_registry())


def _with_common_keys(schema: dict[str, Any]) -> dict[str, Any]:
    """A user's schema with the keys that libcni and runtimes write into every plugin's object."""
    names = ("type", "name", "cniVersion", "capabilities", "args", "ipam", "dns", "prevResult", "runtimeConfig")
    return {**schema, "properties": {**dict.fromkeys(names, True), **schema.get("properties", {})}}


def _registry() -> Registry[Any]:
    """What schemas of plugins may refer to; nothing is ever fetched."""
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    nothing: Registry[Any] = Registry()
    known: Registry[Any] = nothing.with_resource("file:///common.schema.json", DRAFT202012.create_resource(_common()))
    return known


_URI = f"file:///plugins/own{_SUFFIX}"
"""Where a user's schema is taken to lie: beside the built-in ones, to which its references lead."""


@cache
def _common() -> dict[str, Any]:
    common: dict[str, Any] = json.loads((SCHEMA_DIR / "common.schema.json").read_bytes())
    return common


_BUILT_IN = Library()
_CURRENT: ContextVar[Library] = ContextVar("library", default=_BUILT_IN)


def current() -> Library:
    """The schemas that count here: the built-in ones, or those of `using`."""
    return _CURRENT.get()


@contextmanager
def using(own: Library) -> Iterator[None]:
    """Makes other schemas count inside a ``with`` block, in this thread alone."""
    token = _CURRENT.set(own)
    try:
        yield
    finally:
        _CURRENT.reset(token)


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
            names = sorted(path.name for path in directory.iterdir() if path.name.endswith(_SUFFIX))
        except OSError as error:
            raise source_error(str(directory), error) from error
        if not names:
            message = f"holds no schema: no name in it ends in {_SUFFIX}"
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

    resolver = _registry().with_resource(_URI, DRAFT202012.create_resource(schema)).resolver(base_uri=_URI)
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
    },
}
"""What ``x-cnictl`` may hold."""


def known_types() -> list[str]:
    """The plugin types that have a schema."""
    return current().types()


def plugin_schema(plugin: str) -> dict[str, Any] | None:
    """The schema of a plugin type; ``None`` when there is none."""
    return current().schema(plugin)


def plugin_facts(plugin: str) -> PluginFacts | None:
    """What is known about a plugin type; ``None`` when it has no schema, or one that says nothing of it."""
    return current().facts(plugin)


def is_reference(plugin: str) -> bool:
    """Whether a plugin type is of the reference project, so that all that it reads is known."""
    facts = plugin_facts(plugin)
    return facts is not None and not facts.vendor
