"""Removes what belongs to no valid attachment (CNI spec 1.1.0, section 2, "GC")."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnictl.errors import CNIError, NamespaceDenied, NamespaceError
from cnictl.model.attachment import Attachment
from cnictl.netns.handle import require_netns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnictl.runtime.cache import CacheEntry
    from cnictl.runtime.journal import Intent


class Collected(NamedTuple):
    """What GC did.

    Attributes:
        finished: Interrupted operations that were brought to their end by DEL.
        removed: Stale attachments that were deleted.
        kept: Attachments that are valid.
        failures: What went wrong, one error for each attachment or plugin.
    """

    finished: tuple[Intent, ...] = ()
    removed: tuple[CacheEntry, ...] = ()
    kept: tuple[CacheEntry, ...] = ()
    failures: tuple[CNIError, ...] = ()


class Plan(NamedTuple):
    """What GC is going to do with what is known of a network."""

    interrupted: list[Intent]
    stale: list[CacheEntry]
    kept: list[CacheEntry]


def plan(entries: Iterable[CacheEntry], interrupted: list[Intent], valid: Iterable[Attachment] | None) -> Plan:
    """Sorts the attachments of a network.

    Args:
        entries: The cached attachments of the network.
        interrupted: The network's operations that were begun and not ended.
        valid: The attachments to leave alone; ``None`` for those whose network namespace is still there.
    """
    begun = {_key(intent) for intent in interrupted}
    wanted = None if valid is None else {(each.container_id, each.ifname) for each in valid}
    stale: list[CacheEntry] = []
    kept: list[CacheEntry] = []
    for entry in entries:
        if _key(entry) not in begun:
            alive = is_alive(entry) if wanted is None else _key(entry) in wanted
            (kept if alive else stale).append(entry)
    return Plan(interrupted, stale, kept)


def _key(entry: CacheEntry) -> tuple[str, str]:
    return entry.container_id, entry.ifname


def is_alive(entry: CacheEntry) -> bool:
    """Whether the network namespace of an attachment is there; one that is not known might be."""
    return not entry.netns or has_netns(entry.netns)


def has_netns(path: str) -> bool:
    """Whether a network namespace is there, as far as this user can tell."""
    try:
        require_netns(Path(path))
    except NamespaceDenied:
        return True
    except NamespaceError:
        return False
    return True


def to_delete(entry: CacheEntry) -> Attachment:
    """The attachment that DEL is told, without a network namespace that is gone.

    Its path may lead to something else by now: ``/proc/4711/ns/net`` to the namespace of another process.
    """
    netns = entry.netns if entry.netns and has_netns(entry.netns) else ""
    return Attachment(entry.container_id, netns, entry.ifname, entry.args, entry.capability_args)
