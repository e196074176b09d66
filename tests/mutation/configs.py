"""The good configs that are broken, one thing at a time, and what it takes to break them."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from cnictl.text.pointer import format_pointer
from cnictl.text.source import Source
from cnictl.validate.engine import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = Path(__file__).parent / "good"
CORPUS = Path(__file__).parents[1] / "corpus" / "valid"

YES, NO = True, False

Steps: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead to a value."""


@dataclass(frozen=True)
class Change:
    """A broken config.

    Attributes:
        name: The file's name.
        data: Its bytes.
        pointers: Where a finding is wanted, at one of these; empty for a fault of the text.
        lines: The lines in which one is wanted when there is no pointer; empty for anywhere.
        deed: What was done, for people.
    """

    name: str
    data: bytes
    pointers: frozenset[str] = frozenset()
    lines: frozenset[int] = frozenset()
    deed: str = ""


@dataclass(frozen=True)
class Good:
    """A config in which nothing is wrong.

    Attributes:
        name: The file's name.
        text: Its text.
        own: Whether it was written for this test, so that the meaning of all its keys is known.
    """

    name: str
    text: str
    own: bool

    @cached_property
    def data(self) -> Any:
        return json.loads(self.text)

    def walk(self) -> Iterator[tuple[Steps, Any]]:
        """Every value of the document with its path, the outermost first."""
        waiting: list[tuple[Steps, Any]] = [((), self.data)]
        for path, value in waiting:
            yield path, value
            steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
            waiting += [((*path, step), item) for step, item in steps]

    def plugins(self, *types: str) -> Iterator[tuple[Steps, dict[str, Any]]]:
        """The plugins of these types, or all."""
        entries = enumerate(self.data["plugins"]) if "plugins" in self.data else [(None, self.data)]
        for index, plugin in entries:
            if not types or plugin["type"] in types:
                yield (() if index is None else ("plugins", index)), plugin

    def ipams(self, *types: str) -> Iterator[tuple[Steps, dict[str, Any]]]:
        """The ``ipam`` objects of these types, or all."""
        for path, plugin in self.plugins():
            name = plugin.get("ipam", {}).get("type")
            if name and (not types or name in types):
                yield (*path, "ipam"), plugin["ipam"]

    def keys(self, key: str, *types: str) -> Iterator[tuple[Steps, Any]]:
        """Every value under a key in plugins of these types, or anywhere."""
        for path, value in self.walk():
            if path and path[-1] == key and (not types or self.owner(path) in types):
                yield path, value

    def owner(self, path: Steps) -> str:
        """The type of the plugin, or of the IPAM plugin, that reads what is at ``path``; empty at the top of a list."""
        plugin = self.data
        if "plugins" in plugin:
            if len(path) < 2 or path[0] != "plugins":
                return ""
            plugin, path = plugin["plugins"][path[1]], path[2:]
        inside = plugin["ipam"] if path[:1] == ("ipam",) and len(path) > 1 else plugin
        return str(inside.get("type", ""))

    def at(self, path: Steps) -> Any:
        """The value at ``path``."""
        value = self.data
        for step in path:
            value = value[step]
        return value

    def put(self, path: Steps, value: Any, *also: Steps, name: str = "") -> Change:
        """The config with another value, or a new one, at ``path``; a finding is wanted there or at ``also``."""
        if not path:
            return self._change(value, [(), *also], f"the document is {value!r}", name)
        copy, parent = self._copy(path)
        parent[path[-1]] = value
        return self._change(copy, [path, *also], f"{format_pointer(path)} = {json.dumps(value)}", name)

    def drop(self, path: Steps, *also: Steps) -> Change:
        """The config without the value at ``path``; a finding is wanted at what held it."""
        copy, parent = self._copy(path)
        del parent[path[-1]]
        return self._change(copy, [path[:-1], *also], f"{format_pointer(path)} deleted")

    def rename(self, path: Steps, key: str, *also: Steps) -> Change:
        """The config with another key for the value at ``path``; a finding is wanted at the new key."""
        copy, parent = self._copy(path)
        items = [(key if name == path[-1] else name, value) for name, value in parent.items()]
        parent.clear()
        parent.update(items)
        return self._change(copy, [(*path[:-1], key), *also], f"{format_pointer(path)} renamed to {key!r}")

    def insert(self, path: Steps, value: Any, *also: Steps) -> Change:
        """The config with a new item in a list, before the one at ``path``."""
        copy, parent = self._copy(path)
        parent.insert(path[-1], value)
        return self._change(copy, [path, *also], f"{json.dumps(value)} inserted at {format_pointer(path)}")

    def called(self, name: str, *also: Steps) -> Change:
        """The config in a file of another name; a finding is wanted at the document or at ``also``."""
        pointers = frozenset(map(format_pointer, [(), *also]))
        return Change(name, self.text.encode(), pointers, deed=f"called {name}")

    def written(self, text: str | bytes, deed: str, *lines: int) -> Change:
        """Another text; a finding is wanted in one of ``lines``, or anywhere when none is given."""
        data = text.encode() if isinstance(text, str) else text
        return Change(self.name, data, lines=frozenset(lines), deed=deed)

    def _copy(self, path: Steps) -> tuple[Any, Any]:
        copy = deepcopy(self.data)
        parent = copy
        for step in path[:-1]:
            parent = parent[step]
        return copy, parent

    def _change(self, data: Any, pointers: list[Steps], deed: str, name: str = "") -> Change:
        text = json.dumps(data, indent=2, ensure_ascii=False)
        return Change(name or self.name, text.encode(), frozenset(map(format_pointer, pointers)), deed=deed)


@cache
def own_configs() -> tuple[Good, ...]:
    """Those written for this test: every reference plugin and some of vendors, with many of their keys."""
    return tuple(Good(path.name, path.read_text(), own=True) for path in sorted(OWN.iterdir()))


@cache
def real_configs() -> tuple[Good, ...]:
    """Those of real projects that give no finding at all."""
    paths = sorted(CORPUS.iterdir())
    return tuple(
        Good(path.name, path.read_text(), own=False)
        for path in paths
        if not judge(Source(path.name, path.read_bytes())).findings
    )
