"""A config directory under judgement: its entries, the configs in it, and what becomes of each."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from cnictl.errors import SourceError
from cnictl.model.files import config_names, suffix_of
from cnictl.runtime.selection import Candidate, candidate, select
from cnictl.text.source import source_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.model.view import NetworkView
    from cnictl.runtime.selection import Runtime, Verdict
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


class Directory:
    """A config directory, as rules look at it.

    Args:
        listing: What is in it, by name.
        files: The configs that could be read, by the name of their file.
        runtime: Who loads it, when that is asked.
    """

    def __init__(self, listing: Listing, files: Mapping[str, ConfigFile], runtime: Runtime | None = None) -> None:
        self.path = listing.path
        self.mode = listing.mode
        self.entries = listing.entries
        self.drop_ins = listing.drop_ins
        self.files = files
        self.runtime = runtime

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
        broken = next((each for each in plugins if each.unreadable), None)
        found = candidate(entry.name, file.document, drop_ins=bool(plugins))
        if broken is not None and network is not None and suffix_of(entry.name) == ".conflist":
            return replace(found, refused=found.refused or f"{network.name}/{broken.name} beside it cannot be read")
        return found

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

    def _loadable(self) -> Iterator[tuple[str, NetworkView]]:
        by_name = {each.name: each for each in self.candidates if each.kind == "file"}
        for name in config_names(by_name):
            network = self.files[name].network if name in self.files else None
            if network is not None and not by_name[name].refused:
                yield name, network
