"""Why a packet does not arrive, in the words of the config."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.netns.build import route_to
from cnictl.netns.visit import Visit
from cnictl.throwaway.look import look
from cnictl.trial.registry import Flaw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnictl.netns.build import Hop
    from cnictl.netns.survey import Survey
    from cnictl.trial.bench import Bench, Pod


def unreachable(bench: Bench, pod: Pod, target: str, what: str) -> Flaw:
    """The flaw that a pod does not reach an address.

    Args:
        bench: Where it happened.
        pod: The pod that asked.
        target: The address.
        what: What was seen, as the beginning of a sentence.
    """
    for cause in _CAUSES:
        flaw = cause(bench, pod, target)
        if flaw is not None:
            return flaw._replace(message=f"{what}: {flaw.message}")
    hop = hop_from(pod, target)
    way = f"by way of {hop.gateway}" if hop and hop.gateway else "directly"
    fix = "see what the packet filter and the plugins of the chain do with it: `cnictl exec add --changes`"
    return Flaw(f"{what}, although the pod has a route to {target}, {way}", fix)


def hop_from(pod: Pod, target: str) -> Hop | None:
    """Where a pod sends what is for an address; ``None`` when nowhere."""
    return Visit(pod.netns, lambda: route_to(target)).result()


def _no_route(bench: Bench, pod: Pod, target: str) -> Flaw | None:
    if hop_from(pod, target) is not None:
        return None
    fix = 'add "isDefaultGateway": true to a bridge, or {"dst": "0.0.0.0/0"} to the routes of ipam'
    return Flaw(f"the pod has no route to {target}", fix, _ipam_plugin(bench), ("ipam",))


def _ipam_plugin(bench: Bench) -> str:
    return next((plugin.type for plugin in bench.network.plugins if plugin.data.get("ipam")), "")


def _dead_hop(bench: Bench, pod: Pod, target: str) -> Flaw | None:
    """A route of the config, or the kernel's choice, leads to a gateway that nobody is."""
    hop = hop_from(pod, target)
    if hop is None or not hop.gateway or is_owned(bench, hop.gateway):
        return None
    if _is_near(pod, target):
        message = f"a route of the config sends what is for the pod's own subnet to {hop.gateway}, and nobody is there"
        return Flaw(message, "take the route to the pods' own subnet out", _ipam_plugin(bench), ("ipam", "routes"))
    return nobody_is(bench, hop.gateway)


def _is_near(pod: Pod, target: str) -> bool:
    """Whether an address is in a subnet of a pod's own."""
    address = ip_address(target)
    networks = (ip_interface(ip.address).network for ip in pod.ips)
    return any(network.version == address.version and address in network for network in networks)


def nobody_is(bench: Bench, gateway: str) -> Flaw:
    """The flaw that there is no machine with a gateway's address."""
    message = f"nobody has the gateway's address {gateway}"
    if "bridge" in bench.types() and not _flag(bench, "bridge", "isGateway", "isDefaultGateway"):
        fix = 'add "isGateway": true to bridge, so that the node is the gateway'
        return Flaw(f"{message}, as bridge has no isGateway", fix, "bridge")
    return Flaw(message, "name a gateway that is there", _ipam_plugin(bench), ("ipam",))


def is_owned(bench: Bench, address: str) -> bool:
    """Whether the node, or the machine outside, has an address."""
    return address in owned(look()) or address in set(bench.node.outer.values())


def owned(survey: Survey) -> set[str]:
    """The addresses of a namespace."""
    return {address.address.partition("/")[0] for address in survey.addresses}


def _flag(bench: Bench, kind: str, *keys: str) -> bool:
    plugin = bench.plugin(kind) or {}
    return any(plugin.get(key) is True for key in keys)


def _through_gateway(bench: Bench, pod: Pod, target: str) -> Flaw | None:
    """A packet for a neighbour takes the way through the gateway, and does not come back."""
    hop = hop_from(pod, target)
    if hop is None or not hop.gateway or not _is_near(pod, target):
        return None
    message = f"a route of the config sends what is for {target}, in the pod's own subnet, to {hop.gateway}"
    return Flaw(message, "take the route that overlaps the pods' subnet out", _ipam_plugin(bench), ("ipam", "routes"))


