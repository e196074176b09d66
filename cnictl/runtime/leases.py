"""host-local's leases: one file for each address, ``<dataDir>/<network>/<address>``.

A file holds the container's ID and, since host-local 0.8, the interface on the next line. A lease is lost when its
container is gone and no DEL has been run: nobody can be given the address any more (plugins issue 252).
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.errors import CacheError
from cnictl.model.files import DEFAULT_CACHE_DIR
from cnictl.model.names import network_name_fault
from cnictl.runtime.cache import CacheEntry, ResultCache

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

DEFAULT_DATA_DIR = Path("/var/lib/cni/networks")
"""Where host-local keeps its leases, unless the key ``dataDir`` says otherwise."""

_IN_ADDRESSES = frozenset("0123456789abcdefABCDEF.:")


class Lease(NamedTuple):
    """An address that host-local has given away.

    Attributes:
        network: The network's name.
        address: The address, without a prefix length.
        container_id: The container that got it; empty in a file that was cut short.
        ifname: Its interface; empty in files of host-local before 0.8.
        path: The file.
        modified: When it was written, in seconds since 1970; ``None`` when it is gone by now.
    """

    network: str
    address: str
    container_id: str
    ifname: str
    path: str
    modified: float | None


class Leases:
    """The leases of networks.

    Args:
        cache_dir: Base directory of the cache that the networks are known from.
        entries: The attachments in it, those that were begun and not ended included.

    Attributes:
        directories: Where leases were looked for.
        unread: Those of the directories that could not be read, with the reason.
    """

    def __init__(self, cache_dir: Path, entries: Iterable[CacheEntry]) -> None:
        self.cache_dir = cache_dir
        self.entries = list(entries)
        self.directories: list[str] = []
        self.unread: list[str] = []

    def without_attachment(self) -> Iterator[Lease]:
        """The leases whose container and interface are in no cache, in the order of networks and addresses."""
        caches = self._caches()
        holders = {holder for entry in self._all(caches) for holder in _holders(entry)}
        for directory in self._directories():
            for name, holder in self._files_in(directory):
                if holder not in holders:
                    lease = Lease(
                        directory.name, name, *holder, f"{directory}/{name}", _modified(f"{directory}/{name}")
                    )
                    if _is_lost(lease, caches):
                        yield lease

    def _caches(self) -> list[Path]:
        """The cache, the usual one, and those that lie in them, such as multus': one network may be in several."""
        bases = dict.fromkeys((self.cache_dir, DEFAULT_CACHE_DIR))
        return [*bases, *(path.parent for base in bases for path in base.glob("*/results"))]

    def _all(self, caches: list[Path]) -> Iterator[CacheEntry]:
        yield from self.entries
        for directory in caches:
            if directory != self.cache_dir:
                yield from _entries(directory)

    def _directories(self) -> list[Path]:
        """Where the leases of the networks lie; beside the usual cache, those of networks that it has not as well."""
        configs = {(each.network, each.config) for each in self.entries if not network_name_fault(each.network)}
        found = {Path(directory) / network for network, config in configs for directory in data_dirs(config)}
        if self.cache_dir == DEFAULT_CACHE_DIR:
            try:
                found |= {Path(entry.path) for entry in os.scandir(DEFAULT_DATA_DIR) if entry.is_dir()}
            except OSError as error:
                self._note(DEFAULT_DATA_DIR, error)
        return sorted(found)

    def _files_in(self, directory: Path) -> Iterator[tuple[str, tuple[str, str]]]:
        """The addresses in a directory, each with the container and the interface that has it."""
        self.directories.append(str(directory))
        try:
            names = sorted(filter(is_lease_name, os.listdir(directory)))  # noqa: PTH208  # names, not paths
            for name in names:
                with suppress(FileNotFoundError, IsADirectoryError):  # given back while we looked, or no lease
                    yield name, _holder(f"{directory}/{name}")
        except OSError as error:
            self._note(directory, error)

    def _note(self, directory: Path, error: OSError) -> None:
        """Remembers what cannot be read; what is not there holds no leases."""
        if not isinstance(error, FileNotFoundError):
            self.unread.append(f"{directory}: {(error.strerror or str(error)).lower()}")


def _holders(entry: CacheEntry) -> tuple[tuple[str, str], tuple[str, str]]:
    return (entry.container_id, entry.ifname), (entry.container_id, "")


def _entries(directory: Path) -> Iterator[CacheEntry]:
    try:
        yield from (entry for entry in ResultCache(directory).entries() if isinstance(entry, CacheEntry))
    except CacheError:
        return


def _is_lost(lease: Lease, caches: list[Path]) -> bool:
    """Whether no cache has a file for it, not even a damaged one; an ADD or DEL may have ended while we looked."""
    names = [f"{lease.network}-{lease.container_id}-{lease.ifname}", f"{lease.network}-{lease.container_id}"]
    # os.path takes every name that a lease may hold, also one that no file could have.
    kept = any(os.path.exists(f"{cache}/results/{name}") for cache in caches for name in names)  # noqa: PTH110
    return not kept and lease.modified is not None


def _holder(path: str) -> tuple[str, str]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # quicker than `open`
    try:
        return holder_in(os.read(descriptor, 4096))
    finally:
        os.close(descriptor)


def _modified(path: str) -> float | None:
    try:
        return os.stat(path).st_mtime  # noqa: PTH116
    except OSError:
        return None


def holder_in(content: bytes) -> tuple[str, str]:
    """The container and the interface that a lease's file names; empty where it does not.

    Args:
        content: What the file holds.
    """
    container_id, _, ifname = content.decode(errors="replace").strip().partition("\n")
    return container_id.strip(), ifname.strip()


def is_lease_name(name: str) -> bool:
    """Whether a file of this name is a lease, and not host-local's lock or note of the last address."""
    return ("." in name or ":" in name) and _IN_ADDRESSES.issuperset(name)


def data_dirs(config: bytes) -> set[str]:
    """The data directories of the host-local plugins in a network config.

    Args:
        config: The text of a list of plugins, as the cache keeps it.
    """
    try:
        content = json.loads(config or b"{}")
    except (ValueError, RecursionError):
        content = {}
    plugins = content.get("plugins") if isinstance(content, dict) else None
    objects = [plugin for plugin in plugins if isinstance(plugin, dict)] if isinstance(plugins, list) else []
    ipams = [ipam for plugin in objects if isinstance(ipam := plugin.get("ipam"), dict)]
    found = {_data_dir(ipam) for ipam in ipams if ipam.get("type") == "host-local"}
    # A relative one depends on where the runtime stood. Without any, a plugin such as flannel may call host-local.
    return {text for text in found if text.startswith("/")} or {str(DEFAULT_DATA_DIR)}


def _data_dir(ipam: Mapping[str, Any]) -> str:
    keys = {key.lower(): value for key, value in ipam.items()}
    value = keys.get("datadir")
    return value if isinstance(value, str) and value else str(DEFAULT_DATA_DIR)
