"""What is different between two snapshots of a network namespace."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from cnictl.netns.fact import KINDS
from cnictl.netns.sysctls import defaults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.netns.snapshot import Snapshot

    Details = Mapping[str, str | int]


class Change(NamedTuple):
    """One thing that appeared, vanished, or became different.

    Attributes:
        kind: One of `cnictl.netns.fact.KINDS`.
        what: Its name, as the tool for its kind shows it.
        before: What was known about it; ``None`` when it was not there.
        after: What is known about it; ``None`` when it is not there.
    """

    kind: str
    what: str
    before: Details | None
    after: Details | None


def compare(before: Snapshot, after: Snapshot) -> list[Change]:
    """What changed, by kind, and of each kind first what vanished, then what changed, then what appeared.

    Args:
        before: The earlier snapshot.
        after: The later one, of the same namespace.
    """
    lost = before.lost | after.lost
    changes = [*_of_facts(before, after), *_of_settings(before, after), *_of_link_settings(before, after)]
    return sorted((change for change in changes if change.kind not in lost), key=_order)


def _order(change: Change) -> tuple[int, int]:
    way = 0 if change.after is None else 1 if change.before is not None else 2
    return KINDS.index(change.kind), way


_BUILT_IN = {"policy": "ACCEPT"}
"""A chain that is there as soon as a table is, and does nothing."""


def _of_facts(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for key, old in before.facts.items():
        if key not in after.facts and old.details != _BUILT_IN:
            yield Change(old.kind, old.what, old.details, None)
    for key, new in after.facts.items():
        if key not in before.facts:
            if new.details != _BUILT_IN:
                yield Change(new.kind, new.what, None, new.details)
        elif before.facts[key].details != new.details:
            yield Change(new.kind, new.what, before.facts[key].details, new.details)


def _setting(name: str, before: str | None, after: str | None) -> Change:
    was, now = ({"value": value} if value is not None else None for value in (before, after))
    return Change("sysctl", name, was, now)


_FORWARD = "net.ipv4.ip_forward"
_SPREADING = frozenset({"forwarding", "disable_ipv6", "ignore_routes_with_linkdown"})
"""What the kernel sets for every link when it is set for ``all``."""


def _of_settings(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old, new = before.settings, after.settings
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name] and not _follows(before, after, name, new[name]):
            yield _setting(name, old[name], new[name])
    for name in _together(new.keys() - old.keys()):
        yield Change("sysctl", name, None, {"value": new[name]} if name in new else {})
    for name in _together(old.keys() - new.keys()):
        yield Change("sysctl", name, {"value": old[name]} if name in old else {}, None)


def _follows(before: Snapshot, after: Snapshot, name: str, value: str) -> bool:
    """Whether a setting has its new value by the kernel's doing, as another one was set."""
    folder, _, rest = name.rpartition(".conf.")
    owner, _, setting = rest.partition(".")
    if setting not in _SPREADING:
        return False
    if folder == "net.ipv4":
        return _turned_into(before, after, _FORWARD) == value
    return owner != "all" and _turned_into(before, after, f"{folder}.conf.all.{setting}") == value


def _turned_into(before: Snapshot, after: Snapshot, name: str) -> str | None:
    """The new value of a setting; ``None`` when it has not changed."""
    value = after.settings.get(name)
    return None if before.settings.get(name) == value else value


_MANY = 4


def _together(names: set[str]) -> list[str]:
    """Names, or ``net.netfilter.*`` for many of a folder: the kernel has loaded a module, or dropped one."""
    folders = defaultdict(list)
    for name in names:
        folders[name.rpartition(".")[0]].append(name)
    return sorted(
        name for folder, group in folders.items() for name in ([f"{folder}.*"] if len(group) >= _MANY else group)
    )


def _of_link_settings(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Those of a link that vanished are gone with it; those of a new one are told where they are not the default."""
    for place, new in after.link_settings.items():
        folder, index = place
        link = after.links.get(index)
        if link is None:
            continue
        old = before.link_settings.get(place)
        expected = old if old is not None else defaults(folder, after.settings)
        for setting, value in new.items():
            name = f"{folder}.{link.replace('.', '/')}.{setting}"
            was = expected.get(setting, value)
            if was != value and not (old is not None and _follows(before, after, f"{folder}.-.{setting}", value)):
                yield _setting(name, was if old is not None else None, value)
