"""The addresses that host-local gives to pods."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from cnictl.doctor.facts.pods import SETTLED, Fate
from cnictl.doctor.pasted import for_each
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.foreign.locks import locks_in
from cnictl.report.action import DeleteFile
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.ranges import RangeSet
    from cnictl.doctor.facts.state import LeaseStore
    from cnictl.doctor.node import Node
    from cnictl.runtime.leases import Lease

_NEARLY = 0.85
"""From this part on a range is nearly used up."""
_ON_PURPOSE = 2
"""A range of so few addresses is one for a certain pod."""
_LONG = 30.0
"""Seconds after which a plugin that still holds the lock hangs; usually it is done in milliseconds."""


@check(
    "CNI879",
    "addresses-exhausted",
    Severity.ERROR,
    "addresses",
    reads="the ranges of every config, and host-local's leases in /var/lib/cni/networks or the config's dataDir",
    well="there are addresses left for pods",
    leads_to=("add-fails",),
    follows=("no-address",),
    symptoms=(r"no IP addresses available in (?:range set|network)",),
)
def addresses_exhausted(node: Node) -> Iterator[Hit]:
    """A network has no address left for the next pod, or nearly none.

    Why:
        Pods stay in ContainerCreating with 'plugin type="host-local" failed (add): failed to allocate for range 0: no
        IP addresses available in range set: 10.244.1.1-10.244.1.254', and those that run go on running. host-local
        keeps one file for each address that it has given away. Either there are really so many pods, or addresses
        were never given back: a container that disappears without its network being taken down (the command DEL), as
        in a power cut, keeps its file. `ls /var/lib/cni/networks/*` shows them.
    Bad:
        254 addresses in the subnet, and 253 files in /var/lib/cni/networks/pods
    Good:
        fewer files in /var/lib/cni/networks/pods than the ranges have addresses
    Fix:
        Give back what belongs to containers that are gone with `cnictl doctor --fix --select
        leases-leaked,attachments-leaked`, or give the node a larger range.
    Reference:
        CNI plugins documentation, "host-local IP address management plugin"; containernetworking/plugins issue 252
    """
    sets = [each for each in node.ranges.sets if each.room]
    if not sets:
        message = "no config takes its addresses from ranges of host-local"
        raise Skip(message)
    for each in sets:
        taken = each.taken()
        if len(taken) >= each.room * _NEARLY:
            yield _exhausted(node, each, taken)


def _exhausted(node: Node, ranges: RangeSet, taken: list[Lease]) -> Hit:
    free = max(ranges.room - len(taken), 0)
    part = f"{len(taken)} of the" if free else "all"
    what = f"{part} {ranges.room} addresses in {ranges.words} are taken"
    if ranges.room == 1:
        what = f"the only address of {ranges.words} is taken"
    message = f"network {ranges.config.title}: {what}, so {_left(free)}"
    evidence = {"network": ranges.network.name, "range": ranges.words, "room": ranges.room, "taken": len(taken)}
    meant = Severity.NOTE if ranges.room <= _ON_PURPOSE else None
    milder = Severity.WARNING if free else node.milder_for(ranges.config)
    return Hit(ranges.location, message, _more_room(node, taken), evidence, meant or milder)


def _left(free: int) -> str:
    if not free:
        return "the next pod gets none"
    return f"only {free} {'is' if free == 1 else 'are'} left"


def _more_room(node: Node, taken: list[Lease]) -> Fix:
    lost = sum(fate_of(node, lease) is Fate.GONE for lease in taken)
    if lost:
        command = "cnictl doctor --fix --select leases-leaked,attachments-leaked"
        return Fix(f"give back the {lost} that belong to containers that are gone: `{command}`")
    return Fix("delete pods that are not needed, or give the node a larger range and restart its pods")


def fate_of(node: Node, lease: Lease) -> Fate:
    """What is known of the container that has a lease."""
    entry = node.state.entry_of(lease)
    if entry is None and lease.network in node.promised.of_others and lease.container_id not in node.pods.known:
        return Fate.UNKNOWN
    return node.pods.fate_of(lease.container_id, entry.netns if entry else "")


@check(
    "CNI881",
    "lease-files-odd",
    Severity.WARNING,
    "addresses",
    reads="host-local's leases and its notes of the last address",
    well="every lease is of an address that is still given out, and says whose it is",
    leads_to=("no-address",),
)
def lease_files_odd(node: Node) -> Iterator[Hit]:
    """host-local keeps files that are of no use to anybody.

    Why:
        host-local keeps a file, the lease, for each address that a pod has. An empty one blocks its address for ever:
        whoever removes the pod looks for its ID in the file and finds none. The disk was full, or the machine stopped,
        in the moment in which it was written. An address outside of the ranges belongs to a pod from before the subnet
        was changed: the bridge has another address now, so the pod reaches nothing. Two addresses for one interface
        mean that an ADD was made twice without DEL between them.
    Bad:
        /var/lib/cni/networks/pods/10.244.1.7 with 0 bytes
    Good:
        /var/lib/cni/networks/pods/10.244.1.7 with a container's ID and its interface
    Fix:
        Delete empty files; delete pods with addresses of a former subnet, so that they are created again.
    Reference:
        containernetworking/plugins issue 498
    """
    for store in node.state.stores:
        empty = [lease for lease in store.leases if not lease.container_id and _is_old(node, lease)]
        if empty:
            yield _empty(store, empty)
        ranges = [each for each in _known_ranges(node, store) if each.store == store]
        if ranges:
            yield from _outside(node, store, ranges)
            yield from _twice(store, ranges)
            yield from _notes(store, ranges)


def _known_ranges(node: Node, store: LeaseStore) -> list[RangeSet]:
    """The ranges of a store's network; none where a part of them cannot be known."""
    try:
        ranges = node.ranges.of(store.network)
    except Skip:
        return []
    whole = all(cap not in plugin.capabilities for each in ranges for plugin in each.network.plugins for cap in _ASKED)
    return ranges if whole else []


