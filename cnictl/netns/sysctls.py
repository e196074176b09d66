"""Kernel settings under ``net`` of the network namespace that the calling thread is in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Settings = dict[str, str]
"""Settings by their name, or by the end of it, such as ``forwarding``."""
Place = tuple[str, int]
"""A folder in which links have settings of their own, such as ``net.ipv4.conf``, and a link's index."""

ROOT = "/proc/sys/net"
_PER_LINK = frozenset({"conf", "neigh"})
_FOR_ALL = frozenset({"all", "default"})
_IGNORED = frozenset({"flush", "nf_conntrack_count", "stable_secret", "tcp_fastopen_key", "netdev_rss_key"})
"""What is a counter, a secret, or a switch that cannot be read."""
_FOLLOWING = frozenset({"mtu", "base_reachable_time", "retrans_time", "unres_qlen"})
"""What of a link follows the link itself, or says in another unit what a second file says too."""
_LONGEST = 4096


def read_settings(links: Mapping[int, str], root: str = ROOT) -> tuple[Settings, dict[Place, Settings]]:
    """All settings.

    Args:
        links: The names of the links by their index.
        root: Where the files are.

    Returns:
        Those that belong to no link, by their whole name, such as ``net.ipv4.ip_forward``; and those of the links, by
        the folder in which a link has its own, such as ``net.ipv4.conf``, and the link's index.
    """
    indexes = {name: index for index, name in links.items()}
    common: Settings = {}
    of_links: dict[Place, Settings] = {}
    for directory, _, files in os.walk(root):
        folder, _, name = directory.rpartition("/")
        if folder.rpartition("/")[2] not in _PER_LINK or name in _FOR_ALL:
            common |= {f"{_dotted(root, directory)}.{key}": value for key, value in _read_all(directory, files).items()}
        elif name in indexes:
            of_links[_dotted(root, folder), indexes[name]] = _read_all(directory, set(files) - _FOLLOWING)
    return common, of_links


def defaults(folder: str, settings: Settings) -> Settings:
    """What a new link gets.

    Args:
        folder: Such as ``net.ipv4.conf``.
        settings: Those that belong to no link.
    """
    prefix = f"{folder}.default."
    return {name.removeprefix(prefix): value for name, value in settings.items() if name.startswith(prefix)}


def _dotted(root: str, directory: str) -> str:
    return "net" + directory.removeprefix(root).replace("/", ".")


def _read_all(directory: str, files: Iterable[str]) -> Settings:
    values = {name: _read(f"{directory}/{name}") for name in files if name not in _IGNORED}
    return {name: value for name, value in values.items() if value is not None}


def _read(path: str) -> str | None:
    """What a file says; ``None`` when it cannot be read, or is gone with the link that it belonged to."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return " ".join(os.read(descriptor, _LONGEST).decode(errors="backslashreplace").split())
    except OSError:
        return None
    finally:
        os.close(descriptor)
