"""ADD, and whether what it reported is what there is."""

from __future__ import annotations

from ipaddress import ip_interface, ip_network
from typing import TYPE_CHECKING

from cnictl.errors import CNIError, UnsupportedVerb
from cnictl.report.finding import Severity
from cnictl.throwaway.look import look
from cnictl.throwaway.served import ipam_type, why_impossible
from cnictl.trial.bench import failure
from cnictl.trial.registry import Flaw, Seen, Skip, step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.result import Interface
    from cnictl.netns.survey import Survey
    from cnictl.trial.bench import Bench, Pod


@step("CNI904", "try-add", "ADD of two pods", needs=("try-versions",))
def add(bench: Bench) -> Iterator[Seen | Flaw]:
    """A plugin refuses to attach a pod.

    Why:
        Pods stay in ContainerCreating, with the plugin's message in their events.
    Bad:
        {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/30"}]]}}
    Good:
        {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}}
    Fix:
        Do what the plugin's message says; `cnictl exec add --trace` shows what it was asked.
    Reference:
        CNI spec 1.1.0, section 2, "ADD"
    """
    _require_possible(bench)
    names = ("pod-a",) if "host-device" in bench.types() else ("pod-a", "pod-b")
    for name in names:
        pod = bench.new_pod(name, alone=name != "pod-a")
        try:
            bench.add(pod)
        except CNIError as error:
            yield _refused(bench, error, bench.pods)
            return
        bench.pods.append(pod)
        yield Seen(f"{name}: {', '.join(ip.address for ip in pod.ips) or 'no address'}")
    if len(names) == 1:
        yield Seen("one pod only, as host-device gives the device to it alone")


def _require_possible(bench: Bench) -> None:
    """Skips what has no chance here.

    Raises:
        Skip: A plugin needs what a throwaway node cannot have.
    """
    pairs = ((plugin.type, plugin.data.get("ipam")) for plugin in bench.network.plugins)
    reason = why_impossible(name for kind, ipam in pairs for name in (kind, ipam_type(ipam)) if name)
    if reason:
        raise Skip(reason)


def _refused(bench: Bench, error: CNIError, before: list[Pod]) -> Flaw:
    flaw = failure(bench, error)
    local = bench.ipam("host-local")
    if before and local and "no IP addresses available" in flaw.message:
        message = f"the pool has an address for {len(before)} pod and no more: {flaw.message}"
        return flaw._replace(message=message, fix="write a larger subnet or range", plugin=local[0], keys=("ipam",))
    return flaw


@step("CNI905", "try-result", "result as in the kernel", needs=("try-add",))
def result(bench: Bench) -> Iterator[Seen | Flaw]:
    """What ADD reported is not what there is in the pod.

    Why:
        The runtime hands the reported addresses to Kubernetes, so Services and probes look for the pod where it is not.
    Bad:
        a result with eth0 10.1.0.5/24 while eth0 has no address, or a link with another MTU than the config's
    Good:
        every interface, MAC, address, route and MTU of the result is in the pod
    Fix:
        Look at what each plugin of the chain changes with `cnictl exec add --changes`, and take out what undoes it.
    Reference:
        CNI spec 1.1.0, section 5, "ADD Success"
    """
    for pod in bench.pods:
        survey = pod.survey()
        yield from _interfaces(pod, survey)
        yield from _addresses(pod, survey)
        yield from _routes(pod, survey)
        yield from _mtu(bench, survey)
    yield from _dns(bench)
    yield from _twins(bench)


def _interfaces(pod: Pod, survey: Survey) -> Iterator[Seen | Flaw]:
    inside = {link.name: link.mac for link in survey.links}
    outside = {link.name: link.mac for link in look().links}
    for interface in pod.result.interfaces if pod.result else ():
        yield _interface(interface, inside if interface.sandbox else outside)


def _interface(interface: Interface, macs: dict[str, str]) -> Seen | Flaw:
    name, mac = interface.name, interface.mac
    if name not in macs:
        return Flaw(
            f"the result names the interface {name}, which is not there", "see which plugin removes or renames it"
        )
    # A bridge on the node takes the MAC of its lowest port, and that may be the next pod's.
    if interface.sandbox and mac and mac.lower() != macs[name]:
        return Flaw(
            f"the result says that {name} has the MAC {mac}, and it has {macs[name]}", "set it in one plugin only"
        )
    return Seen(f"{name} {macs[name]}".rstrip())


def _addresses(pod: Pod, survey: Survey) -> Iterator[Seen | Flaw]:
    there = {ip_interface(address.address) for address in survey.addresses}
    for ip in pod.ips:
        if ip_interface(ip.address) in there:
            yield Seen(ip.address)
        else:
            yield Flaw(
                f"the result names the address {ip.address}, which the pod does not have", "see which plugin removes it"
            )


