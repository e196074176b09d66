"""ADD that fails, is interrupted, or is done many times at once; and plugins that others are asked by."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.conformance.registry import Flaw, Seen, Skip, case
from cnictl.conformance.verdict import Refusal, failed, leftovers, refused, succeeded
from cnictl.errors import CNIError
from cnictl.netns.handle import RUN_DIR, remove_netns
from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.conformance.bench import Bench, Container


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


_ERROR = '{"cniVersion":"%s","code":11,"msg":"the pool is being repaired"}'
_STAND_IN = """#!/bin/sh
cat >"$0.stdin.$CNI_COMMAND"
env | grep ^CNI_ | sort >"$0.env.$CNI_COMMAND"
echo "$CNI_COMMAND" >>"$0.asked"
if [ -e "$0.fail.$CNI_COMMAND" ]; then
  echo '{error}'
  exit 1
fi
exec '{real}' <"$0.stdin.$CNI_COMMAND"
"""


class StandIn:
    """A plugin in the place of the IPAM plugin, which notes what it is asked, and asks the real one.

    Args:
        bench: Where it is asked.
        directory: Where it is to lie.
    """

    def __init__(self, bench: Bench, directory: Path) -> None:
        from cnictl.invoke.find import find_plugin

        name = bench.ipam or ""
        real = find_plugin(name, bench.request.bin_dirs)
        directory.mkdir(exist_ok=True)
        self.path = directory / name
        self.path.write_text(_STAND_IN.format(error=_ERROR % bench.version, real=real), encoding="utf-8")
        self.path.chmod(0o755)
        self._part("asked").write_bytes(b"")

    def _part(self, name: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{name}")

    def asked(self) -> list[str]:
        """The commands that it was asked since the last time."""
        lines = self._part("asked").read_text(encoding="utf-8").split()
        self._part("asked").write_bytes(b"")
        return lines

    def environment(self, verb: str) -> list[str]:
        """The variables of the protocol in its environment, sorted, each as ``NAME=VALUE``."""
        return self._part(f"env.{verb}").read_text(encoding="utf-8").splitlines()

    def config(self, verb: str) -> bytes:
        """What it has read."""
        return self._part(f"stdin.{verb}").read_bytes()

    def fails(self, verb: str, *, now: bool = True) -> None:
        """Says whether it fails from now on when it is asked a command."""
        place = self._part(f"fail.{verb}")
        place.touch() if now else place.unlink(missing_ok=True)


def _stand_in(bench: Bench) -> StandIn:
    """Puts a plugin in the place of the IPAM plugin.

    Raises:
        Skip: The tested one asks none.
    """
    if bench.ipam is None:
        message = "it asks no IPAM plugin in this network"
        raise Skip(message)
    place = RUN_DIR.parent / "stand-in"
    stand_in = StandIn(bench, place)
    bench.search_path = [place, *bench.request.bin_dirs]
    return stand_in


@case("CNI952", "spec-delegation", "the IPAM plugin is asked too", needs=("spec-add",), since="0.4.0")
def delegation(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin does not hand a command on to its IPAM plugin, or not all that belongs to it.

    Why:
        Addresses are never given back, or nobody notices that one is no longer reserved.
    Bad:
        a plugin that asks its IPAM plugin for ADD and not for DEL
    Good:
        ADD, CHECK, DEL, GC and STATUS handed on with the same environment and the whole config
    Fix:
        Run the IPAM plugin with the environment and the stdin that you were given, for every command but VERSION.
    Reference:
        CNI spec 1.1.0, section 4, "Delegated plugin execution procedure"
    """
    stand_in = _stand_in(bench)
    container = bench.container()
    try:
        bench.add(container)
        if "ADD" not in stand_in.asked():
            message = f"it does not run {bench.ipam} of CNI_PATH for ADD"
            raise Skip(message)
        yield from _same(bench, container, stand_in)
        for verb in _delegated(bench):
            bench.collect([container]) if verb == "GC" else bench.ask(verb, container)
            if verb in stand_in.asked():
                yield Seen(f"{verb} is handed on")
            else:
                yield Flaw(f"{verb}: {bench.ipam} is not asked", f"run it for {verb} too")
    finally:
        bench.finish(container)
        bench.search_path = list(bench.request.bin_dirs)


def _delegated(bench: Bench) -> list[str]:
    from cnictl.model.version import VERB_SINCE

    return [verb for verb in ("CHECK", "STATUS", "GC", "DEL") if bench.version >= VERB_SINCE[verb]]


def _same(bench: Bench, container: Container, stand_in: StandIn) -> Iterator[Seen | Flaw]:
    import json

    if container.answer is None:
        return
    given = container.answer.invocation.cni_environment
    told = stand_in.environment("ADD")
    for name, value in given.items():
        if value and f"{name}={value}" not in told:
            yield Flaw(f"ADD: {bench.ipam} is not told {name} as it was given", "hand on the environment as it is")
    config = json.loads(container.answer.invocation.stdin)
    handed = json.loads(stand_in.config("ADD") or b"null")
    if not isinstance(handed, dict) or any(handed.get(key) != value for key, value in config.items()):
        yield Flaw(f"ADD: {bench.ipam} does not get the whole config", "hand on stdin as it is")
    else:
        yield Seen("ADD is handed on with all that belongs to it")


@case(
    "CNI953",
    "spec-delegation-fails",
    "the IPAM plugin fails",
    needs=("spec-add",),
    since="0.4.0",
    severity=Severity.WARNING,
)
def delegation_fails(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin does not mind that its IPAM plugin fails, or does not clean up.

    Why:
        A container without an address is taken for a running one, or an address is lost with each attempt.
    Bad:
        a plugin that goes on without an address
    Good:
        DEL of the IPAM plugin, and then its error handed on
    Fix:
        When the IPAM plugin's ADD fails, run it with DEL, and fail with its error.
    Reference:
        CNI spec 1.1.0, section 4, "Delegated plugin execution procedure"
    """
    from cnictl.conformance.registry import should

    stand_in = _stand_in(bench)
    container = bench.container()
    try:
        bench.prepare(container)
        stand_in.fails("ADD")
        answer = bench.ask("ADD", container)
        asked = stand_in.asked()
        if "ADD" not in asked:
            message = f"it does not run {bench.ipam} of CNI_PATH for ADD"
            raise Skip(message)
        yield from refused(bench, answer, Refusal(f"ADD while {bench.ipam} fails"))
        if "DEL" not in asked[asked.index("ADD") :]:
            yield should(f"ADD while {bench.ipam} fails: it is not asked for DEL", "run it with DEL before you fail")
        yield from _interface_left(container)
    finally:
        stand_in.fails("ADD", now=False)
        bench.finish(container)
        bench.search_path = list(bench.request.bin_dirs)


def _interface_left(container: Container) -> Iterator[Seen]:
    """An interface may be left: the runtime calls DEL."""
    if container.ifname not in [link.name for link in container.survey().links]:
        yield Seen("no interface is left")


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
