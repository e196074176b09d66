"""A config directory under judgement: its entries, the configs in it, and what becomes of each."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from cnictl.errors import InputError, SourceError
from cnictl.model.files import LIST_SUFFIX, SINGLE_SUFFIXES, config_names, suffix_of
from cnictl.model.names import network_name_fault
from cnictl.runtime.selection import Candidate, candidate, select
from cnictl.schema import plugin_facts
from cnictl.text.node import ArrayNode, ObjectNode
from cnictl.text.parser import parse
from cnictl.text.source import read_source, source_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cnictl.model.view import NetworkView
    from cnictl.runtime.selection import Runtime, Verdict
    from cnictl.text.node import Node
    from cnictl.validate.context import ConfigFile

EntryKind: TypeAlias = Literal[
    "file", "directory", "dangling-link", "link-to-directory", "pipe", "socket", "device", "unknown"
]


@dataclass(frozen=True)
class Entry:
    """A name in a directory.

    Attributes:
        name: The name.
        kind: What is there; ``file`` for a link to a file, ``unknown`` where it may not be looked at.
        mode: The permission bits of what is there; 0 where there is nothing.
        target: What it leads to, when it is a link.
        uid: Whose it is; ``None`` where there is nothing.
    """

    name: str
    kind: EntryKind = "file"
    mode: int = 0
    target: str | None = None
    uid: int | None = None

    @property
    def unreadable(self) -> bool:
        """Whether no runtime can read it although it is no directory."""
        return self.kind not in ("file", "directory", "unknown")


@dataclass(frozen=True)
class Listing:
    """What is in a directory, by name only.

    Attributes:
        path: The directory, as the user named it.
        mode: Its permission bits.
        entries: Its entries, in the order of their names.
        drop_ins: The entries of each of its subdirectories.
    """

    path: str
    mode: int
    entries: tuple[Entry, ...]
    drop_ins: Mapping[str, tuple[Entry, ...]]

    def without(self, names: Iterable[str]) -> Listing:
        """The same directory with some of the entries left out."""
        others = frozenset(names)
        return replace(self, entries=tuple(entry for entry in self.entries if entry.name not in others))


def read_directory(path: str) -> Listing:
    """Looks at the names in a directory and in its subdirectories, and opens none of the files.

    Raises:
        SourceNotFound: There is no such directory.
        SourceError: It cannot be read.
    """
    entries = _entries(path)
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)  # noqa: PTH116  # a name that no Path could hold is an error too
    except OSError as error:
        raise source_error(path, error) from error
    kinds = ("directory", "link-to-directory")
    drop_ins = {entry.name: _readable(f"{path}/{entry.name}") for entry in entries if entry.kind in kinds}
    return Listing(path, mode, entries, drop_ins)


def _readable(path: str) -> tuple[Entry, ...]:
    """The entries of a subdirectory; none when it cannot be read, for it may hold anything."""
    try:
        return _entries(path)
    except SourceError:
        return ()


def _entries(path: str) -> tuple[Entry, ...]:
    try:
        with os.scandir(path) as found:
            return tuple(sorted(map(_entry, found), key=lambda entry: os.fsencode(entry.name)))
    except OSError as error:
        raise source_error(path, error) from error


def _entry(found: os.DirEntry[str]) -> Entry:
    entry = Entry(found.name, "unknown")
    try:
        if found.is_symlink():
            entry = replace(entry, target=str(Path(found.path).readlink()))
        status = found.stat()
    except PermissionError:
        return entry
    except OSError:  # what is no link was removed while we looked
        return replace(entry, kind="dangling-link") if entry.target is not None else entry
    kind = _KINDS.get(stat.S_IFMT(status.st_mode), "device")
    if kind == "directory" and entry.target is not None:
        kind = "link-to-directory"
    return replace(entry, kind=kind, mode=stat.S_IMODE(status.st_mode), uid=status.st_uid)


_KINDS: dict[int, EntryKind] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
}


def only_inlined(network: NetworkView) -> bool:
    """Whether a network takes no plugins from a directory; libcni reads the word in quotes too."""
    flag = network.node.child("loadOnlyInlinedPlugins")
    return flag is not None and str(flag.value).lower() == "true"


def broken_drop_ins(directory: Directory) -> dict[str, str]:
    """Reads the further plugins of lists as libcni does, which refuses the whole list for one of them.

    Args:
        directory: The directory.

    Returns:
        Why, by the name of the list's file.
    """
    found: dict[str, str] = {}
    for name, file in directory.files.items():
        network = file.network if suffix_of(name) == LIST_SUFFIX else None
        for entry in directory.drop_ins_of(network) if network is not None else ():
            reason = _refused(f"{directory.path}/{network.name}/{entry.name}", entry) if network is not None else None
            if reason and network is not None:
                found.setdefault(name, f"{network.name}/{entry.name} beside it {reason}")
    return found


def _refused(path: str, entry: Entry) -> str | None:
    """Why libcni refuses a further plugin; ``None`` when it does not, or does not look at it."""
    if suffix_of(entry.name) != SINGLE_SUFFIXES[0]:
        return None
    if entry.unreadable:
        return "cannot be read"
    try:
        document = parse(read_source(path))
    except InputError:
        return "cannot be read"
    reason = candidate(entry.name, document).refused
    return f"is refused: {reason}" if reason else None


def gets_plugins(file: ConfigFile) -> bool:
    """Whether a list that has no plugins of its own is given some in a directory beside it, as libcni 1.3.0 allows."""
    network = file.network
    if network is None or network.plugins or network.is_list or suffix_of(file.path) != LIST_SUFFIX:
        return False
    name = network.name
    if not name or network_name_fault(name) or only_inlined(network):
        return False
    beside = _readable(os.path.join(os.path.dirname(file.path), name))  # noqa: PTH118, PTH120
    return any(entry.kind == "file" and suffix_of(entry.name) == SINGLE_SUFFIXES[0] for entry in beside)


_NUMBERED = re.compile(r"[0-9]+[-_.]")
_OWN_KEYS = ("cniVersion", "cniVersions", "ipam", "prevResult", "runtimeConfig", "loadOnlyInlinedPlugins")
"""Keys that configs have, and files of other programs do not."""
_SHARED_KEYS = ("name", "type", "plugins")


def is_meant(file: ConfigFile) -> bool:
    """Whether a file with the name of a config is one, or was to be one.

    In a directory that no runtime reads there are package.json, nginx.conf and others of other programs.
    """
    source = file.document.source
    name = source.path.rpartition("/")[2]
    suffix, numbered = suffix_of(name), _NUMBERED.match(name) is not None
    objects = _objects(file.document.root)
    if suffix == LIST_SUFFIX or (suffix == ".conf" and isinstance(file.document.root, ObjectNode)):
        return True
    if objects:
        return any(_has_keys(each, numbered) for each in objects)
    text = source.text.strip("\ufeff \t\r\n")
    begun = numbered if text == "" else text.startswith("{") and (numbered or suffix == ".conf")
    return begun or "cniVersion" in text


def _objects(root: Node | None) -> list[ObjectNode]:
    """What may be a config: the text as a whole, or else what it is a list of."""
    nodes = root.items if isinstance(root, ArrayNode) else [root]
    return [node for node in nodes if isinstance(node, ObjectNode)]


def _has_keys(node: ObjectNode, numbered: bool) -> bool:
    """Whether an object has a key that only configs have; one that others have too counts in a numbered file."""
    if any(node.folded(key) for key in (*_OWN_KEYS, *(_SHARED_KEYS if numbered else ()))):
        return True
    plugins, kind = node.folded("plugins"), node.folded("type")
    if plugins and isinstance(plugins.node, ArrayNode) and _objects(plugins.node):
        return True
    return kind is not None and kind.node.kind == "string" and plugin_facts(kind.node.value) is not None


class Directory:
    """A config directory, as rules look at it.

    Args:
        listing: What is in it, by name.
        files: The configs that could be read, by the name of their file.
        runtime: Who loads it, when that is asked.

    Attributes:
        broken: Why a list cannot be loaded although its file is well: something in the directory of further plugins.
    """

    def __init__(self, listing: Listing, files: Mapping[str, ConfigFile], runtime: Runtime | None = None) -> None:
        self.path = listing.path
        self.mode = listing.mode
        self.entries = listing.entries
        self.drop_ins = listing.drop_ins
        self.files = files
        self.runtime = runtime
        self.broken: Mapping[str, str] = {}

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The entries as the choice of a runtime sees them."""
        return tuple(map(self._candidate, self.entries))

    def _candidate(self, entry: Entry) -> Candidate:
        if entry.kind in ("directory", "dangling-link"):
            return Candidate(entry.name, "directory" if entry.kind == "directory" else "dangling-link")
        if entry.unreadable:
            return Candidate(entry.name, "unreadable")
        file = self.files.get(entry.name)
        if file is None:
            return Candidate(entry.name)
        network = file.network
        plugins = [each for each in self.drop_ins_of(network) if suffix_of(each.name) == ".conf"] if network else []
        found = candidate(entry.name, file.document, drop_ins=bool(plugins))
        return replace(found, refused=found.refused or self.broken.get(entry.name))

    def drop_ins_of(self, network: NetworkView) -> tuple[Entry, ...]:
        """What is in the directory for further plugins of a network; nothing when the network does not want any."""
        if only_inlined(network):
            return ()
        return tuple(entry for entry in self.drop_ins.get(network.name or "", ()) if entry.kind != "directory")

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What becomes of each entry under the runtime; empty when none is asked about."""
        return select(self.runtime, self.candidates) if self.runtime else ()

    @cached_property
    def loadable(self) -> list[tuple[str, NetworkView]]:
        """The networks that can be loaded, with their files, in the order of the names."""
        return list(self._loadable())

    @property
    def lists(self) -> list[NetworkView]:
        """Those to which plugins can be added in a directory beside them, also when these keep them from loading."""
        names = {name for name, _ in self.loadable} | self.broken.keys()
        files = [file for name, file in self.files.items() if name in names]
        return [file.network for file in files if file.network and (file.network.is_list or file.gets_plugins)]

    def _loadable(self) -> Iterator[tuple[str, NetworkView]]:
        by_name = {each.name: each for each in self.candidates if each.kind == "file"}
        for name in config_names(by_name):
            network = self.files[name].network if name in self.files else None
            if network is not None and not by_name[name].refused:
                yield name, network
