"""Many pods at once, a pool without an address left, and what remains in the end."""

from __future__ import annotations

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.errors import CNIError
from cnictl.model.network import NetworkConfigList
from cnictl.netns.handle import remove_netns
from cnictl.report.finding import Severity
from cnictl.runtime.leases import data_dirs, is_lease_name
from cnictl.throwaway.look import changes_since, remember
from cnictl.throwaway.mounts import STATE
from cnictl.trial.bench import failure
from cnictl.trial.registry import Flaw, Seen, Skip, step
from cnictl.trial.steps.lifecycle import settle
from cnictl.trial.steps.reach import require_addresses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnictl.netns.difference import Change
    from cnictl.trial.bench import Bench, Pod

_JOBS = 8
"""How many pods are added at one time: what a busy node does."""


@step("CNI922", "try-parallel", "ADD of many pods at once", needs=("try-del-without-netns",))
def parallel(bench: Bench) -> Iterator[Seen | Flaw]:
    """Pods that are added at the same time get in each other's way.

    Why:
        After a reboot a node starts all its pods at once: two get the same address, or some get none.
    Bad:
        an IPAM plugin that does not lock its leases
    Good:
        an IPAM plugin that gives each of many pods an address of its own
    Fix:
        Use a newer release of the plugin that is named, or a pool that is large enough.
    Reference:
        CNI spec 1.1.0, section 2, "ADD"
    """
    require_addresses(bench)
    if "host-device" in bench.types():
        message = "host-device serves one pod at a time"
        raise Skip(message)
    pods = [bench.new_pod(f"many-{number}") for number in range(bench.request.pods)]
    yield from _at_once(bench, pods, bench.add, "got no network")
    yield from _different(pods)
    yield from _at_once(bench, pods, lambda pod: bench.cni.delete(bench.network, pod.attachment), "were not detached")
    for pod in pods:
        remove_netns(pod.netns)


def _at_once(bench: Bench, pods: list[Pod], work: Callable[[Pod], None], what: str) -> Iterator[Flaw]:
    """Does the same with many pods at the same time; what went wrong first stands for all."""
    with ThreadPoolExecutor(_JOBS) as pool:
        errors = [error for error in pool.map(lambda pod: _error_of(lambda: work(pod)), pods) if error is not None]
    if errors:
        yield _too_many(failure(bench, errors[0], f"{len(errors)} of {len(pods)} pods {what}: "))


def _too_many(flaw: Flaw) -> Flaw:
    """A pool for few pods may be meant so, hence no error."""
    return flaw._replace(severity=Severity.WARNING) if "no IP addresses available" in flaw.message else flaw


def _error_of(work: Callable[[], None]) -> CNIError | None:
    """Does something that may fail; how it failed."""
    try:
        work()
    except CNIError as error:
        return error
    return None


def _different(pods: list[Pod]) -> Iterator[Seen | Flaw]:
    addresses = [ip.address.partition("/")[0] for pod in pods for ip in pod.ips]
    twice = sorted({address for address in addresses if addresses.count(address) > 1})
    if twice:
        yield Flaw(f"several pods have the address {twice[0]}", "take addresses from a pool, such as host-local's")
    elif addresses:
        yield Seen(f"{len(pods)} pods have {len(addresses)} different addresses")


@step("CNI923", "try-exhaustion", "a pool without an address left", needs=("try-del-without-netns",))
def exhaustion(bench: Bench) -> Iterator[Seen | Flaw]:
    """When the pool is used up, ADD does not fail with a clear error, or leaves something behind.

    Why:
        A pod without an address would be taken for a running one, or each attempt would leave a link on the node.
    Bad:
        an IPAM plugin that gives out an address twice when it has no other
    Good:
        an IPAM plugin that says that no address is available
    Fix:
        Use a newer release of the IPAM plugin.
    Reference:
        CNI spec 1.1.0, section 5, "Error"
    """
    if bench.ipam("host-local") is None:
        message = "only host-local's pools can be narrowed to a single address"
        raise Skip(message)
    first = bench.new_pod("full-a")
    bench.add(first)
    narrow = _narrowed(bench, first)
    second = bench.new_pod("full-b")
    try:
        answer = bench.cni.add(narrow, second.attachment)
    except CNIError as error:
        yield Seen(f"refused: {error}")
        left = [link.name for link in second.survey().links if link.name == second.attachment.ifname]
        if left:
            yield Flaw(f"the pod that got no address has {left[0]} nevertheless", "use a newer release of the plugin")
    else:
        given = ", ".join(ip.address for ip in answer.ips)
        yield Flaw(
            f"although the only address was taken, a pod was given {given or 'none'}", "use a newer release of ipam"
        )
        bench.cni.delete(narrow, second.attachment)
    finally:
        bench.cni.delete(bench.network, first.attachment)


