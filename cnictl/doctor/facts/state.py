"""What is kept of attachments on a node: host-local's leases and libcni's caches. Nothing is changed."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cnictl.errors import SourceError, SourceNotFound
from cnictl.host.api import Unanswered
from cnictl.model.files import DEFAULT_CACHE_DIR
from cnictl.model.names import network_name_fault
from cnictl.model.view import string_at
from cnictl.runtime.cache import CacheEntry, DamagedEntry, entry_in
from cnictl.runtime.leases import DEFAULT_DATA_DIR, Lease, data_dirs, holder_in, is_lease_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cnictl.doctor.node import Node
    from cnictl.model.view import NetworkView

_LONGEST_LEASE = 4096
"""As many bytes of a lease's file are read; a real one has about 80."""
_LAST = "last_reserved_ip."
"""How the files begin in which host-local notes the last address of a range set."""


class LeaseStore(NamedTuple):
    """What host-local keeps of a network.

    Attributes:
        directory: Where.
        network: The network's name.
        leases: The addresses that are given away, in the order of the files' names.
        last: The last address of each range set, by the name of its file.
    """

    directory: str
    network: str
    leases: tuple[Lease, ...]
    last: Mapping[str, str]


class Cache(NamedTuple):
    """A result cache of libcni.

    Attributes:
        directory: Where its files lie, such as ``/var/lib/cni/results``.
        entries: The attachments, in the order of the files' names.
        damaged: The files that do not say whose they are.
    """

    directory: str
    entries: tuple[CacheEntry, ...]
    damaged: tuple[DamagedEntry, ...]


class State:
    """All of it, read once.

    Args:
        node: The node.

    Attributes:
        unread: The files and directories that could not be read, each with the reason.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self.unread: list[str] = []

    @cached_property
    def stores(self) -> tuple[LeaseStore, ...]:
        """The leases of each network that has any, in the order of the directories."""
        found = (self._store(*place) for place in sorted(self._places()))
        return tuple(store for store in found if store.leases or store.last)

    @cached_property
    def leases(self) -> tuple[Lease, ...]:
        """The leases of all networks."""
        return tuple(lease for store in self.stores for lease in store.leases)

    @cached_property
    def caches(self) -> tuple[Cache, ...]:
        """The caches in which there is anything: the usual one first, then those that lie beside it."""
        base = str(DEFAULT_CACHE_DIR)
        beside = [f"{base}/{name}/results" for name in self.node.names_in(base) if name not in ("networks", "results")]
        found = (self._cache(directory) for directory in (f"{base}/results", *beside))
        return tuple(cache for cache in found if cache.entries or cache.damaged)

    @cached_property
    def attachments(self) -> tuple[CacheEntry, ...]:
        """The attachments in all caches."""
        return tuple(entry for cache in self.caches for entry in cache.entries)

    @cached_property
    def _by_container(self) -> Mapping[str, Sequence[CacheEntry]]:
        found: dict[str, list[CacheEntry]] = defaultdict(list)
        for entry in self.attachments:
            found[entry.container_id].append(entry)
        return found

    def attachments_of(self, container_id: str) -> Sequence[CacheEntry]:
        """The attachments of a container in all caches."""
        return self._by_container.get(container_id, ())

    def entry_of(self, lease: Lease) -> CacheEntry | None:
        """The attachment that a lease belongs to; ``None`` when no cache has it."""
        same = (
            entry
            for entry in self.attachments_of(lease.container_id)
            if entry.network == lease.network and lease.ifname in (entry.ifname, "")
        )
        return next(same, None)

    def store_of(self, network: NetworkView) -> LeaseStore | None:
        """The leases of a network that a config describes; ``None`` when there are none."""
        places = {f"{directory}/{network.name}" for directory in _data_dirs_of(network)}
        return next((store for store in self.stores if store.directory in places), None)

    @cached_property
    def routed(self) -> frozenset[str]:
        """The single addresses to which the node has a route over a link of its own; none where that is not known."""
        try:
            routes = self.node.survey.routes
        except Unanswered:
            return frozenset()
        lengths = ("/32", "/128")
        return frozenset(
            route.target.partition("/")[0] for route in routes if route.link and route.target.endswith(lengths)
        )

    @cached_property
    def booted(self) -> float | None:
        """When the node was started, in seconds since 1970; ``None`` when it does not tell."""
        lines = (self.node.text("/proc/stat") or "").splitlines()
        found = next((line.split()[1:2] for line in lines if line.startswith("btime ")), [])
        return float(found[0]) if found and found[0].isdecimal() else None

    def age_of(self, path: str) -> float:
        """How many seconds ago a file was written; 0 when that cannot be told."""
        status = self.node.host.status(path)
        return self.node.host.now() - status.modified if status else 0.0

    def _places(self) -> set[tuple[str, str]]:
        """Data directories with the networks in them."""
        usual = str(DEFAULT_DATA_DIR)
        found = {(usual, name) for name in self._names(usual)}
        for network in self.node.promised.networks():
            found |= {(directory, network.name or "") for directory in _data_dirs_of(network)}
        for name, config in {(entry.network, entry.config) for entry in self.attachments}:
            found |= {(directory, name) for directory in data_dirs(config)}
        return {(directory, name) for directory, name in found if not network_name_fault(name)}

    def _store(self, data_dir: str, network: str) -> LeaseStore:
        directory = f"{data_dir.rstrip('/')}/{network}"
        names = self._names(directory)
        leases = tuple(self._leases(directory, network, filter(is_lease_name, names)))
        noted = {name: self._read(f"{directory}/{name}") for name in names if name.startswith(_LAST)}
        last = {name: data.decode(errors="replace").strip() for name, data in noted.items() if data is not None}
        return LeaseStore(directory, network, leases, last)

    def _leases(self, directory: str, network: str, names: Iterator[str]) -> Iterator[Lease]:
        for name in names:
            path = f"{directory}/{name}"
            data, status = self._read(path), self.node.host.status(path)
            if data is not None and status is not None:
                yield Lease(network, name, *holder_in(data), path, status.modified)

    def _cache(self, directory: str) -> Cache:
        read = [self._entry(f"{directory}/{name}") for name in self._names(directory)]
        entries = tuple(each for each in read if isinstance(each, CacheEntry))
        return Cache(directory, entries, tuple(each for each in read if isinstance(each, DamagedEntry)))

    def _entry(self, path: str) -> CacheEntry | DamagedEntry | None:
        try:
            return entry_in(self.node.host.read_bytes(path), path)
        except SourceError as error:
            self._note(error)
            return None

    def _names(self, directory: str) -> list[str]:
        try:
            return self.node.host.list_dir(directory)
        except SourceError as error:
            self._note(error)
            return []

    def _read(self, path: str) -> bytes | None:
        try:
            return self.node.host.read_part(path, 0, _LONGEST_LEASE)
        except SourceError as error:
            self._note(error)
            return None

    def _note(self, error: SourceError) -> None:
        """Remembers what cannot be read; what is not there holds nothing."""
        if not isinstance(error, SourceNotFound):
            self.unread.append(str(error))


def _data_dirs_of(network: NetworkView) -> set[str]:
    """Where the leases of a network lie; a relative directory depends on where the runtime stood."""
    ipams = [plugin.ipam for plugin in network.plugins if plugin.ipam is not None and plugin.ipam_type == "host-local"]
    named = {(string_at(ipam, "dataDir") or str(DEFAULT_DATA_DIR)).rstrip("/") for ipam in ipams}
    return {directory for directory in named if directory.startswith("/")} or {str(DEFAULT_DATA_DIR)}
