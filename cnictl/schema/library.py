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
from cnictl.schema.compiled import SUFFIX, compile_built_in, compile_own
from cnictl.schema.limit import TooSlow, time_limit
from cnictl.text.scan import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.protocols import Validator

_SHIPPED = Path(__file__).parent.parent / "schemas"
_CHECKOUT = Path(__file__).parent.parent.parent / "schemas"

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
        makes_veth: Whether the interface that it makes is one end of a veth pair; ``None`` when that is not known.
        vendor: Whether it is no plugin of the reference project. Its schema is made from what is known of it, so it
            may read more keys and capabilities than that, and fill in what others must be given.
    """

    role: str
    ipam: str
    capabilities: frozenset[str]
    oldest: SpecVersion
    newest: SpecVersion | None
    needs_veth: bool
    makes_veth: bool | None
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
        self._files: dict[str, Path] = {}
        self._facts: dict[str, PluginFacts | None] = {}
        self._validators: dict[str, Validator] = {}
        self._endless: dict[str, SourceError] = {}

    def types(self) -> list[str]:
        """The plugin types that have a schema."""
        if self._types is None:
            paths = [path for directory in self.directories for path in directory.glob(f"*{SUFFIX}")]
            self._types = sorted({path.name.removesuffix(SUFFIX) for path in paths})
        return self._types

    def schema(self, plugin: str) -> dict[str, Any] | None:
        """The schema of a plugin type; ``None`` when there is none."""
        if plugin not in self._schemas:
            self._schemas[plugin] = None if plugin_type_fault(plugin) else self._read(plugin)
        return self._schemas[plugin]

    def _read(self, plugin: str) -> dict[str, Any] | None:
        for directory in self.directories:
            file = directory / f"{plugin}{SUFFIX}"
            try:
                schema: dict[str, Any] = json.loads(file.read_bytes())
            except OSError:  # no such file, or a name that is too long for one
                continue
            if directory not in self.own:
                return schema
            self._files[plugin] = file
            return _with_common_keys(schema)
        return None

    def facts(self, plugin: str) -> PluginFacts | None:
        """What is known about a plugin type; ``None`` when it has no schema, or one that says nothing of it."""
        if plugin not in self._facts:
            self._facts[plugin] = _facts((self.schema(plugin) or {}).get("x-cnictl"))
        return self._facts[plugin]

    def validator(self, plugin: str) -> Validator:
        """What judges an object by the schema of a plugin type."""
        if plugin not in self._validators:
            schema = self.schema(plugin) or {}
            make = compile_own if plugin in self._files else compile_built_in
            self._validators[plugin] = make(plugin, schema, common_parts())
        return self._validators[plugin]

    @contextmanager
    def bounded(self, plugin: str) -> Iterator[None]:
        """Keeps a user's schema from being judged by for ever; a built-in one ends.

        Raises:
            SourceError: It would, and has in the past.
        """
        file = self._files.get(plugin)
        if file is None:
            yield
            return
        if plugin in self._endless:
            raise self._endless[plugin]
        try:
            with time_limit(PATIENCE):
                yield
        except (TooSlow, RecursionError) as error:
            self._endless[plugin] = _endless(file, error)
            raise self._endless[plugin] from error


PATIENCE = 5.0
"""Seconds that it may take to judge an object by a user's schema; others are done in milliseconds."""


def _endless(file: Path, error: TooSlow | RecursionError) -> SourceError:
    if isinstance(error, RecursionError):
        return SourceError(str(file), "refers to itself without end", hint="look at its $ref")
    where = f", at the pattern {shorten(error.pattern, 200)}" if error.pattern else ""
    reason = f"judging an object by it takes more than {PATIENCE:g} seconds{where}"
    hint = "a repetition inside a repetition, such as (a+)+, can take for ever" if error.pattern else None
    return SourceError(str(file), reason, hint=hint)


def _facts(facts: dict[str, Any] | None) -> PluginFacts | None:
    if facts is None:
        return None
    versions = facts.get("versions", {})
    vendor = facts.get("vendor", False)
    return PluginFacts(
        role=facts["role"],
        ipam=facts.get("ipam", "none"),
        capabilities=frozenset(facts.get("capabilities", ())),
        oldest=SpecVersion(versions.get("from", "0.1.0")),
        newest=SpecVersion(versions["to"]) if "to" in versions else None,
        needs_veth=facts.get("needsVeth", False),
        makes_veth=facts.get("makesVeth", None if vendor else False),
        vendor=vendor,
    )


def _with_common_keys(schema: dict[str, Any]) -> dict[str, Any]:
    """A user's schema with the keys that libcni and runtimes write into every plugin's object."""
    names = ("type", "name", "cniVersion", "capabilities", "args", "ipam", "dns", "prevResult", "runtimeConfig")
    return {**schema, "properties": {**dict.fromkeys(names, True), **schema.get("properties", {})}}


@cache
def common_parts() -> dict[str, Any]:
    """What schemas of plugins may refer to."""
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
