"""The files of containerd's config: what the first one imports, and what stands in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.foreign.setting import Setting
from cnictl.foreign.toml import read_toml
from cnictl.text.node import ArrayNode, ObjectNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cnictl.foreign.toml import TomlDocument
    from cnictl.text.node import Node
    from cnictl.text.source import Source, Span

Path = tuple[str, ...]


class Missing(NamedTuple):
    """An imported file that is not there, or cannot be read; the daemon does not start then."""

    path: str
    wanted: Setting


def read_files(
    first: TomlDocument, read: Callable[[str], Source | None], expand: Callable[[str], list[str]]
) -> tuple[tuple[TomlDocument, ...], tuple[Missing, ...]]:
    """The files in the order in which the daemon reads them: imports of a file behind those that wait already."""
    files, missing = [first], []
    loaded, pending = {first.source.path}, list(_imports(first, expand))
    while pending:
        path, wanted = pending.pop(0)
        if path in loaded:
            continue
        loaded.add(path)
        source = read(path)
        if source is None:
            missing.append(Missing(path, wanted))
            continue
        files.append(read_toml(source))
        pending += _imports(files[-1], expand)
    return tuple(files), tuple(missing)


def _imports(document: TomlDocument, expand: Callable[[str], list[str]]) -> Iterator[tuple[str, Setting]]:
    for wanted in texts_in([document], "imports"):
        path = _absolute(document.source.path, wanted.text)
        for each in expand(path) if "*" in path else [path]:
            yield each, wanted


def _absolute(parent: str, path: str) -> str:
    whole = path if path.startswith("/") else f"{parent.rpartition('/')[0]}/{path}"
    parts: list[str] = []
    for part in whole.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def texts_in(files: Iterable[TomlDocument], key: str) -> Iterator[Setting]:
    """The texts in a list at the top of some files."""
    for file in files:
        node = file.find(key)
        if isinstance(node, ArrayNode):
            yield from (Setting.of(file.source, item) for item in node.items if isinstance(item.value, str))


def declared_version(file: TomlDocument) -> int:
    """The version that a file says its format has; 0 when it does not say."""
    value = getattr(file.find("version"), "value", 0)
    return value if isinstance(value, int) else 0


def values_of(file: TomlDocument) -> dict[Path, Setting]:
    """The values of a file by their paths; an empty table is one of them, with the value ``{}``."""
    found: dict[Path, Setting] = {}
    waiting: list[tuple[Path, Node, Span | None]] = [((), file.root, None)]
    while waiting:
        path, node, key = waiting.pop()
        if isinstance(node, ObjectNode) and (node.members or not path):
            waiting += [((*path, member.name), member.node, member.key_span) for member in node][::-1]
        else:
            found[path] = Setting.of(file.source, node, key)
    return found


def plugin_tables(file: TomlDocument) -> dict[str, Setting]:
    """The tables of plugins in a file."""
    plugins = file.find("plugins")
    if not isinstance(plugins, ObjectNode):
        return {}
    return {member.name: Setting.of(file.source, member.node) for member in plugins}
