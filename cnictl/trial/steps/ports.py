"""Whether each hostPort answers: over the node's address, over 127.0.0.1, and for the pod itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.report.finding import Severity
from cnictl.throwaway.look import look
from cnictl.throwaway.node import OUTSIDE
from cnictl.trial.causes import port_causes, unreachable
from cnictl.trial.registry import Flaw, Seen, Skip, step
from cnictl.trial.steps.reach import require_addresses
from cnictl.trial.traffic import answering, ask, speaks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cnictl.trial.bench import Bench
    from cnictl.trial.traffic import Answer


def wanted_ports(bench: Bench) -> Sequence[dict[str, Any]]:
    """The host ports of the first pod.

    Raises:
        Skip: There are none.
    """
    require_addresses(bench)
    ports: Sequence[dict[str, Any]] = bench.capability_args.get("portMappings", ())
    if not ports:
        message = "no plugin declares portMappings, and no hostPort was asked for"
        raise Skip(message)
    return ports


def ask_port(bench: Bench, port: dict[str, Any], family: int, source: Path | None, address: str) -> Answer:
    """Asks for a host port from somewhere, while the pod answers behind it."""
    protocol = port["protocol"]
    with answering(bench.pod.netns, family, protocol, port["containerPort"]):
        return ask(source, protocol, address, port["hostPort"])


def _named(port: dict[str, Any]) -> str:
    return f"hostPort {port['hostPort']}/{port['protocol']}"


def _each(bench: Bench) -> Iterator[tuple[dict[str, Any], int]]:
    """Each host port with each IP version that it is to answer in, and that can be tried."""
    for port in wanted_ports(bench):
        if speaks(port["protocol"]):
            address = port.get("hostIP") or ""
            only = 6 if ":" in address else 4 if address and address != "0.0.0.0" else 0  # noqa: S104  # a comparison
            yield from ((port, family) for family in bench.pod.families if only in (0, family))


def _unspoken(bench: Bench) -> Iterator[Seen]:
    """Says which host ports could not be tried.

    Raises:
        Skip: None of them can be.
    """
    silent = [port for port in wanted_ports(bench) if not speaks(port["protocol"])]
    if silent and len(silent) == len(wanted_ports(bench)):
        message = f"this kernel does not speak {silent[0]['protocol']}: modprobe {silent[0]['protocol']}"
        raise Skip(message)
    for port in silent:
        yield Seen(f"{_named(port)} was skipped: this kernel does not speak {port['protocol']}")


def _dead(bench: Bench, what: str, answer: Answer) -> Flaw:
    """Why a host port does not answer."""
    said = f"{what} does not answer ({answer.how})"
    for flaw in port_causes(bench):
        return flaw._replace(message=f"{said}: {flaw.message}")
    if bench.plugin("portmap") is None and not bench.declares("portMappings"):
        fix = (
            '`cnictl chain add portmap` or write {"type": "portmap", "capabilities": {"portMappings": true}} at the end'
        )
        return Flaw(f"{said}: no plugin of the chain forwards ports", fix)
    outer = bench.node.outer[bench.pod.families[0]]
    return unreachable(bench, bench.pod, outer, said)


@step("CNI911", "try-host-ports", "hostPort over the node's address", needs=("try-add",))
def over_node_address(bench: Bench) -> Iterator[Seen | Flaw]:
    """A hostPort does not answer a machine outside that asks for it at the node's address.

    Why:
        Connections to the port are refused or time out. The pod runs, ADD has succeeded, and nothing else says so.
    Bad:
        {"type": "portmap"}
    Good:
        {"type": "portmap", "capabilities": {"portMappings": true}}
    Fix:
        Let portmap declare the capability, and forward without conditions.
    Reference:
        portmap plugin's documentation, "Usage"
    """
    yield from _unspoken(bench)
    for port, family in _each(bench):
        address = port.get("hostIP") or bench.node.addresses[family]
        if address in ("0.0.0.0", "::"):  # noqa: S104  # a comparison
            address = bench.node.addresses[family]
        if address not in _own():
            yield Flaw(
                f"{_named(port)} is to answer at {address}, which the node does not have", "name an address of the node"
            )
            continue
        answer = ask_port(bench, port, family, OUTSIDE, address)
        if answer.ok:
            yield Seen(f"{_named(port)} at {address} in {answer.how}, asked as {answer.source}")
        else:
            yield _dead(bench, f"{_named(port)} at the node's address {address}", answer)


def _own() -> set[str]:
    return {address.address.partition("/")[0] for address in look().addresses}


@step("CNI912", "try-host-ports-localhost", "hostPort over 127.0.0.1", needs=("try-host-ports",))
def over_localhost(bench: Bench) -> Iterator[Seen | Flaw]:
    """A hostPort does not answer on the node itself at 127.0.0.1.

    Why:
        Programs on the node, such as a registry's mirror or an ingress's health check, ask at localhost.
    Bad:
        {"type": "portmap", "snat": false, "capabilities": {"portMappings": true}}
    Good:
        {"type": "portmap", "snat": true, "capabilities": {"portMappings": true}}
    Fix:
        Leave portmap's snat on, so that the pod answers to an address that it can reach.
    Reference:
        portmap plugin's documentation, "SNAT"
    """
    yield from _unspoken(bench)
    ports = [port for port, family in _each(bench) if family == 4 and not port.get("hostIP")]  # noqa: PLR2004
    if not ports:
        message = "there is no host port of IPv4 on all addresses, and for ::1 the kernel has no route_localnet"
        raise Skip(message)
    for port in ports:
        answer = ask_port(bench, port, 4, None, "127.0.0.1")
        if answer.ok:
            yield Seen(f"{_named(port)} at 127.0.0.1 in {answer.how}")
        else:
            yield _mild(bench, _without_masquerade(bench, port, answer, "127.0.0.1"))


def _mild(bench: Bench, flaw: Flaw) -> Flaw:
    """A flaw that most never notice: an error only for whoever has asked for host ports."""
    return flaw if bench.request.capability_args.get("portMappings") else flaw._replace(severity=Severity.WARNING)


def _without_masquerade(bench: Bench, port: dict[str, Any], answer: Answer, where: str) -> Flaw:
    said = f"{_named(port)} at {where} does not answer ({answer.how})"
    if (bench.plugin("portmap") or {}).get("snat") is False:
        message = f"{said}: portmap does not masquerade, so the pod sends its answer where nobody waits for it"
        return Flaw(message, 'write "snat": true', "portmap", ("snat",))
    return Flaw(said, "see with `cnictl exec add --changes` which rules portmap makes", "portmap")


@step("CNI913", "try-host-ports-hairpin", "pod to its own hostPort", needs=("try-host-ports",))
def hairpin(bench: Bench) -> Iterator[Seen | Flaw]:
    """A pod does not reach its own hostPort at the node's address.

    Why:
        A client that is sent to the node's address may be the very pod that serves it, and then it hangs.
    Bad:
        {"type": "bridge", "hairpinMode": false, ...} with portmap
    Good:
        {"type": "bridge", "hairpinMode": true, ...} with portmap
    Fix:
        Write "hairpinMode": true in bridge, and leave portmap's snat on.
    Reference:
        Kubernetes documentation, "Debug Services", "A Pod fails to reach itself via the Service IP"
    """
    yield from _unspoken(bench)
    for port, family in _each(bench):
        address = port.get("hostIP") or bench.node.addresses[family]
        answer = ask_port(bench, port, family, bench.pod.netns, address)
        if answer.ok:
            yield Seen(f"{_named(port)} at {address} in {answer.how}")
        else:
            yield _mild(bench, _no_hairpin(bench, port, answer, address))


def _no_hairpin(bench: Bench, port: dict[str, Any], answer: Answer, address: str) -> Flaw:
    bridge = bench.plugin("bridge")
    masquerades = (bench.plugin("portmap") or {}).get("snat") is not False
    if bridge is not None and masquerades and bridge.get("hairpinMode") is not True:
        message = (
            f"the pod does not reach its own {_named(port)} at {address} ({answer.how}): the bridge sends no frame "
            "back to where it came from, as hairpinMode is off"
        )
        return Flaw(message, 'write "hairpinMode": true', "bridge", ("hairpinMode",))
    return _without_masquerade(bench, port, answer, f"{address}, asked by the pod itself,")
