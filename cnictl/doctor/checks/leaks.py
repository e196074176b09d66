"""What containers have left behind in files: leases and cached attachments."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cnictl.doctor.checks.addresses import deletion_of, fate_of, shown
from cnictl.doctor.facts.pods import SETTLED, Fate
from cnictl.doctor.pasted import for_each
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.files import DEFAULT_CACHE_DIR
from cnictl.report.action import Detach
from cnictl.report.finding import Applicable, Fix, Location, Severity
from cnictl.runtime.attachments import addresses_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cnictl.doctor.facts.state import LeaseStore
    from cnictl.doctor.node import Node
    from cnictl.runtime.cache import CacheEntry
    from cnictl.runtime.leases import Lease

_MOST = 100
"""As many are told as evidence."""
_USUAL_CACHE = f"{DEFAULT_CACHE_DIR}/results/"


@check(
    "CNI880",
    "leases-leaked",
    Severity.WARNING,
    "leftovers",
    reads="host-local's leases, the result caches, the runtime's sandboxes, and the mounted network namespaces",
    well="every lease belongs to a container that is there, or that its cache still knows",
    leads_to=("no-address", "leak"),
    follows=("del-fails", "leak"),
)
def leases_leaked(node: Node) -> Iterator[Hit]:
    """Addresses are kept for containers that are gone.

    Why:
        host-local keeps a file for each address, and deletes it when the pod's network is taken down (the command DEL).
        A container that disappears without that, as in a power cut, a forced deletion or a wiped cache, keeps its file
        for ever. Nobody notices until all addresses are gone: "no IP addresses available in range set".
    Bad:
        /var/lib/cni/networks/pods/10.244.1.7 names a container that neither the runtime nor a cache knows
    Good:
        as many files in /var/lib/cni/networks/pods as pods on the node
    Fix:
        Delete the files: `cnictl doctor --fix --select leases-leaked`. Where every boot leaves some, have
        systemd-tmpfiles empty the directories at boot: "r! /var/lib/cni/networks/*/*" in /etc/tmpfiles.d/cni.conf.
    Reference:
        containernetworking/plugins issues 252 and 697; Kubernetes issue 108121
    """
    leases = [lease for lease in node.state.leases if lease.container_id]
    for store in node.state.stores:
        yield from _lost_leases(node, store)
    _tell_what_is_unknown(node, any(node.state.entry_of(lease) is None for lease in leases))


def _lost_leases(node: Node, store: LeaseStore) -> Iterator[Hit]:
    """Those without a cached attachment: what has one is given back by DEL."""
    settled = [lease for lease in store.leases if lease.container_id and _age(node, lease.modified) > SETTLED]
    loose = [lease for lease in settled if node.state.entry_of(lease) is None and not _is_routed(node, lease)]
    gone = [lease for lease in loose if fate_of(node, lease) is Fate.GONE]
    if gone:
        yield _lease_hit(node, store, gone)
    unknown = [lease for lease in loose if fate_of(node, lease) is Fate.UNKNOWN]
    old = [lease for lease in unknown if node.state.booted and (lease.modified or 0) < node.state.booted]
    if old:
        yield _before_boot(store, old)
    elif unknown and node.host.live and not node.pods.sockets:
        yield _nobody_knows(store, unknown)


def _lease_hit(node: Node, store: LeaseStore, gone: list[Lease]) -> Hit:
    holders = shown([f"{lease.address} ({lease.container_id[:13]})" for lease in gone])
    message = (
        f"the network {store.network} keeps {_addresses_of(gone)} that {'is' if len(gone) == 1 else 'are'} gone: "
        f"{holders}"
    )
    before = [lease for lease in gone if node.state.booted and (lease.modified or 0) < node.state.booted]
    if before:
        message += ", " + ("" if len(before) == len(gone) else f"{len(before)} of them ") + "since before the last boot"
    fix = Fix(
        f"{_removal(gone)}; `cnictl doctor --fix --select leases-leaked` does it",
        Applicable.SAFE,
        actions=tuple(map(deletion_of, gone)),
    )
    return Hit(Location(store.directory), message, fix, _evidence(gone), _severity(node, store.network, len(gone)))


def _severity(node: Node, network: str, lost: int) -> Severity | None:
    """An error where as many addresses are lost as are left."""
    try:
        ranges = [each for each in node.ranges.of(network) if each.store and each.room]
    except Skip:
        return None
    free = [each.room - len(each.taken()) for each in ranges]
    return Severity.ERROR if free and lost >= min(free) else None


def _before_boot(store: LeaseStore, old: list[Lease]) -> Hit:
    what = "an address" if len(old) == 1 else f"{len(old)} addresses"
    names = shown([lease.address for lease in old])
    message = (
        f"the network {store.network} keeps {what} from before the last boot, which no container survived: {names}"
    )
    fix = Fix(f"when the runtime does not know these containers (`crictl pods`): {_removal(old)}")
    return Hit(Location(store.directory), message, fix, _evidence(old))


def _nobody_knows(store: LeaseStore, unknown: list[Lease]) -> Hit:
    message = (
        f"the network {store.network} keeps {_addresses_of(unknown)} that no cache knows: "
        f"{shown([f'{lease.address} ({lease.container_id[:13]})' for lease in unknown])}"
    )
    fix = Fix(f"when these containers are gone (`crictl pods`, `podman ps -a`): {_removal(unknown)}")
    return Hit(Location(store.directory), message, fix, _evidence(unknown))


def _addresses_of(leases: list[Lease]) -> str:
    return "an address for a container" if len(leases) == 1 else f"{len(leases)} addresses for containers"


def _evidence(leases: list[Lease]) -> Mapping[str, object]:
    return {
        "count": len(leases),
        "leases": [
            {"address": lease.address, "containerId": lease.container_id, "ifname": lease.ifname}
            for lease in leases[:_MOST]
        ],
    }


def _removal(leases: list[Lease]) -> str:
    return for_each("rm", [lease.path for lease in leases])


def _is_routed(node: Node, lease: Lease) -> bool:
    """Whether the node has a route to this very address over a link: then somebody has it."""
    return lease.address in node.state.routed


def _age(node: Node, modified: float | None) -> float:
    return 0.0 if modified is None else node.host.now() - modified


def _tell_what_is_unknown(node: Node, anything: bool) -> None:
    """Ends a check that has found nothing although there was something that could not be judged.

    Raises:
        Skip: That is so.
    """
    if anything and node.pods.trouble is not None and node.pods.sockets:
        raise Skip(node.pods.trouble)
    if anything and not node.host.live:
        message = "the node is only mounted here, so it cannot be known which containers are gone"
        raise Skip(message)
    if node.state.unread:
        raise Skip(node.state.unread[0])


@check(
    "CNI883",
    "attachments-leaked",
    Severity.WARNING,
    "leftovers",
    reads="the result caches in /var/lib/cni, the runtime's sandboxes, and the mounted network namespaces",
    well="every cached attachment belongs to a container that is there",
    leads_to=("no-address", "leak"),
    follows=("del-fails", "leak"),
)
def attachments_leaked(node: Node) -> Iterator[Hit]:
    """Attachments are kept for containers that are gone, with all that belongs to them.

    Why:
        The runtime removed the container, and the command that takes its network down (DEL) was not run or failed:
        because the network's name had been changed in the config, because a plugin was missing, or because the machine
        stopped. The address is still taken, the rules of its host ports lead to an address that another pod will get,
        and the device that limits its bandwidth is still there. The cache has all that DEL needs.
    Bad:
        /var/lib/cni/results/pods-4d8fa635222f-eth0, and neither that sandbox nor its network namespace
    Good:
        /var/lib/cni/results has files of running pods only
    Fix:
        Run DEL for them from the cache: `cnictl doctor --fix --select attachments-leaked`, or `cnictl exec gc NETWORK`.
    Reference:
        CNI spec 1.1.0, section 2, "DEL: Remove container from network, or un-apply modifications"
    """
    gone: dict[str, list[CacheEntry]] = defaultdict(list)
    unsure: dict[str, list[CacheEntry]] = defaultdict(list)
    for entry in node.state.attachments:
        fate = node.pods.fate_of(entry.container_id, entry.netns)
        dead = fate is Fate.UNKNOWN and node.pods.has_netns(entry.netns) is False
        if (fate is Fate.GONE or dead) and node.state.age_of(entry.path) > SETTLED:
            (gone if fate is Fate.GONE else unsure)[entry.network].append(entry)
    for network, entries in gone.items():
        yield _gone_hit(node, network, entries)
    for network, entries in unsure.items():
        yield _unsure_hit(network, entries)
    _tell_what_is_unknown(node, bool(node.state.attachments) and not unsure)


def _gone_hit(node: Node, network: str, entries: list[CacheEntry]) -> Hit:
    who, it = ("a container is", "it") if len(entries) == 1 else (f"{len(entries)} containers are", "them")
    message = f"network {network}: {who} gone, and what was made for {it} was not removed: {_holders(entries)}"
    severity = _severity(node, network, len(entries))
    usual = [entry for entry in entries if entry.path.startswith(_USUAL_CACHE)]
    actions = tuple(Detach(*entry.key) for entry in usual)
    if len(usual) < len(entries):
        directory = entries[0].path.rpartition("/results/")[0]
        fix = Fix(f"`cnictl exec gc {network} --cache-dir {directory}`")
        return Hit(_place(entries), message, fix, _told(entries), severity)
    fix = Fix("`cnictl doctor --fix --select attachments-leaked`", Applicable.SAFE, actions=actions)
    return Hit(_place(entries), message, fix, _told(entries), severity)


def _unsure_hit(network: str, entries: list[CacheEntry]) -> Hit:
    whose = "a container has" if len(entries) == 1 else f"{len(entries)} containers have"
    message = f"network {network}: {whose} no network namespace any more: {_holders(entries)}"
    fix = Fix(f"when the containers are gone (`crictl pods`): `cnictl exec gc {network}`")
    return Hit(_place(entries), message, fix, _told(entries))


def _holders(entries: list[CacheEntry]) -> str:
    """The containers, each with the addresses that it still has."""
    return shown([f"{entry.container_id[:13]}{_addresses(entry)}" for entry in entries])


def _addresses(entry: CacheEntry) -> str:
    addresses = [address.partition("/")[0] for address in addresses_of(entry.result)]
    return f" ({', '.join(addresses)})" if addresses else ""


def _place(entries: list[CacheEntry]) -> Location:
    return Location(entries[0].path if len(entries) == 1 else entries[0].path.rpartition("/")[0])


def _told(entries: Iterable[CacheEntry]) -> Mapping[str, object]:
    listed = list(entries)
    return {
        "count": len(listed),
        "attachments": [
            {"network": entry.network, "containerId": entry.container_id, "ifname": entry.ifname}
            for entry in listed[:_MOST]
        ],
    }
