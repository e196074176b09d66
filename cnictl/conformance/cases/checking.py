"""CHECK, GC and STATUS."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cnictl.conformance.registry import Flaw, Seen, Skip, case, should
from cnictl.conformance.verdict import error_object, failed, leftovers, succeeded
from cnictl.invoke.decode import failure_of
from cnictl.netns.build import remove_address, rename_link
from cnictl.netns.handle import remove_netns
from cnictl.netns.visit import Visit
from cnictl.report.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.conformance.bench import Bench
    from cnictl.conformance.container import Container


@case("CNI954", "spec-check", "CHECK", needs=("spec-add",), since="0.4.0")
def check(bench: Bench) -> Iterator[Seen | Flaw]:
    """CHECK is not content with what ADD has just made.

    Why:
        Runtimes that ask CHECK take a healthy container for a broken one, and make a new one, for ever.
    Bad:
        a plugin that compares prevResult with what it would make itself, without what others in the chain have changed
    Good:
        a plugin that looks for each thing of prevResult that it has made
    Fix:
        Compare prevResult with what there is, and wait a moment for what takes time.
    Reference:
        CNI spec 1.1.0, section 2, "CHECK"
    """
    with bench.attached() as container:
        yield from succeeded(bench.ask("CHECK", container), "CHECK right after ADD")


@case("CNI955", "spec-check-changes-nothing", "CHECK changes nothing", needs=("spec-check",), since="0.4.0")
def check_changes_nothing(bench: Bench) -> Iterator[Seen | Flaw]:
    """CHECK changes something.

    Why:
        CHECK is a probe: whoever asks wants to know how it is, and may ask at any time.
    Bad:
        a plugin that repairs what it finds broken, and reports success
    Good:
        a plugin that only looks
    Fix:
        Report what is wrong, and leave it to the runtime to do something about it.
    Reference:
        CNI spec 1.1.0, section 2, "CHECK"
    """
    with bench.attached() as container:
        before, inside = bench.state(), container.survey()
        bench.ask("CHECK", container)
        yield from leftovers(bench.differences(before), "CHECK")
        if container.survey() != inside:
            yield Flaw("CHECK: links, addresses or routes in the container have changed", "only look")


@case(
    "CNI956",
    "spec-check-interface-gone",
    "CHECK without the interface",
    needs=("spec-check",),
    since="0.4.0",
    roles=("interface",),
    severity=Severity.WARNING,
)
def check_interface_gone(bench: Bench) -> Iterator[Seen | Flaw]:
    """CHECK does not notice that the interface is gone.

    Why:
        Whoever relies on CHECK takes a container without a network for a healthy one.
    Bad:
        a plugin that answers CHECK with success whatever there is
    Good:
        a plugin that looks for each interface of prevResult that it has made
    Fix:
        Fail when an interface of prevResult is not there.
    Reference:
        CNI spec 1.1.0, section 2, "CHECK"
    """
    with bench.attached() as container:
        if not bench.makes_interface:
            message = f"{container.ifname} cannot be removed"
            raise Skip(message)
        # It is hidden, not removed: it may be a device of the node, which is to be had back.
        Visit(container.netns, partial(rename_link, container.ifname, _HIDDEN)).result()
        try:
            yield from _noticed(bench, container, f"without {container.ifname}")
        finally:
            Visit(container.netns, partial(rename_link, _HIDDEN, container.ifname)).result()


_HIDDEN = "hidden"


def _noticed(bench: Bench, container: Container, what: str) -> Iterator[Seen | Flaw]:
    answer = bench.ask("CHECK", container)
    if answer.ok:
        yield should(f"CHECK {what}: it is content", "compare prevResult with what there is")
    else:
        yield Seen(f"{what}: {failure_of(answer)}")


@case(
    "CNI957",
    "spec-check-address-gone",
    "CHECK without an address",
    needs=("spec-check",),
    since="0.4.0",
    roles=("interface",),
    severity=Severity.WARNING,
)
def check_address_gone(bench: Bench) -> Iterator[Seen | Flaw]:
    """CHECK does not notice that an address is gone.

    Why:
        Whoever relies on CHECK takes a container that nobody can reach for a healthy one.
    Bad:
        a plugin that looks for the interface, and not for its addresses
    Good:
        a plugin that looks for each address of prevResult that it has given to the interface
    Fix:
        Fail when an address of prevResult is not there.
    Reference:
        CNI spec 1.1.0, section 2, "CHECK"
    """
    with bench.attached() as container:
        reported = {ip["address"] for ip in (container.result or {}).get("ips", [])}
        entries = [entry for entry in container.survey().addresses if entry.address in reported]
        if not entries:
            message = "it reports no address"
            raise Skip(message)
        entry = entries[0]
        Visit(container.netns, partial(remove_address, entry.link, entry.address)).result()
        yield from _noticed(bench, container, f"without {entry.address}")


@case(
    "CNI958",
    "spec-check-reservation",
    "CHECK without the reservation",
    needs=("spec-check",),
    since="0.4.0",
    roles=("ipam",),
    severity=Severity.WARNING,
)
def check_reservation(bench: Bench) -> Iterator[Seen | Flaw]:
    """CHECK of an IPAM plugin does not notice that the address is no longer reserved.

    Why:
        The address is given to another container too, and packets for one reach the other.
    Bad:
        an IPAM plugin that answers CHECK with success whatever there is
    Good:
        an IPAM plugin that looks for the container's reservation
    Fix:
        Fail when the reservation of CNI_CONTAINERID and CNI_IFNAME is not there.
    Reference:
        CNI spec 1.1.0, section 2, "CHECK"
    """
    with bench.attached() as container:
        require_files(bench)
        forget(bench)
        yield from _noticed(bench, container, "without the reservation")


def require_files(bench: Bench) -> None:
    """Does nothing when the plugin keeps files.

    Raises:
        Skip: It does not.
    """
    if not bench.kept():
        message = "it keeps no files in /var/lib/cni or where the config says"
        raise Skip(message)


def forget(bench: Bench) -> None:
    """Removes all that plugins have noted."""
    for path in bench.kept():
        path.unlink()
    bench.cool()


@case("CNI959", "spec-gc", "GC keeps what is valid", needs=("spec-add",), since="1.1.0")
def collect(bench: Bench) -> Iterator[Seen | Flaw]:
    """GC fails, prints something, or takes something from a container that is valid.

    Why:
        Runtimes call it to clean up; containers that are in use would lose their network.
    Bad:
        a plugin that removes all addresses, as it does not read cni.dev/valid-attachments
    Good:
        a plugin that leaves alone what belongs to a valid attachment
    Fix:
        Remove only what belongs to no pair of containerID and ifname in cni.dev/valid-attachments.
    Reference:
        CNI spec 1.1.0, section 2, "GC"
    """
    with bench.attached() as container:
        before, inside = bench.state(), container.survey()
        answer = bench.collect([container])
        yield from succeeded(answer, "GC")
        if answer.ok and answer.stdout.strip():
            yield Flaw("GC: it prints something, and the spec wants no output on success", "print nothing")
        yield from leftovers(bench.differences(before), "GC with a valid container")
        if container.survey() != inside:
            yield Flaw("GC: a valid container has not what it had", "leave alone what is valid")


@case(
    "CNI960", "spec-gc-stale", "GC removes what is stale", needs=("spec-gc",), since="1.1.0", severity=Severity.WARNING
)
def collect_stale(bench: Bench) -> Iterator[Seen | Flaw]:
    """GC does not remove what belongs to a container that is no longer valid.

    Why:
        GC is there for what DEL has missed: addresses run out, and rules pile up.
    Bad:
        a plugin that answers GC with success and does nothing, although it keeps addresses
    Good:
        a plugin that gives back every address of an attachment that is not in the list
    Fix:
        Remove all that belongs to no pair of containerID and ifname in cni.dev/valid-attachments.
    Reference:
        CNI spec 1.1.0, section 2, "GC"
    """
    if not bench.warm:
        return
    with bench.attached() as valid:
        before = bench.state()
        stale = bench.container()
        try:
            bench.add(stale)
            remove_netns(stale.netns)
            yield from succeeded(bench.collect([valid]), "GC")
            yield from leftovers(bench.left(before, stale), "GC with a stale container", Severity.WARNING)
        finally:
            bench.finish(stale)


@case("CNI961", "spec-gc-empty", "GC with no valid container", since="1.1.0")
def collect_all(bench: Bench) -> Iterator[Seen | Flaw]:
    """GC fails when no attachment is valid.

    Why:
        That is the state of a node after a reboot, when GC is needed most.
    Bad:
        a plugin that takes an empty list for a missing one
    Good:
        a plugin that removes everything, and succeeds
    Fix:
        An empty list is a list: nothing is valid.
    Reference:
        CNI spec 1.1.0, section 2, "GC"
    """
    yield from succeeded(bench.collect([]), "GC with an empty list")


_STATUS_CODES = (50, 51)


@case("CNI962", "spec-status", "STATUS", needs=("spec-add",), since="1.1.0")
def status(bench: Bench) -> Iterator[Seen | Flaw]:
    """The plugin says that it could not serve ADD, although it just has.

    Why:
        Runtimes report the node as not ready, and no pod is placed on it.
    Bad:
        a plugin that fails with an unknown CNI_COMMAND although it says that it speaks 1.1.0
    Good:
        exit status 0, or {"cniVersion": "1.1.0", "code": 50, "msg": "the agent does not answer"} when it is so
    Fix:
        Answer STATUS with success when ADD can be served, and with code 50 or 51 when it cannot.
    Reference:
        CNI spec 1.1.0, section 2, "STATUS"
    """
    answer = bench.ask("STATUS")
    if answer.ok:
        yield Seen("ready")
        return
    code = (error_object(answer) or {}).get("code")
    told = "" if code in _STATUS_CODES else f" (code {code}, where the spec has 50 and 51)"
    yield failed(failure_of(answer), f"STATUS after an ADD that succeeded{told}")
