"""ADD that fails, is interrupted, or is done many times at once; and plugins that others are asked by."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.conformance.registry import Flaw, Seen, Skip, case
from cnictl.conformance.verdict import Refusal, failed, leftovers, refused, succeeded
from cnictl.errors import CNIError
from cnictl.netns.handle import remove_netns
from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.conformance.bench import Bench
    from cnictl.conformance.container import Container


@case("CNI949", "spec-add-fails", "ADD into a namespace that is not there", needs=("spec-add",))
def add_fails(bench: Bench) -> Iterator[Seen | Flaw]:
    """ADD does not fail when it cannot do its work, or DEL does not remove what the failed ADD has left.

    Why:
        Runtimes call DEL for an ADD that has failed; what that does not remove is there for ever.
    Bad:
        an address that is reserved before the namespace is opened, and not given back
    Good:
        an error, and after DEL a node as before
    Fix:
        Undo what was done when ADD fails, and let DEL remove what is there, whether ADD has ended or not.
    Reference:
        CNI spec 1.1.0, section 2, "DEL", and section 3, "Lifecycle & Ordering"
    """
    if not bench.warm:
        return
    container = bench.container()
    bench.prepare(container)
    remove_netns(container.netns)
    try:
        before = bench.state()
        answer = bench.ask("ADD", container)
        if bench.role == "interface":
            yield from refused(bench, answer, Refusal("ADD with CNI_NETNS not there"))
        yield from succeeded(bench.ask("DEL", container), "DEL after it")
        yield from leftovers(bench.left(before, container), "ADD with CNI_NETNS not there, and DEL")
    finally:
        bench.finish(container)


_MOMENTS = (0.25, 0.5, 0.75)


@case(
    "CNI950",
    "spec-add-interrupted",
    "ADD that is ended on its way",
    needs=("spec-add", "spec-del"),
    severity=Severity.WARNING,
)
def add_interrupted(bench: Bench) -> Iterator[Seen | Flaw]:
    """DEL does not clean up after an ADD that was ended before it was done.

    Why:
        Runtimes end a plugin that takes too long; each such container would leave an address or a link.
    Bad:
        a plugin that notes what it has made when all is done
    Good:
        a plugin that DEL finds the way with, wherever ADD has got to
    Fix:
        Note what is made before it is made, or look for it by names that follow from the parameters.
    Reference:
        CNI spec 1.1.0, section 2, "DEL", and section 3, "Lifecycle & Ordering"
    """
    seconds = _duration(bench)
    for part in _MOMENTS:
        container = bench.container()
        try:
            bench.prepare(container)
            before = bench.state()
            bench.ask("ADD", container, timeout=max(seconds * part, 0.001))
            what = f"DEL after {part:.0%} of an ADD"
            yield from succeeded(bench.ask("DEL", container), what, Severity.WARNING)
            yield from leftovers(bench.left(before, container), what, Severity.WARNING)
        finally:
            bench.finish(container)


def _duration(bench: Bench) -> float:
    with bench.attached() as container:
        return container.answer.seconds if container.answer else 0.0


_AT_ONCE = 4


@case("CNI951", "spec-parallel", f"ADD of {_AT_ONCE} containers at once", needs=("spec-add",))
def parallel(bench: Bench) -> Iterator[Seen | Flaw]:
    """Containers that are attached at the same time get in each other's way.

    Why:
        After a reboot a node starts all its pods at once: two get the same address, or some get none.
    Bad:
        an IPAM plugin that reads its list of addresses and writes it back without a lock
    Good:
        a lock around all that containers share
    Fix:
        Lock what is shared, also between processes, and wait for the lock instead of failing.
    Reference:
        CNI spec 1.1.0, section 3, "Lifecycle & Ordering"
    """
    fixed = _is_fixed(bench)
    containers = [bench.container() for _ in range(_AT_ONCE)]
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            errors = [error for error in pool.map(lambda each: _error_of(bench, each), containers) if error]
        if errors:
            yield failed(errors[0], f"{len(errors)} of {_AT_ONCE} containers at once")
        addresses = [address for each in containers for address in _addresses(each)]
        twice = sorted({address for address in addresses if addresses.count(address) > 1})
        if twice and not fixed:
            yield Flaw(f"{_AT_ONCE} containers at once: two have the address {twice[0]}", "lock what is shared")
        elif not errors:
            yield Seen(f"{_AT_ONCE} containers, {len(set(addresses))} addresses")
    finally:
        for container in containers:
            bench.finish(container)


def _is_fixed(bench: Bench) -> bool:
    """Whether every container gets the same addresses, by the config.

    Raises:
        Skip: Two containers cannot be attached even one after the other.
    """
    with bench.attached() as first:
        second = require_shared(bench)
        return bool(set(_addresses(first)) & set(_addresses(second)))


def require_shared(bench: Bench) -> Container:
    """Attaches one more container beside those that are, and detaches it.

    Raises:
        Skip: It cannot be attached: the plugin gives to one container what there is once only.
    """
    try:
        with bench.attached() as container:
            return container
    except CNIError as error:
        message = f"a second container gets no network, even alone: {error}"
        raise Skip(message) from None


def _error_of(bench: Bench, container: Container) -> CNIError | None:
    try:
        bench.add(container)
    except CNIError as error:
        return error
    return None


def _addresses(container: Container) -> list[str]:
    data = container.result or {}
    pairs = [data[family]["ip"] for family in ("ip4", "ip6") if data.get(family)]
    found = [ip["address"] for ip in data.get("ips", [])] + pairs
    return [address for address in found if not address.startswith(("127.", "::1/"))]


@case("CNI969", "spec-processes", "processes that live on", needs=("spec-add",), severity=Severity.NOTE)
def processes(bench: Bench) -> Iterator[Seen | Flaw]:
    """A process of the plugin lives on when ADD has ended.

    The spec does not forbid it.

    Why:
        A child that holds stdout open keeps a runtime waiting that reads it to its end, and each container leaves one.
    Bad:
        a shell script that starts something with & and does not redirect its output
    Good:
        a daemon of its own, which the plugin speaks to
    Fix:
        Wait for what you start, or start it with its output redirected and in a session of its own.
    Reference:
        CNI spec 1.1.0, section 2, "Overview"
    """
    before = _running()
    with bench.attached():
        alive = _running() - before
    for pid in sorted(alive):
        message = f"after ADD a process lives on: {_command(pid)}"
        yield Flaw(message, "wait for it", severity=Severity.NOTE)
    if not alive:
        yield Seen("none")


def _running() -> set[int]:
    """The processes of the node that have not ended."""
    return {int(entry) for entry in os.listdir("/proc") if entry.isdigit() and _command(int(entry))}  # noqa: PTH208


def _command(pid: int) -> str:
    """What a process runs; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