def _routes(pod: Pod, survey: Survey) -> Iterator[Seen | Flaw]:
    there = {ip_network(route.target, strict=False) for route in survey.routes}
    for route in pod.result.routes if pod.result else ():
        if route.dst and ip_network(route.dst, strict=False) not in there and route.table is None:
            yield Flaw(
                f"the result names a route to {route.dst}, which the pod does not have", "see which plugin removes it"
            )
        else:
            yield Seen(f"route to {route.dst}")


def _mtu(bench: Bench, survey: Survey) -> Iterator[Seen | Flaw]:
    """Whether the pod's link has the MTU that the config wants."""
    wanted = [(plugin.type, plugin.data["mtu"]) for plugin in bench.network.plugins if plugin.data.get("mtu")]
    link = next((link for link in survey.links if link.name == bench.pod.attachment.ifname), None)
    if not wanted or link is None:
        return
    owner, mtu = wanted[-1]
    if link.mtu == mtu:
        yield Seen(f"MTU {mtu}")
    else:
        message = f"the config wants an MTU of {mtu}, and {link.name} has {link.mtu}"
        yield Flaw(message, "set it in one plugin only", owner, ("mtu",))


def _twins(bench: Bench) -> Iterator[Flaw]:
    """What two pods must not have in common. A config for a single pod may want it so, hence no error."""
    if len(bench.pods) == 1:
        return
    static = bench.ipam("static")
    first, second = ({ip.address.partition("/")[0] for ip in pod.ips} for pod in bench.pods)
    for address in sorted(first & second):
        fix = "take addresses from a pool, such as host-local's: a static one serves a single pod"
        keys = ("ipam",) if static else ()
        message = f"both pods have the address {address}"
        yield Flaw(message, fix, static[0] if static else "", keys, severity=Severity.WARNING)
    macs = [{link.mac for link in pod.survey().links if link.kind} for pod in bench.pods]
    for mac in sorted(macs[0] & macs[1] - {"", "00:00:00:00:00:00"}):
        fix = "give no fixed mac to all pods: take it out of the config, or use the capability mac"
        message = f"both pods have the MAC address {mac}, so frames for one reach the other"
        yield Flaw(message, fix, "tuning", ("mac",) if "tuning" in bench.types() else ())


def _dns(bench: Bench) -> Iterator[Seen | Flaw]:
    """Whether the name servers of the config are in the result; plugins hand them on, and do nothing with them."""
    promised = [
        (plugin.type, server)
        for plugin in bench.network.plugins
        if isinstance(dns := plugin.data.get("dns"), dict)
        for server in dns.get("nameservers", ())
    ]
    reported = bench.pod.result.dns.nameservers if bench.pod.result else ()
    for owner, server in promised:
        if server in reported:
            yield Seen(f"name server {server}")
        else:
            message = f"the config names the name server {server}, and the result does not"
            yield Flaw(message, "name it in the plugin that makes the interface", owner, ("dns",))


@step("CNI906", "try-check", "CHECK", needs=("try-add",))
def check(bench: Bench) -> Iterator[Seen | Flaw]:
    """CHECK is not content with what ADD has just made.

    Why:
        Runtimes that ask CHECK, such as CRI-O, take a healthy pod for a broken one.
    Bad:
        a plugin that changes what an earlier one of the chain compares with its result
    Good:
        CHECK right behind ADD succeeds
    Fix:
        Take out the plugin that is named, use a newer release of it, or write "disableCheck": true.
    Reference:
        CNI spec 1.1.0, section 2, "CHECK"
    """
    if bench.network.disable_check:
        message = 'the config says "disableCheck": true'
        raise Skip(message)
    for pod in bench.pods:
        try:
            notes = bench.cni.check(bench.network, pod.attachment)
        except UnsupportedVerb as error:
            raise Skip(str(error)) from None
        except CNIError as error:
            yield _discontent(bench, error)
            return
        yield Seen("; ".join((f"{pod.attachment.container_id} is as ADD left it", *notes)))


def _discontent(bench: Bench, error: CNIError) -> Flaw:
    """What it means that CHECK is not content with a new attachment."""
    flaw = failure(bench, error, "right behind ADD: ")
    if "no plugin name provided" not in str(error):
        return flaw
    return flaw._replace(
        message=f"{flaw.message}: a defect of the plugin, which asks for an IPAM plugin where the config has none",
        fix='write "disableCheck": true where a runtime calls CHECK',
        severity=Severity.WARNING,
    )
