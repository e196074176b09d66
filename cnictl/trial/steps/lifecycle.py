"""ADD again, STATUS, GC, a CHECK that must notice, and DEL in every situation in which a runtime calls it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from cnictl.errors import CNIError
from cnictl.model.version import SpecVersion
from cnictl.netns.build import remove_address
from cnictl.netns.handle import remove_netns
from cnictl.netns.visit import Visit
from cnictl.throwaway.look import look, remember
from cnictl.trial.bench import failure
from cnictl.trial.registry import Flaw, Seen, Skip, step
from cnictl.trial.steps.reach import require_addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.trial.bench import Bench, Pod


@step("CNI915", "try-add-again", "ADD again", needs=("try-result",))
def add_again(bench: Bench) -> Iterator[Seen | Flaw]:
    """A second ADD for the same container damages what the first one made.

    Why:
        A runtime that was restarted may ask twice; the pod must keep the network that it has.
    Bad:
        a plugin that gives the container a second address, or removes the first
    Good:
        a plugin that refuses, or changes nothing
    Fix:
        Use a newer release of the plugin that is named; until then see that nothing calls ADD twice.
    Reference:
        CNI spec 1.1.0, section 2, "ADD"
    """
    pod = bench.pod
    before = set(pod.survey().addresses)
    try:
        bench.cni.add(bench.network, pod.attachment)
    except CNIError as error:
        yield Seen(f"refused: {error}")
    else:
        yield Seen("accepted")
    after = set(pod.survey().addresses)
    for address in sorted({entry.address for entry in before ^ after}):
        what = "lost" if address in {entry.address for entry in before} else "got"
        yield Flaw(f"by a second ADD the pod has {what} the address {address}", "use a newer release of the plugin")
    if before == after:
        yield Seen("the pod has the addresses that it had")


@step("CNI916", "try-status", "STATUS", needs=("try-add",))
def status(bench: Bench) -> Iterator[Seen | Flaw]:
    """A plugin says that it could not serve ADD, although it just has.

    Why:
        Runtimes report the node as not ready, and no pod is placed on it.
    Bad:
        a plugin that answers STATUS with code 50 while it works
    Good:
        a plugin that answers STATUS with success
    Fix:
        Do what the plugin's message says, or use a newer release of it.
    Reference:
        CNI spec 1.1.0, section 2, "STATUS"
    """
    _require(bench, "STATUS")
    try:
        asked = bench.cni.status(bench.network)
    except CNIError as error:
        yield failure(bench, error)
        return
    yield Seen(f"ready: {', '.join(asked)}")


def _require(bench: Bench, verb: str) -> None:
    """Skips a verb that the network's version does not have.

    Raises:
        Skip: It is older.
    """
    if bench.network.version < SpecVersion.V1_1_0:
        message = f"version {bench.network.version} has no {verb}: it came with 1.1.0"
        raise Skip(message)


@step("CNI917", "try-gc", "GC", needs=("try-add",))
def collect(bench: Bench) -> Iterator[Seen | Flaw]:
    """GC fails, or takes something from a pod that is in use.

    Why:
        Runtimes call it to clean up; a pod that is in use would lose its network.
    Bad:
        a plugin that removes the address of an attachment that it was told is valid
    Good:
        a plugin that leaves alone what it was told is valid
    Fix:
        Use a newer release of the plugin that is named, or write "disableGC": true.
    Reference:
        CNI spec 1.1.0, section 2, "GC"
    """
    _require(bench, "GC")
    before = [set(pod.survey().addresses) for pod in bench.pods]
    try:
        bench.cni.gc(bench.network, [pod.attachment for pod in bench.pods])
    except CNIError as error:
        yield failure(bench, error)
        return
    if before == [set(pod.survey().addresses) for pod in bench.pods]:
        yield Seen("pods in use keep what they have")
    else:
        yield Flaw("GC took an address from a pod that is in use", 'write "disableGC": true')


@step("CNI918", "try-check-notices", "CHECK after the address was removed", needs=("try-check",))
def check_notices(bench: Bench) -> Iterator[Seen | Flaw]:
    """CHECK does not notice that a pod has lost its address.

    Why:
        Whoever relies on CHECK takes a pod without a network for a healthy one.
    Bad:
        a plugin that answers CHECK with success whatever there is
    Good:
        a plugin that compares the links and addresses of prevResult with those of the pod
    Fix:
        Use a newer release of the plugin that makes the interface.
    Reference:
        CNI spec 1.1.0, section 2, "CHECK"
    """
    require_addresses(bench)
    pod = bench.pods[-1]
    gone = _take_address(pod)
    if gone is None:
        message = "the pod has no address that could be removed"
        raise Skip(message)
    try:
        bench.cni.check(bench.network, pod.attachment)
    except CNIError as error:
        yield Seen(f"without {gone}: {error}")
        return
    yield Flaw(f"CHECK is content although {gone} is gone", "use a newer release of the plugin", bench.types()[0])


def _take_address(pod: Pod) -> str | None:
    """Takes the first address from a pod, as a careless hand would; which one it was."""
    for entry in pod.survey().addresses:
        if entry.link == pod.attachment.ifname and entry.scope == "global":
            Visit(pod.netns, partial(remove_address, entry.link, entry.address)).result()
            return entry.address
    return None


@step("CNI919", "try-del", "DEL", needs=("try-add",))
def delete(bench: Bench) -> Iterator[Seen | Flaw]:
    """A pod cannot be detached, or keeps its interface.

    Why:
        The pod stays in Terminating, and its address is not given to another one.
    Bad:
        a plugin that wants something for DEL that is gone, such as its daemon
    Good:
        a plugin that removes what is still there and succeeds
    Fix:
        Do what the plugin's message says, or use a newer release of it.
    Reference:
        CNI spec 1.1.0, section 2, "DEL"
    """
    pod = bench.pod
    try:
        bench.cni.delete(bench.network, pod.attachment)
    except CNIError as error:
        yield failure(bench, error)
        return
    left = [link.name for link in pod.survey().links if link.name == pod.attachment.ifname]
    if left:
        yield Flaw(f"after DEL the pod still has {left[0]}", "use a newer release of the plugin", bench.types()[0])
    else:
        yield Seen(f"{pod.attachment.container_id} is detached")


@step("CNI920", "try-del-again", "DEL again", needs=("try-del",))
def delete_again(bench: Bench) -> Iterator[Seen | Flaw]:
    """A second DEL of the same pod fails.

    Why:
        Runtimes repeat DEL until it succeeds, so the pod would stay in Terminating for ever.
    Bad:
        a plugin that fails because there is nothing left to remove
    Good:
        a plugin that succeeds when there is nothing to remove
    Fix:
        Use a newer release of the plugin that is named.
    Reference:
        CNI spec 1.1.0, section 2, "DEL"
    """
    try:
        bench.cni.delete(bench.network, bench.pod.attachment)
    except CNIError as error:
        yield failure(bench, error)
        return
    yield Seen("succeeds, as nothing is left to remove")


@step("CNI921", "try-del-without-netns", "DEL with the netns gone", needs=("try-del",))
def delete_without_netns(bench: Bench) -> Iterator[Seen | Flaw]:
    """DEL fails when the pod's network namespace is gone already.

    Why:
        After a reboot every namespace is gone, and each pod of before would stay in Terminating.
    Bad:
        a plugin that fails because it cannot open the namespace
    Good:
        a plugin that gives the address back and removes what it has made on the node
    Fix:
        Use a newer release of the plugin that is named.
    Reference:
        CNI spec 1.1.0, section 2, "DEL"
    """
    pod = bench.pods[-1] if len(bench.pods) > 1 else _another(bench)
    remove_netns(pod.netns)
    try:
        bench.cni.delete(bench.network, pod.attachment)
    except CNIError as error:
        yield failure(bench, error)
        return
    yield Seen(f"{pod.attachment.container_id} is detached without its namespace")
    settle(bench)
    bench.empty, bench.added = remember(), 0


def _another(bench: Bench) -> Pod:
    pod = bench.new_pod("pod-c")
    bench.add(pod)
    return pod


_CLEANING = 2.0
"""Seconds in which the kernel has removed a namespace that nobody holds any more, with all that was in it."""
_LOOK = 0.02


def settle(bench: Bench) -> list[str]:
    """Waits until the kernel has removed the links of namespaces that are gone.

    Args:
        bench: Where no pod is attached any more.

    Returns:
        The links to pods that are there nevertheless.
    """
    deadline = time.monotonic() + _CLEANING
    while left := [link.name for link in look().links if link.kind in _OF_PODS and link.name not in bench.node.uplinks]:
        if time.monotonic() > deadline:
            break
        time.sleep(_LOOK)
    return left


_OF_PODS = frozenset({"veth", "ifb"})
