"""Schemas as editors want them: each one document, with what it refers to inside.

In ``schemas/`` one refers to the other by its file. Editors and checkers do not agree on what such a reference means:
some look beside the file, some look up the ``$id``, and some do either only at the top of a document.
"""

from __future__ import annotations

import json
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.schema.compiled import SUFFIX
from cnictl.schema.library import SCHEMA_DIR

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = "catalog.json"
"""The list of schemas for editors, in the form of SchemaStore's."""

_FOR_US = "x-cnictl"
"""What only cnictl reads; some validators refuse keywords that they do not know."""


class Listed(NamedTuple):
    """A schema in the list of all.

    Attributes:
        name: Its name, such as ``conflist`` and ``plugins/bridge``.
        id: Its ``$id``.
        title: What it describes.
        files: The globs of the files that editors use it for; none for most.
    """

    name: str
    id: str
    title: str
    files: tuple[str, ...]


def listed_schemas() -> list[Listed]:
    """All schemas, those for editors first."""
    files = {entry["name"]: tuple(entry["fileMatch"]) for entry in catalogue()["schemas"]}
    names = dict.fromkeys([*files, *schema_names()])
    schemas = ((name, read_schema(name)) for name in names)
    return [Listed(name, schema["$id"], schema["title"], files.get(name, ())) for name, schema in schemas]


def schema_names() -> list[str]:
    """The names of all schemas, such as ``conflist`` and ``plugins/bridge``."""
    paths = (path.relative_to(SCHEMA_DIR).as_posix() for path in SCHEMA_DIR.rglob(f"*{SUFFIX}"))
    return sorted(path.removesuffix(SUFFIX) for path in paths)


def read_schema(name: str) -> dict[str, Any]:
    """A schema as it lies there.

    Args:
        name: One of `schema_names`.
    """
    schema: dict[str, Any] = json.loads((SCHEMA_DIR / f"{name}{SUFFIX}").read_bytes())
    return schema


def standalone(name: str) -> dict[str, Any]:
    """A schema that refers to no other file: what it needs of them stands in its ``$defs``.

    Args:
        name: One of `schema_names`.
    """
    document = _Document(name)
    schema = document.taken_in(name)
    definitions = schema.pop("$defs", {}) | document.others
    return schema | ({"$defs": definitions} if definitions else {})


class _Document:
    """One document in the making.

    Args:
        name: The schema that it is about.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.others: dict[str, Any] = {}

    def taken_in(self, name: str) -> dict[str, Any]:
        """A schema whose references lead into this document."""
        own = () if name == self.name else ("$schema", "$id")
        schema = {key: value for key, value in read_schema(name).items() if key not in (_FOR_US, *own)}
        moved: dict[str, Any] = self._moved(schema, name)
        return moved

    def _moved(self, part: Any, name: str) -> Any:  # noqa: ANN401  # any JSON
        if isinstance(part, list):
            return [self._moved(entry, name) for entry in part]
        if not isinstance(part, dict):
            return part
        return {
            key: self._reference(value, name) if key == "$ref" and isinstance(value, str) else self._moved(value, name)
            for key, value in part.items()
        }

    def _reference(self, reference: str, name: str) -> str:
        path, _, pointer = reference.partition("#")
        target = normpath(join(dirname(name), path)).removesuffix(SUFFIX) if path else name
        return f"{self._place(target)}{pointer}"

    def _place(self, name: str) -> str:
        """Where a schema stands in this document, which it comes into now if it is not there yet."""
        if name == self.name:
            return "#"
        label = f"{name.replace('/', '.')}{SUFFIX}"  # a "/" would have to be escaped in a pointer
        if label not in self.others:
            self.others[label] = None  # it may refer to itself
            self.others[label] = self.taken_in(name)
        return f"#/$defs/{label}"


def catalogue() -> dict[str, Any]:
    """The list of schemas for editors; their addresses are their ``$id``."""
    listed: dict[str, Any] = json.loads((SCHEMA_DIR / CATALOGUE).read_bytes())
    return listed


def for_editors(directory: Path) -> dict[Path, dict[str, Any]]:
    """The files that editors need, the catalogue last: where each is to lie, and what is in it.

    Args:
        directory: The directory for them.
    """
    listed = catalogue()
    files = {}
    for entry in listed["schemas"]:
        path = (directory / f"{entry['name'].rpartition('/')[2]}{SUFFIX}").absolute()
        files[path] = standalone(entry["name"])
        entry["url"] = path.as_uri()
    return {**files, (directory / CATALOGUE).absolute(): listed}
