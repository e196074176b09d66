"""DEL in every situation in which a runtime calls it, and the other versions that the plugin speaks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnictl.conformance.bench import Bench
from cnictl.conformance.cases.checking import forget, require_files
from cnictl.conformance.registry import Flaw, Seen, case
from cnictl.conformance.verdict import failed, judged_result, leftovers, must_since, succeeded
from cnictl.errors import CNIError
from cnictl.model.version import SpecVersion
from cnictl.netns.handle import remove_netns
from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.conformance.container import Container


@case("CNI963", "spec-del", "DEL", needs=("spec-add",))
def delete(bench: Bench) -> Iterator[Seen | Flaw]:
    """DEL fails, or does not undo what ADD has done.

    Why:
        It grows with each container: addresses run out, rules make the node slow, links take names.
    Bad:
        a rule of the packet filter, a lease or a link of a container that is gone
    Good:
        after DEL there is what was there before ADD, but for what all containers share, such as a bridge
    Fix:
        Undo each thing that ADD does, in reverse.
    Reference:
        CNI spec 1.1.0, section 2, "DEL"
    """
    if not bench.warm:
        return
    container = bench.container()
    try:
        bench.prepare(container)
        before = bench.state()
        bench.add_alone(container)
        yield from succeeded(bench.ask("DEL", container), "DEL")
        if bench.makes_interface and container.ifname in [link.name for link in container.survey().links]:
            yield Flaw(f"DEL: {container.ifname} is still in the container", "remove it")
        alone = bench.role != "chained"
        yield from leftovers(bench.differences(before) if alone else bench.left(before, container), "ADD and DEL")
    finally:
        bench.finish(container)


@case("CNI964", "spec-del-again", "DEL again", needs=("spec-del",))
def delete_again(bench: Bench) -> Iterator[Seen | Flaw]:
    """A second DEL of the same container fails.

    Why:
        Runtimes repeat DEL until it succeeds, so the pod would stay in Terminating for ever.
    Bad:
        a plugin that fails because there is nothing left to remove
    Good:
        a plugin that succeeds when there is nothing to remove
    Fix:
        What is not there need not be removed: go on.
    Reference:
        CNI spec 1.1.0, section 2, "DEL"
    """
    with bench.attached() as container:
        bench.ask("DEL", container)
        yield from succeeded(bench.ask("DEL", container), "DEL again", must_since(bench, "1.0.0"))


@case("CNI965", "spec-del-without-netns", "DEL with the netns gone", needs=("spec-del",))
def delete_without_netns(bench: Bench) -> Iterator[Seen | Flaw]:
    """DEL fails, or leaves something, when the container's network namespace is gone.

    Why:
        After a reboot every namespace is gone, and each pod of before would stay in Terminating, or keep its address.
    Bad:
        a plugin that fails because it cannot open the namespace
    Good:
        a plugin that gives the address back and removes what it has made on the node
    Fix:
        CNI_NETNS may be empty or lead nowhere: do all that can be done without it, and succeed.
    Reference:
        CNI spec 1.1.0, section 2, "DEL"
    """
    for what, given in (("CNI_NETNS leads nowhere", {}), ("CNI_NETNS is not set", {"CNI_NETNS": None})):
        container = bench.container()
        try:
            bench.prepare(container)
            before = bench.state()
            bench.add_alone(container)
            remove_netns(container.netns)
            answer = bench.ask("DEL", container, variables=given)
            yield from succeeded(answer, f"DEL while {what}", must_since(bench, "1.0.0"))
            yield from leftovers(bench.left(before, container), f"DEL while {what}", Severity.WARNING)
        finally:
            bench.finish(container)


@case(
    "CNI966",
    "spec-del-without-prev-result",
    "DEL without prevResult",
    needs=("spec-del",),
    since="0.4.0",
    severity=Severity.WARNING,
)
def delete_without_prev_result(bench: Bench) -> Iterator[Seen | Flaw]:
    """DEL fails, or leaves something, when the runtime has lost the result of ADD.

    Why:
        Runtimes lose it with their cache; the pod would stay in Terminating.
    Bad:
        {"code": 7, "msg": "required prevResult missing"} as an answer to DEL
    Good:
        a plugin that finds what it has made by CNI_CONTAINERID and CNI_IFNAME
    Fix:
        Use prevResult where it is there, and names that follow from the parameters where it is not.
    Reference:
        CNI spec 1.1.0, section 2, "DEL"
    """
    container = bench.container()
    try:
        bench.prepare(container)
        before = bench.state()
        bench.add_alone(container)
        answer = bench.ask("DEL", container, keys={"prevResult": None})
        yield from succeeded(answer, "DEL without prevResult", Severity.WARNING)
        yield from leftovers(bench.left(before, container), "DEL without prevResult", Severity.WARNING)
    finally:
        bench.finish(container)


@case("CNI967", "spec-del-unknown", "DEL of a container that never was")
def delete_unknown(bench: Bench) -> Iterator[Seen | Flaw]:
    """DEL fails for a container that was never attached.

    Why:
        Runtimes call DEL for every ADD that has failed, also when the plugin was never run.
    Bad:
        {"code": 999, "msg": "no such container"}
    Good:
        a plugin that succeeds when there is nothing to remove
    Fix:
        What is not there need not be removed: succeed.
    Reference:
        CNI spec 1.1.0, section 2, "DEL", and section 3, "Lifecycle & Ordering"
    """
    container = bench.container()
    try:
        answer = bench.ask("DEL", container)
        yield from succeeded(answer, "DEL of a container that never was", must_since(bench, "1.0.0"))
    finally:
        remove_netns(container.netns)


@case("CNI968", "spec-del-without-state", "DEL with its state lost", needs=("spec-del",), severity=Severity.WARNING)
def delete_without_state(bench: Bench) -> Iterator[Seen | Flaw]:
    """DEL fails when the files are gone in which plugins note what they have done.

    Why:
        After a reboot, or a cleaning of /var/lib/cni, no pod of before could be removed.
    Bad:
        {"code": 999, "msg": "open /var/lib/cni/networks/pods/10.1.0.5: no such file or directory"}
    Good:
        a plugin that removes what it finds, and succeeds
    Fix:
        What is not noted need not be undone: go on with the rest, and succeed.
    Reference:
        CNI spec 1.1.0, section 2, "DEL"
    """
    with bench.attached() as container:
        require_files(bench)
        forget(bench)
        yield from succeeded(bench.ask("DEL", container), "DEL with its state lost", Severity.WARNING)


@case("CNI970", "spec-other-versions", "the other versions that it speaks", needs=("spec-add",))
def other_versions(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin does not work in a version that it says it speaks.

    Why:
        A runtime chooses a version by what the plugin says.
    Bad:
        a result with "ips" for a config of version 0.2.0, which has "ip4"
    Good:
        a result of the version of each config
    Fix:
        Convert the result to the version of the config, or do not name the version in VERSION.
    Reference:
        CNI spec 1.1.0, section 5, "ADD Success", and the spec of each version
    """
    for text in bench.spoken:
        version = SpecVersion.of(text)
        if version is None or version is bench.version or (bench.role == "chained" and not version.has_result_list):
            continue
        yield from _in_version(Bench(bench.request, bench.node, version, bench.spoken), text)


def _in_version(bench: Bench, text: str) -> Iterator[Seen | Flaw]:
    container = bench.container()
    container = replace(container, attachment=replace(container.attachment, container_id=f"version-{text}"))
    try:
        bench.add(container)
        yield from _flaws(bench, container, text)
        yield from succeeded(bench.ask("DEL", container), f"DEL in version {text}")
    except CNIError as error:
        yield failed(error, f"version {text}")
    finally:
        bench.finish(container)


def _flaws(bench: Bench, container: Container, text: str) -> Iterator[Seen | Flaw]:
    if container.answer is not None:
        for found in judged_result(bench, container.answer):
            yield found._replace(message=f"version {text}: {found.message}") if isinstance(found, Flaw) else found