def _isolated(bench: Bench, _pod: Pod, target: str) -> Flaw | None:
    """The plugin keeps pods apart."""
    plugin = bench.plugin("macvlan")
    if plugin and plugin.get("mode") in ("private", "vepa") and target in _pods(bench):
        message = f"macvlan's mode {plugin['mode']} keeps pods of one node apart"
        return Flaw(message, 'write "mode": "bridge"', "macvlan", ("mode",))
    bridge = bench.plugin("bridge")
    if bridge and bridge.get("portIsolation") is True and target in _pods(bench):
        return Flaw("bridge has portIsolation", 'take "portIsolation" out', "bridge", ("portIsolation",))
    return None


def _pods(bench: Bench) -> set[str]:
    return {ip.address.partition("/")[0] for pod in bench.pods for ip in pod.ips}


def _no_forwarding(_bench: Bench, pod: Pod, target: str) -> Flaw | None:
    """The node does not pass packets on."""
    hop = hop_from(pod, target)
    name = "net/ipv6/conf/all/forwarding" if ":" in target else "net/ipv4/ip_forward"
    if hop is None or not hop.gateway or _setting(name) != "0":
        return None
    dotted = name.replace("/", ".")
    return Flaw(f"the node does not forward packets: {dotted} is 0", f"set {dotted} to 1 on the node")


def _setting(name: str) -> str:
    path = Path("/proc/sys", name)
    return path.read_text(encoding="ascii").strip() if path.exists() else ""


def _strangled(bench: Bench, _pod: Pod, _target: str) -> Flaw | None:
    return strangled(bench)


def strangled(bench: Bench) -> Flaw | None:
    """Why a limit lets nothing pass: a burst that is smaller than a packet, or bits that were taken for kilobits."""
    limits = limits_of(bench)
    flaws = (_choked(bench, f"{way}Rate", f"{way}Burst", limits) for way in ("ingress", "egress"))
    return next((flaw for flaw in flaws if flaw is not None), None)


def _choked(bench: Bench, rate: str, burst: str, limits: dict[str, int]) -> Flaw | None:
    bits = _LARGEST_PACKET * 8
    if limits.get(rate) and 0 < limits.get(burst, 0) < bits:
        reason = f"less than a packet of {_LARGEST_PACKET} bytes, so no whole packet passes"
        fix = f"write a burst of {bits * 10} bits or more"
        return Flaw(f"{burst} is {limits[burst]} bits, {reason}", fix, "bandwidth", _own(bench, burst))
    if 0 < limits.get(rate, 0) < _SLOWEST:
        message = f"{rate} is {limits[rate]} bits per second, too few for a connection to come about"
        return Flaw(message, "rates are in bits per second: 10000000 are 10 Mbit/s", "bandwidth", _own(bench, rate))
    return None


_LARGEST_PACKET = 1500
_SLOWEST = 20_000


def _own(bench: Bench, key: str) -> tuple[str, ...]:
    """The way to a limit that the config itself sets; one that a pod has asked for is not in it."""
    return (key,) if key in (bench.plugin("bandwidth") or {}) else ()


def limits_of(bench: Bench) -> dict[str, int]:
    """The limits that bandwidth was told: those of the capability, or else those of the config itself."""
    plugin = bench.plugin("bandwidth")
    if plugin is None:
        return {}
    given = bench.capability_args.get("bandwidth") if bench.declares("bandwidth") else None
    keys = ("ingressRate", "ingressBurst", "egressRate", "egressBurst")
    return {key: int(value) for key, value in (given or plugin).items() if key in keys and isinstance(value, int)}


def _filtered(bench: Bench, _pod: Pod, _target: str) -> Flaw | None:
    firewall = bench.plugin("firewall")
    if firewall and firewall.get("ingressPolicy") == "isolated":
        return Flaw("firewall isolates the pods", 'write "ingressPolicy": "open"', "firewall", ("ingressPolicy",))
    return None


_CAUSES: tuple[Callable[[Bench, Pod, str], Flaw | None], ...] = (
    _strangled,
    _no_route,
    _dead_hop,
    _through_gateway,
    _isolated,
    _no_forwarding,
    _filtered,
)
"""What is known to go wrong, the most certain first."""


def port_causes(bench: Bench) -> Iterator[Flaw]:
    """Why no host port of the network can work at all."""
    if bench.plugin("portmap") is None:
        return
    plugin = bench.plugin("portmap") or {}
    for key in ("conditionsV4", "conditionsV6"):
        if plugin.get(key):
            words = " ".join(map(str, plugin[key]))
            yield Flaw(f"portmap forwards only what matches {key}: {words}", f"take {key} out", "portmap", (key,))
    if not bench.declares("portMappings"):
        fix = 'add "capabilities": {"portMappings": true} to portmap'
        yield Flaw("portmap does not declare the capability portMappings, so it is told of no port", fix, "portmap")