def _narrowed(bench: Bench, pod: Pod) -> NetworkConfigList:
    """The network with a pool of one address for each range, those that a pod has."""
    data = json.loads(bench.network.source)
    addresses = {ip.family: ip for ip in pod.ips}
    for plugin in data["plugins"]:
        ipam = plugin.get("ipam")
        if isinstance(ipam, dict) and ipam.get("type") == "host-local":
            rest = {key: value for key, value in copy.deepcopy(ipam).items() if key not in _POOL_KEYS}
            plugin["ipam"] = {**rest, "ranges": [[_only(ip.address, ip.gateway)] for ip in addresses.values()]}
    return NetworkConfigList.from_dict(data)


_POOL_KEYS = frozenset({"subnet", "rangeStart", "rangeEnd", "gateway", "ranges"})


def _only(address: str, gateway: str) -> dict[str, str]:
    from ipaddress import ip_interface

    found = ip_interface(address)
    pool = {"subnet": str(found.network), "rangeStart": str(found.ip), "rangeEnd": str(found.ip)}
    return pool | ({"gateway": gateway} if gateway else {})


@step("CNI924", "try-leaks", "nothing left behind", needs=("try-del-without-netns",))
def leaks(bench: Bench) -> Iterator[Seen | Flaw]:
    """After all pods have been deleted, something of them is still there.

    Why:
        It grows with each pod: addresses run out, rules make the node slow, links take names.
    Bad:
        a rule, a lease or a link of a pod that is gone
    Good:
        what is there when the last pod has gone is what was there before: the bridge, and chains without rules
    Fix:
        Use a newer release of the plugin that is named, or `cnictl exec gc` from time to time.
    Reference:
        CNI spec 1.1.0, section 2, "DEL"
    """
    before = bench.empty or remember()
    if not bench.added:
        _come_and_go(bench)
    left = settle(bench)
    for link in left:
        yield Flaw(
            f"after all pods have gone, the link {link} is left", "use a newer release of the plugin that made it"
        )
    changes = [change for change in changes_since(before) if change.kind not in _PASSING]
    for change in changes:
        yield Flaw(_left(change), "use a newer release of the plugin that made it", evidence={"kind": change.kind})
    yield from _files(bench)
    if not changes and not left:
        links = ", ".join(sorted(before.links.values()))
        yield Seen(f"links, addresses, routes, rules and queues as before; the node keeps {links}")


def _come_and_go(bench: Bench) -> None:
    """Attaches one more pod and detaches it, where no other step has."""
    pod = bench.new_pod("last")
    bench.add(pod)
    bench.cni.delete(bench.network, pod.attachment)
    remove_netns(pod.netns)


_PASSING = frozenset({"neighbour", "sysctl"})
"""What comes and goes by itself."""


def _left(change: Change) -> str:
    what = "is left" if change.before is None else "is gone" if change.after is None else "has changed"
    return f"after all pods have gone, this {change.kind} {what}: {change.what}"


def _files(bench: Bench) -> Iterator[Seen | Flaw]:
    """The leases and results that are left."""
    results = [path for path in (STATE / "results").glob("*") if path.is_file()]
    places = [Path(directory) / bench.network.name for directory in data_dirs(bench.network.source)]
    leases = [path for place in places for path in place.glob("*") if is_lease_name(path.name) and path.is_file()]
    # `last_reserved_ip.0` looks like one.
    left = [path for path in (*results, *leases) if not path.name.startswith("last_reserved_ip")]
    for path in left:
        yield Flaw(f"after all pods have gone, this file is left: {path}", "use a newer release of the plugin")
    if not left:
        yield Seen("no lease and no cached result")
