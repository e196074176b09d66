"""Whether the plugin that gives out addresses is asked, and what comes of it when that fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cnictl.conformance.registry import Flaw, Seen, Skip, case, should
from cnictl.conformance.stand_in import stand_in
from cnictl.conformance.verdict import Refusal, refused
from cnictl.model.version import VERB_SINCE
from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.conformance.bench import Bench
    from cnictl.conformance.container import Container
    from cnictl.conformance.stand_in import StandIn


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
    with stand_in(bench) as other, bench.attached() as container:
        _require_asked(bench, other.asked())
        yield from _same(bench, container, other)
        for verb in _delegated(bench):
            bench.collect([container]) if verb == "GC" else bench.ask(verb, container)
            if verb in other.asked():
                yield Seen(f"{verb} is handed on")
            else:
                yield Flaw(f"{verb}: {bench.ipam} is not asked", f"run it for {verb} too")


def _require_asked(bench: Bench, asked: list[str]) -> None:
    """Does nothing when the plugin asks the one that it finds in CNI_PATH.

    Raises:
        Skip: It does not.
    """
    if "ADD" not in asked:
        message = f"it does not run {bench.ipam} of CNI_PATH for ADD"
        raise Skip(message)


def _delegated(bench: Bench) -> list[str]:
    return [verb for verb in ("CHECK", "STATUS", "GC", "DEL") if bench.version >= VERB_SINCE[verb]]


def _same(bench: Bench, container: Container, other: StandIn) -> Iterator[Seen | Flaw]:
    if container.answer is None:
        return
    given = container.answer.invocation.cni_environment
    told = other.environment("ADD")
    for name, value in given.items():
        if value and f"{name}={value}" not in told:
            yield Flaw(f"ADD: {bench.ipam} is not told {name} as it was given", "hand on the environment as it is")
    config = json.loads(container.answer.invocation.stdin)
    handed = json.loads(other.config("ADD") or b"null")
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
    with stand_in(bench) as other:
        container = bench.container()
        try:
            bench.prepare(container)
            other.fails("ADD")
            answer = bench.ask("ADD", container)
            asked = other.asked()
            _require_asked(bench, asked)
            yield from refused(bench, answer, Refusal(f"ADD while {bench.ipam} fails"))
            if "DEL" not in asked[asked.index("ADD") :]:
                yield should(
                    f"ADD while {bench.ipam} fails: it is not asked for DEL", "run it with DEL before you fail"
                )
            yield from _interface_left(container)
        finally:
            bench.finish(container)


def _interface_left(container: Container) -> Iterator[Seen]:
    """An interface may be left: the runtime calls DEL."""
    if container.ifname not in [link.name for link in container.survey().links]:
        yield Seen("no interface is left")