_ASKED = ("ipRanges", "ips")
"""Capabilities by which a runtime asks for addresses that no config tells."""


def _is_old(node: Node, lease: Lease) -> bool:
    return lease.modified is not None and node.host.now() - lease.modified > SETTLED


def _empty(store: LeaseStore, empty: list[Lease]) -> Hit:
    names = shown([lease.address for lease in empty])
    message = f"network {store.network}: the lease file of {names} is empty, so no pod gets or gives back {_it(empty)}"
    paths = [lease.path for lease in empty]
    fix = Fix(for_each("rm", paths), Applicable.SAFE, actions=tuple(map(deletion_of, empty)))
    return Hit(Location(paths[0]), message, fix, {"files": paths[:100]})


def deletion_of(lease: Lease) -> DeleteFile:
    """Deletes a lease unless somebody else has got the address by now; host-local is kept out meanwhile."""
    lock = f"{lease.path.rpartition('/')[0]}/lock"
    return DeleteFile(lease.path, f"{lease.container_id}\n{lease.ifname}", lock)


def _it(leases: list[Lease]) -> str:
    return "this address" if len(leases) == 1 else "these addresses"


def _outside(node: Node, store: LeaseStore, ranges: list[RangeSet]) -> Iterator[Hit]:
    """Leases that no range has; those of containers that are gone are another check's."""
    outside = [
        lease for lease in store.leases if lease.container_id and not any(r.covers(lease.address) for r in ranges)
    ]
    held = [lease for lease in outside if fate_of(node, lease) is not Fate.GONE]
    if held:
        now = ", ".join(each.words for each in ranges)
        holders = shown([f"{lease.address} ({node.pods.name_of(lease.container_id)})" for lease in held])
        message = f"the network {store.network} gives out {now}, and pods still have addresses from before: {holders}"
        fix = Fix(
            "delete these pods (kubectl delete pod), so that they are created again with an address that is routed"
        )
        yield Hit(Location(held[0].path), message, fix, {"addresses": [lease.address for lease in held[:100]]})


