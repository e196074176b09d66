"""What is attached to networks, as far as it was written down: libcni's cache, the journal, and host-local's leases.

Everything is read and nothing changed. What no file says for certain is told as unknown.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.errors import Busy, CacheError, NamespaceDenied, NamespaceError
from cnictl.model.names import container_id_fault
from cnictl.netns.handle import require_netns
from cnictl.runtime.cache import CacheEntry, DamagedEntry, ResultCache
from cnictl.runtime.journal import Journal
from cnictl.runtime.leases import Lease, Leases
from cnictl.runtime.locks import Locks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnictl.runtime.journal import Intent


class State(StrEnum):
    """What is known of an attachment."""

    ATTACHED = "attached"
    GONE = "gone"
    """There is no network namespace at its path any more."""
    UNKNOWN = "unknown"
    """The file names no namespace, or this user may not look at it."""
    INTERRUPTED = "interrupted"
    """An ADD or DEL of cnictl was begun and not ended."""
    UNDER_WAY = "under-way"
    """The same, and the command still runs."""


@dataclass(frozen=True)
class KnownAttachment:
    """An attachment that a file tells of.

    Attributes:
        entry: What the file holds.
        state: What is known of it.
        modified: When its file was written, in seconds since 1970; ``None`` when that cannot be told.
        verb: ``ADD`` or ``DEL`` when it was begun and not ended.
    """

    entry: CacheEntry
    state: State
    modified: float | None
    verb: str | None = None

    @property
    def is_stale(self) -> bool:
        """Whether `cnictl.runtime.cni.CNI.gc` would remove it."""
        return self.state in (State.GONE, State.INTERRUPTED)


class UnclearFile(NamedTuple):
    """A cache file that does not say whose it is.

    Attributes:
        path: The file.
        reason: Why not, in a few words.
        is_legacy: Whether it is a bare result, as libcni before 0.8 wrote it; otherwise it is damaged.
        addresses: The addresses in a bare result.
        modified: When it was written, in seconds since 1970; ``None`` when that cannot be told.
    """

    path: str
    reason: str
    is_legacy: bool
    addresses: tuple[str, ...]
    modified: float | None


@dataclass(frozen=True)
class Inventory:
    """All that is known.

    Attributes:
        cache_dir: Base directory of the cache.
        attachments: The attachments, in the order of their file names; those that only the journal knows are last.
        unclear: The cache files that do not say whose they are.
        leases: The leases whose container no cache knows.
        lease_dirs: The directories where leases were looked for.
        unread: Those of them that cannot be read, with the reason.
    """

    cache_dir: Path
    attachments: list[KnownAttachment] = field(default_factory=list)
    unclear: list[UnclearFile] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    lease_dirs: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def narrowed(self, network: str | None = None, container_id: str | None = None) -> Inventory:
        """What concerns one network, or one container, or both; of unclear files the name must do."""

        def is_wanted(named: str, container: str) -> bool:
            return network in (None, named) and container_id in (None, container)

        start, part = f"{network}-" if network else "", f"-{container_id}" if container_id else ""
        names = ((file, file.path.rpartition("/")[2]) for file in self.unclear)
        return replace(
            self,
            attachments=[each for each in self.attachments if is_wanted(each.entry.network, each.entry.container_id)],
            unclear=[file for file, name in names if name.startswith(start) and part in name],
            leases=[lease for lease in self.leases if is_wanted(lease.network, lease.container_id)],
        )

    def only_stale(self) -> Inventory:
        """What is of no use any more: gone, interrupted, damaged or leaked."""
        stale = [each for each in self.attachments if each.is_stale]
        return replace(self, attachments=stale, unclear=[file for file in self.unclear if not file.is_legacy])


def take_inventory(cache_dir: Path) -> Inventory:
    """Reads the cache, the journal beside it, and the leases of its networks.

    Args:
        cache_dir: Base directory of the cache.

    Raises:
        CacheError: The cache or the journal cannot be read. What is not there is empty.
    """
    inventory = Inventory(cache_dir)
    intents = {intent.key: intent for intent in Journal(cache_dir).intents()}
    states: dict[str, State] = {}
    for file in ResultCache(cache_dir).entries():
        if isinstance(file, DamagedEntry):
            inventory.unclear.append(_unclear(file))
        else:
            inventory.attachments.append(_known(file, intents.pop(file.key, None), cache_dir, states))
    inventory.attachments.extend(_known(intent, intent, cache_dir, states) for intent in intents.values())
    leases = Leases(cache_dir, [each.entry for each in inventory.attachments])
    inventory.leases.extend(leases.without_attachment())
    inventory.lease_dirs.extend(leases.directories)
    inventory.unread.extend(leases.unread)
    return inventory


def _known(entry: CacheEntry, intent: Intent | None, cache_dir: Path, states: dict[str, State]) -> KnownAttachment:
    modified = _modified(entry.path)
    if intent is not None:
        state = State.UNDER_WAY if _is_under_way(cache_dir, entry.container_id) else State.INTERRUPTED
        return KnownAttachment(entry, state, modified, intent.verb)
    if entry.netns not in states:
        states[entry.netns] = _state_of(entry.netns)
    return KnownAttachment(entry, states[entry.netns], modified)


def _state_of(netns: str) -> State:
    """Whether a network namespace is there; where a relative path leads to is not known."""
    if not netns.startswith("/") or "\0" in netns:
        return State.UNKNOWN
    try:
        os.stat(netns)  # noqa: PTH116  # quicker than an error that explains itself
        require_netns(Path(netns))
    except (NamespaceDenied, PermissionError):
        return State.UNKNOWN
    except (NamespaceError, OSError):
        return State.GONE
    return State.ATTACHED


def _is_under_way(cache_dir: Path, container_id: str) -> bool:
    """Whether a command works on the container now: it has the lock."""
    if container_id_fault(container_id):
        return False
    try:
        with Locks(cache_dir, 0).container(container_id):
            return False
    except Busy:
        return True
    except CacheError:
        return False


def _modified(path: str) -> float | None:
    try:
        return os.stat(path).st_mtime  # noqa: PTH116  # ten thousand of them
    except (OSError, ValueError):
        return None


def _unclear(file: DamagedEntry) -> UnclearFile:
    content = _content(file.path) if file.is_legacy else {}
    return UnclearFile(file.path, file.reason, file.is_legacy, addresses_of(content), _modified(file.path))


def _content(path: str) -> Any:  # noqa: ANN401  # any JSON value
    try:
        return json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def addresses_of(result: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The addresses in a result of any version, as they are written; whatever is no address is passed over."""
    keys = result or {}
    listed = keys.get("ips")
    found = [item.get("address") for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    single = [keys.get("ip4"), keys.get("ip6")]
    found += [item.get("ip") for item in single if isinstance(item, dict)]
    return tuple(address for address in found if isinstance(address, str))
