"""What may be in a question, and what may be missing from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnictl.conformance.cases.trouble import require_shared
from cnictl.conformance.registry import Flaw, Seen, Skip, case, should
from cnictl.conformance.verdict import Refusal, error_object, failed, refused, succeeded
from cnictl.errors import CNIError
from cnictl.invoke.decode import failure_of
from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.conformance.bench import Bench
    from cnictl.conformance.container import Container
    from cnictl.invoke.invocation import Exchange


def _add(bench: Bench, container: Container, variables: Mapping[str, str | None]) -> Exchange:
    bench.prepare(container)
    return bench.ask("ADD", container, variables=variables)


@case("CNI944", "spec-optional", "variables that are optional, or unknown", needs=("spec-add",))
def optional(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin wants a variable that is optional, or minds one that it does not know.

    Why:
        A runtime that keeps to the spec cannot use the plugin: no container can be attached, or none detached.
    Bad:
        a plugin that fails without CNI_ARGS
    Good:
        a plugin for which CNI_ARGS that is not set is the same as an empty one
    Fix:
        Ask only for what the command requires, and do not look at what else is set.
    Reference:
        CNI spec 1.1.0, section 2, "CNI operations"
    """
    container = bench.container()
    try:
        answer = _add(bench, container, {"CNI_ARGS": None})
        yield from succeeded(answer, "ADD without CNI_ARGS")
        yield from succeeded(bench.ask("DEL", container, variables={"CNI_ARGS": None}), "DEL without CNI_ARGS")
    finally:
        bench.finish(container)
    container = bench.container()
    try:
        unknown = {"CNI_FLAVOUR": "vanilla", "TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
        yield from succeeded(_add(bench, container, unknown), "ADD with variables that no version knows")
    finally:
        bench.finish(container)


_UNSUPPORTED = 2


@case(
    "CNI945", "spec-unknown-keys", "a key that the plugin does not know", needs=("spec-add",), severity=Severity.WARNING
)
def unknown_keys(bench: Bench) -> Iterator[Seen | Flaw]:
    r"""The plugin fails with an unknown key in a way that does not tell so.

    A plugin may refuse fields that it does not know, and the spec has a code for that.

    Why:
        Nobody finds out which key it is.
    Bad:
        {"code": 999, "msg": "invalid character"} for a config with "flavour": "vanilla"
    Good:
        a plugin that works, or fails with {"code": 2, "msg": "unsupported field \"flavour\": \"vanilla\""}
    Fix:
        Pass over what you do not know, or fail with code 2 and name the key and its value.
    Reference:
        CNI spec 1.1.0, section 1, "Plugin configuration objects", and section 5, "Error"
    """
    container = bench.container()
    try:
        bench.prepare(container)
        answer = bench.ask("ADD", container, keys={"org.example.flavour": {"taste": ["vanilla", 1, None]}})
        code = (error_object(answer) or {}).get("code")
        if answer.ok:
            yield Seen("passed over")
        elif code == _UNSUPPORTED:
            yield Seen("refused with code 2, as a plugin may")
        else:
            yield should(f"ADD with an unknown key: {failure_of(answer)}", "fail with code 2, or pass over the key")
    finally:
        bench.finish(container)


_LARGE = 256 * 1024


@case("CNI946", "spec-large-config", "a config of 256 KiB", needs=("spec-add",))
def large_config(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin does not read the whole of its config.

    Why:
        With many routes, addresses or arguments no container can be attached, and nobody knows why.
    Bad:
        read(0, buffer, 65536), once
    Good:
        reading stdin to its end
    Fix:
        Read stdin until there is no more; a pipe holds 64 KiB, so that more comes in several pieces.
    Reference:
        CNI spec 1.1.0, section 2, "ADD"
    """
    container = bench.container()
    try:
        bench.prepare(container)
        text = bench.stdin("ADD", container, {})
        # White space makes it large without any key that a plugin may refuse.
        answer = bench.ask("ADD", container, stdin=text[:1] + b" \n" * (_LARGE // 2) + text[1:])
        yield from succeeded(answer, "ADD with a config of 256 KiB")
    finally:
        bench.finish(container)


@case(
    "CNI947",
    "spec-second-interface",
    "a second interface of a container",
    needs=("spec-add",),
    since="0.4.0",
    roles=("interface", "ipam"),
)
def second_interface(bench: Bench) -> Iterator[Seen | Flaw]:
    """A container cannot have two interfaces in the network, or loses one with the other.

    Why:
        An attachment is a container with an interface: whoever keeps only the container's ID mixes two of them up.
    Bad:
        a lease that is kept under the container's ID, so that DEL of eth1 gives the address of eth0 away
    Good:
        state that is kept under CNI_CONTAINERID and CNI_IFNAME
    Fix:
        Use CNI_IFNAME in all names and keys that come from CNI_CONTAINERID.
    Reference:
        CNI spec 1.1.0, section 2, "ADD", and section 3
    """
    if bench.role == "interface" and not bench.makes_interface:
        message = f"it sets up {bench.ifname}, whatever the name in CNI_IFNAME"
        raise Skip(message)
    with bench.attached() as first:
        second = replace(first, attachment=replace(first.attachment, ifname="eth7"), result=None, answer=None)
        before = _own(bench, first)
        try:
            bench.add(second)
        except CNIError as error:
            require_shared(bench)
            yield failed(error, "ADD of a second interface", Severity.WARNING)
        yield from succeeded(bench.ask("DEL", second), "DEL of the second interface")
        for lost in sorted(before - _own(bench, first)):
            yield Flaw(f"the second interface: with it the first one has lost {lost}", "tell them apart by CNI_IFNAME")


def _own(bench: Bench, container: Container) -> set[str]:
    """What is an attachment's own."""
    if bench.role == "ipam":
        return {str(path) for path in bench.kept() if container.ifname in path.read_text(errors="replace")}
    return {entry.address for entry in container.survey().addresses if entry.link == container.ifname}


@case(
    "CNI948",
    "spec-interface-exists",
    "an interface that is there already",
    needs=("spec-add",),
    since="1.0.0",
    roles=("interface",),
)
def interface_exists(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin does not refuse to make an interface whose name is taken, or damages the one that has it.

    Why:
        The container has two networks in one, or loses the one that it had.
    Bad:
        a plugin that removes the interface and makes its own
    Good:
        {"cniVersion": "1.0.0", "code": 999, "msg": "eth0 already exists"}
    Fix:
        Look whether there is an interface of this name before anything is made, and fail.
    Reference:
        CNI spec 1.1.0, section 2, "ADD"
    """
    with bench.attached() as container:
        if not bench.makes_interface:
            yield Seen(f"it sets up {container.ifname}, which is always there")
            return
        before = _own(bench, container)
        yield from refused(bench, bench.ask("ADD", container), Refusal(f"ADD with {container.ifname} there"))
        for text in sorted(before ^ _own(bench, container)):
            yield Flaw(f"ADD with {container.ifname} there: {text} has come or gone", "change nothing when it fails")