def _twice(store: LeaseStore, ranges: list[RangeSet]) -> Iterator[Hit]:
    """Interfaces with more addresses of a kind than there are range sets of it."""
    most = Counter(each.extents[0][0] for each in ranges)
    held: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for lease in store.leases:
        held[lease.container_id, lease.ifname, _kind(lease)].append(lease.address)
    for (container_id, ifname, kind), addresses in held.items():
        if container_id and len(addresses) > most[kind] > 0:
            who = f"{ifname or 'the interface'} of the container {container_id[:13]}"
            message = f"network {store.network}: {who} has {len(addresses)} addresses and uses one: {shown(addresses)}"
            fix = Fix("delete its pod (`crictl pods` shows which it is), which gives back all of them")
            yield Hit(Location(f"{store.directory}/{addresses[0]}"), message, fix, {"containerId": container_id})


def _kind(lease: Lease) -> int:
    return 6 if ":" in lease.address else 4


def _notes(store: LeaseStore, ranges: list[RangeSet]) -> Iterator[Hit]:
    """Notes of the last address that help nobody: host-local then begins at the start of the range."""
    for name, address in store.last.items():
        if not any(each.covers(address) for each in ranges):
            path = f"{store.directory}/{name}"
            message = f'{path} says "{address}", which is in no range, so the first free address is given out next'
            yield Hit(Location(path), message, Fix(f"`rm {path}`"), severity=Severity.NOTE)


def shown(names: list[str], most: int = 5) -> str:
    """A few of many names, in words."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


@check(
    "CNI882",
    "lease-lock-held",
    Severity.ERROR,
    "addresses",
    reads="/proc/locks, and the lock of each of host-local's directories",
    well="no process keeps the lock of host-local's leases",
    leads_to=("add-fails", "del-fails"),
)
def lease_lock_held(node: Node) -> Iterator[Hit]:
    """A process keeps the lock of host-local's leases.

    Why:
        host-local lets only one of its kind at the addresses of a network. While another process keeps the lock, all
        others wait, pods stay in ContainerCreating or Terminating, and the runtime says "context deadline exceeded"
        without naming a plugin. `lsof` or `fuser -v` on the file shows the process.
    Bad:
        /var/lib/cni/networks/pods/lock is locked by a process that was started an hour ago
    Good:
        /var/lib/cni/networks/pods/lock is locked for milliseconds at a time
    Fix:
        See what the process is (`ps -fp PID`), and end it.
    Reference:
        CNI plugins documentation, "host-local IP address management plugin"
    """
    text = node.text("/proc/locks")
    if text is None:
        message = "there is no /proc/locks here, so it cannot be known who keeps a lock"
        raise Skip(message)
    locks = [lock for lock in locks_in(text) if (lock.kind, lock.mode) == ("FLOCK", "WRITE")]
    for store in node.state.stores if locks else ():
        path = f"{store.directory}/lock"
        status = node.host.status(path)
        pid = next((lock.pid for lock in locks if status and lock.is_on(status.device, status.inode)), None)
        age = _age(node, pid) if pid else 0.0
        if pid and age > _LONG:
            name = (node.text(f"/proc/{pid}/comm") or "?").strip()
            message = (
                f"the process {pid} ({name}) keeps {path}, and was started {age:.0f} s ago, so no pod can be started "
                f"or removed"
            )
            yield Hit(Location(path), message, Fix(f"see what it is with `ps -fp {pid}`, and end it with `kill {pid}`"))


def _age(node: Node, pid: int) -> float:
    """For how many seconds a process has been there; 0 when that cannot be told."""
    name = (node.text(f"/proc/{pid}/cmdline") or "").partition("\0")[0].rsplit("/", 1)[-1]
    found = [process for process in node.host.processes([name]) if process.pid == pid] if name else []
    return node.host.now() - found[0].started if found else 0.0
