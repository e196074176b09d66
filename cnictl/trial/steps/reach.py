"""Whom a pod reaches: its gateway, another pod, its node."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address, ip_interface
from typing import TYPE_CHECKING

from cnictl.netns.build import add_address
from cnictl.netns.visit import Visit
from cnictl.report.finding import Severity
from cnictl.throwaway.look import look
from cnictl.throwaway.node import OUTSIDE, UPLINK_MTU
from cnictl.trial.causes import hop_from, nobody_is, owned, unreachable
from cnictl.trial.registry import Flaw, Seen, Skip, step
from cnictl.trial.traffic import answering, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cnictl.model.result import IPConfig
    from cnictl.trial.bench import Bench, Pod


def require_addresses(bench: Bench) -> Pod:
    """The first pod.

    Raises:
        Skip: The network gives pods no addresses, so that nothing can be sent.
    """
    if not bench.pod.ips:
        message = "the network gives pods no address"
        raise Skip(message)
    return bench.pod


@step("CNI907", "try-gateway", "pod to gateway", needs=("try-add",))
def gateway(bench: Bench) -> Iterator[Seen | Flaw]:
    """A pod does not reach its gateway.

    Why:
        Everything that is not in the pod's own subnet goes through the gateway: DNS, Services, the rest of the world.
    Bad:
        {"type": "bridge", "ipam": {"type": "host-local", "subnet": "10.1.0.0/24", "routes": [{"dst": "0.0.0.0/0"}]}}
    Good:
        {"type": "bridge", "isGateway": true, "ipam": {"type": "host-local", "subnet": "10.1.0.0/24",
         "routes": [{"dst": "0.0.0.0/0"}]}}
    Fix:
        Make the node the gateway with isGateway, or name a gateway that is there.
    Reference:
        bridge plugin's documentation, "Network configuration reference"
    """
    pod = require_addresses(bench)
    for ip in pod.ips:
        if ip.gateway and ip_address(ip.gateway) not in ip_interface(ip.address).network:
            message = f"the gateway {ip.gateway} is not in the pod's subnet {ip_interface(ip.address).network}"
            owner = next((plugin.type for plugin in bench.network.plugins if plugin.data.get("ipam")), "")
            yield Flaw(message, "name a gateway that is in the subnet", owner, ("ipam",))
        elif ip.gateway and _is_used(pod, ip):
            yield _reached(bench, pod, ip)
    if not any(ip.gateway and _is_used(pod, ip) for ip in pod.ips):
        message = "no route of the pod leads through a gateway"
        raise Skip(message)


def _is_used(pod: Pod, ip: IPConfig) -> bool:
    """Whether a pod has a route by way of the gateway of an address."""
    return any(route.gateway == ip.gateway for route in pod.survey().routes)


def _reached(bench: Bench, pod: Pod, ip: IPConfig) -> Seen | Flaw:
    where: Path | None = None
    if ip.gateway not in owned(look()):
        if not bench.at_uplink:
            return nobody_is(bench, ip.gateway)
        where = OUTSIDE
        with suppress(FileExistsError):  # the machine outside plays the gateway of the uplink's network
            length = ip.address.partition("/")[2]
            Visit(OUTSIDE, lambda: add_address("out0", f"{ip.gateway}/{length}")).result()
    with answering(where, ip.family, "tcp") as port:
        answer = ask(pod.netns, "tcp", ip.gateway, port)
    if answer.ok:
        return Seen(f"{ip.gateway} answers in {answer.how}")
    return unreachable(bench, pod, ip.gateway, f"the pod does not reach its gateway {ip.gateway} ({answer.how})")


@step("CNI908", "try-pods", "pod to pod", needs=("try-add",))
def pods(bench: Bench) -> Iterator[Seen | Flaw]:
    """Two pods of one node do not reach each other.

    Why:
        Kubernetes demands that every pod reaches every other one by its address. Here connections between them fail.
    Bad:
        {"type": "macvlan", "mode": "private", ...}
    Good:
        {"type": "macvlan", "mode": "bridge", ...}
    Fix:
        Take out what keeps them apart: an isolating mode, a route over their own subnet, a rule of the packet filter.
    Reference:
        Kubernetes documentation, "The Kubernetes network model"
    """
    require_addresses(bench)
    if len(bench.pods) == 1 or {ip.address for ip in bench.pods[0].ips} & {ip.address for ip in bench.pods[1].ips}:
        message = "there is one pod only" if len(bench.pods) == 1 else "both pods have the same address"
        raise Skip(message)
    for source, target in (bench.pods, bench.pods[::-1]):
        for family in source.families:
            yield _between(bench, source, target, family)


def _between(bench: Bench, source: Pod, target: Pod, family: int) -> Seen | Flaw:
    address = target.address(family)
    if address is None:
        return Flaw(f"one pod has an IPv{family} address, and the other has none", "look at the pools of ipam")
    with answering(target.netns, family, "tcp") as port:
        answer = ask(source.netns, "tcp", address, port)
    if answer.ok:
        return Seen(f"{source.attachment.container_id} to {address} in {answer.how}")
    return unreachable(bench, source, address, f"one pod does not reach the other, {address} ({answer.how})")


@step("CNI909", "try-node", "pod to node", needs=("try-add",))
def node(bench: Bench) -> Iterator[Seen | Flaw]:
    """A pod does not reach the address of its node, or the node not that of the pod.

    Why:
        The kubelet's probes go from the node to the pod, which is killed or never ready when they fail. Pods reach the
        API server and node-local DNS on the node.
    Bad:
        {"type": "ptp", "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}} and a packet filter that drops
    Good:
        a default route in the pod, and a packet filter that lets pods through
    Fix:
        Give pods a default route, and let the packet filter accept what comes from them.
    Reference:
        Kubernetes documentation, "The Kubernetes network model"
    """
    pod = require_addresses(bench)
    if bench.at_uplink:
        message = "links at an uplink keep pods and their own node apart by design"
        raise Skip(message)
    tried = False
    for family in pod.families:
        target = bench.node.addresses[family]
        if hop_from(pod, target) is None:
            continue
        tried = True
        yield from _both_ways(bench, pod, family, target)
    if not tried:
        message = "the pod has no route that leads out of its subnet, as the config gives it none"
        raise Skip(message)


def _both_ways(bench: Bench, pod: Pod, family: int, target: str) -> Iterator[Seen | Flaw]:
    with answering(None, family, "tcp") as port:
        answer = ask(pod.netns, "tcp", target, port)
    if answer.ok:
        yield Seen(f"pod to {target} in {answer.how}")
    else:
        yield unreachable(bench, pod, target, f"the pod does not reach its node, {target} ({answer.how})")
    own = pod.address(family) or ""
    with answering(pod.netns, family, "tcp") as port:
        answer = ask(None, "tcp", own, port)
    if answer.ok:
        yield Seen(f"node to {own} in {answer.how}")
    else:
        fix = "see which route the node has to the pod: `ip route get` there, and whether bridge has isGateway"
        yield Flaw(f"the node does not reach the pod, {own} ({answer.how})", fix, bench.types()[0])


_HEADERS = {4: 28, 6: 48}
"""Bytes of the headers of IP and UDP."""


@step("CNI910", "try-large-packets", "packets as large as the MTU", needs=("try-add",))
def large(bench: Bench) -> Iterator[Seen | Flaw]:
    """The largest packets that a pod may send do not arrive.

    Why:
        Connections come about, because small packets arrive, and then hang as soon as much is sent.
    Bad:
        {"type": "bridge", "mtu": 9000, ...} on a node whose uplink takes 1500 bytes
    Good:
        {"type": "bridge", "mtu": 1500, ...}
    Fix:
        Write an MTU that is no larger than the uplink's, less what an overlay adds.
    Reference:
        RFC 2923, "TCP Problems with Path MTU Discovery"
    """
    pod = require_addresses(bench)
    link = next((link for link in pod.survey().links if link.name == pod.attachment.ifname), None)
    if link is None or len(bench.pods) == 1:
        message = "there is no second pod to send to" if link else "the pod has no link of its own"
        raise Skip(message)
    owner = next((plugin.type for plugin in bench.network.plugins if plugin.data.get("mtu")), "")
    keys = ("mtu",) if owner else ()
    if link.mtu > UPLINK_MTU:
        message = f"the pod's MTU is {link.mtu}, and most uplinks take {UPLINK_MTU}: larger packets are lost on the way"
        yield Flaw(message, f'write "mtu": {UPLINK_MTU} or less', owner, keys, severity=Severity.WARNING)
    for family in pod.families:
        yield _whole(bench, pod, family, link.mtu)


def _whole(bench: Bench, pod: Pod, family: int, mtu: int) -> Seen | Flaw:
    target = bench.pods[1]
    address = target.address(family) or ""
    with answering(target.netns, family, "udp") as port:
        small = ask(pod.netns, "udp", address, port)
        if not small.ok:
            return unreachable(bench, pod, address, f"not even a small packet arrives ({small.how})")
        answer = ask(pod.netns, "udp", address, port, size=mtu - _HEADERS[family])
    if answer.ok:
        return Seen(f"{mtu} bytes to {address} and back in {answer.how}")
    return Flaw(
        f"a packet of {mtu} bytes to {address} does not come back ({answer.how}), and a small one does",
        "give all links of the network the same MTU",
        bench.types()[0],
    )
