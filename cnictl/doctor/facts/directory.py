"""The config directory as the rules of ``validate`` look at it."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from cnictl.validate.context import ConfigFile
from cnictl.validate.directory import Directory, Entry, Listing

if TYPE_CHECKING:
    from cnictl.doctor.node import Node
    from cnictl.validate.directory import EntryKind

_KINDS: dict[int, EntryKind] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
}


def directory_of(node: Node) -> Directory:
    """The node's config directory.

    Args:
        node: The node.

    Raises:
        Skip: The directory cannot be read.
    """
    names = {config.path.rpartition("/")[2]: config for config in node.configs}
    files = {name: ConfigFile(config.document) for name, config in names.items() if config.document}
    status = node.host.status(node.conf_dir)
    entries = _entries(node, node.conf_dir)
    folders = [entry.name for entry in entries if entry.kind in ("directory", "link-to-directory")]
    drop_ins = {name: _entries(node, f"{node.conf_dir.rstrip('/')}/{name}") for name in folders}
    return Directory(Listing(node.conf_dir, status.permissions if status else 0, entries, drop_ins), files)


def _entries(node: Node, directory: str) -> tuple[Entry, ...]:
    return tuple(_entry(node, f"{directory.rstrip('/')}/{name}") for name in node.names_in(directory))


def _entry(node: Node, path: str) -> Entry:
    name, target, status = path.rpartition("/")[2], node.host.link_target(path), node.host.status(path)
    if status is None:
        return Entry(name, "unknown" if target is None else "dangling-link", target=target)
    kind = _KINDS.get(stat.S_IFMT(status.mode), "device")
    if kind == "directory" and target is not None:
        kind = "link-to-directory"
    return Entry(name, kind, status.permissions, target, status.uid)
