"""What pods ask of their network, and no plugin does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.host.api import Unanswered
from cnictl.model.view import string_at
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node

_PORTS, _BANDWIDTH = "portMappings", "bandwidth"
_ANNOTATIONS = ("kubernetes.io/ingress-bandwidth", "kubernetes.io/egress-bandwidth")
_NEED_HELP = frozenset({"bridge", "ptp", "macvlan", "ipvlan", "flannel", "calico", "weave-net", "aws-cni", "loopback"})
"""Plugins that certainly open no host ports and limit nothing themselves."""
_MOST_SANDBOXES = 200


class Wish(NamedTuple):
    """What a pod asks.

    Attributes:
        what: It, in words.
        pod: The pod.
        location: Where it asks; ``None`` when only the runtime knows.
    """

    what: str
    pod: str
    location: Location | None = None


@check(
    "CNI857",
    "mark-chain-missing",
    Severity.ERROR,
    "host ports",
    reads="the chain that portmap is told to use, and the rules of the packet filter",
    well="the chains that portmap is told to use are there",
    leads_to=("add-fails", "host-port-dead"),
    symptoms=(r"iptables: No chain/target/match by that name", r"Couldn't load target `KUBE-MARK-MASQ'"),
)
def mark_chain_missing(node: Node) -> Iterator[Hit]:
    """portmap is told to use a chain of another program, and that has not made it.

    Why:
        With "externalSetMarkChain": "KUBE-MARK-MASQ" portmap uses a private chain of kube-proxy. Where kube-proxy does
        not run, or works with nftables, there is none: pods with a hostPort fail with "iptables: No chain/target/match
        by that name".
    Bad:
        {"type": "portmap", "capabilities": {"portMappings": true}, "externalSetMarkChain": "KUBE-MARK-MASQ"}
    Good:
        {"type": "portmap", "capabilities": {"portMappings": true}}
    Fix:
        Drop the key: portmap then makes a chain of its own. Or see why kube-proxy does not run.
    Reference:
        cni.dev, "Port-mapping plugin"
    """
    uses = [use for use in node.uses.all if use.type == "portmap" and _mark_chain(use.plugin.node)]
    if not uses:
        message = "no config tells portmap to use a chain of another program"
        raise Skip(message)
    for use in uses:
        chain = _mark_chain(use.plugin.node) or ""
        if not node.rules.has_chain(chain):
            node.rules.required()
            message = (
                f"portmap of the network {use.config.title} is told to use the iptables chain {chain}, which is not "
                f"there"
            )
            label = (use.plugin.value_of("externalSetMarkChain") or use.place).label
            yield Hit(
                use.config.location(label),
                message,
                Fix(f'delete "externalSetMarkChain" from {use.config.path}'),
                severity=use.severity,
            )


def _mark_chain(node: Any) -> str | None:  # noqa: ANN401  # an object of a config
    return string_at(node, "externalSetMarkChain")


@check(
    "CNI858",
    "host-ports-unserved",
    Severity.ERROR,
    "host ports",
    reads="the hostPorts of static pods and of running ones, and the plugins of the network that pods get",
    well="the hostPorts that pods ask for are opened by a plugin",
    leads_to=("host-port-dead",),
    tags=("dockershim",),
)
def host_ports_unserved(node: Node) -> Iterator[Hit]:
    """Pods ask for hostPorts, and no plugin of their network opens any.

    Why:
        The runtime hands host ports to plugins that declare the capability portMappings, and drops them silently when
        there is none: the pod runs, and connections to the node's port are refused. `curl NODE:PORT` shows it.
        dockershim used to do it itself.
    Bad:
        a pod with "hostPort": 8080, and a network without portmap
    Good:
        {"type": "portmap", "capabilities": {"portMappings": true}} at the end of the list
    Fix:
        Add portmap: `cnictl chain add portmap FILE`. Pods get their ports when they are created again.
    Reference:
        Kubernetes documentation, "Network Plugins", section "Support hostPort"
    """
    config = _judged(node, _PORTS)
    if node.runtime is not None and node.runtime.name == "cri-o":
        message = "CRI-O opens host ports itself"
        raise Skip(message)
    wishes = list(_port_wishes(node)) if config else []
    if config and wishes:
        yield _unserved(config, wishes, "hostPort", "portmap")


@check(
    "CNI859",
    "bandwidth-unserved",
    Severity.WARNING,
    "host ports",
    reads="the bandwidth annotations of static pods and of running ones, and the plugins of the network that pods get",
    well="the bandwidth that pods ask for is limited by a plugin",
    leads_to=("no-shaping",),
    tags=("dockershim",),
)
def bandwidth_unserved(node: Node) -> Iterator[Hit]:
    """Pods ask for a limit of their bandwidth, and no plugin of their network limits anything.

    Why:
        The runtime hands the annotations kubernetes.io/ingress-bandwidth and kubernetes.io/egress-bandwidth to plugins
        that declare the capability bandwidth, and drops them silently when there is none: the pod takes what it
        gets. `tc qdisc show` has no tbf for it.
    Bad:
        a pod with kubernetes.io/egress-bandwidth: 10M, and a network without the plugin bandwidth
    Good:
        {"type": "bandwidth", "capabilities": {"bandwidth": true}} in the list
    Fix:
        Add bandwidth: `cnictl chain add bandwidth FILE`. Pods are limited when they are created again.
    Reference:
        Kubernetes documentation, "Network Plugins", section "Support traffic shaping"
    """
    config = _judged(node, _BANDWIDTH)
    wishes = list(_bandwidth_wishes(node)) if config else []
    if config and wishes:
        yield _unserved(config, wishes, "bandwidth annotation", "bandwidth")


def _judged(node: Node, capability: str) -> NodeConfig | None:
    """The config that pods get, when no plugin of it can do something; ``None`` when one can.

    Raises:
        Skip: It is not known whether one can.
    """
    config = node.choice.wrapped or node.choice.taken or node.choice.first_loadable
    network = config.network if config else None
    if config is None or network is None:
        message = "it is not known which network pods get"
        raise Skip(message)
    if any(capability in plugin.capabilities for plugin in network.plugins):
        return None
    others = [plugin.type for plugin in network.plugins if plugin.type not in _NEED_HELP]
    main = [plugin.type for plugin in network.plugins[:1] if plugin.type not in _NEED_HELP]
    if main or "cilium-cni" in others:
        message = f"{(main or others)[0]} may do this itself"
        raise Skip(message)
    return config


def _unserved(config: NodeConfig, wishes: list[Wish], what: str, plugin: str) -> Hit:
    first, *more = wishes
    message = f"the network {config.title} has no plugin for the {what} that {first.pod} asks for ({first.what})"
    if more:
        message += f", and {len(more)} more"
    network = config.network
    place = config.location(network.node.label) if network else config.location()
    fix = Fix(f"`cnictl chain add {plugin} {config.path}`, then recreate the pods (kubectl delete pod)")
    evidence = {"asked": [f"{wish.pod}: {wish.what}" for wish in wishes]}
    return Hit(first.location or place, message, fix, evidence)


def _port_wishes(node: Node) -> Iterator[Wish]:
    for port in node.kubelet.host_ports:
        yield Wish(f"{port.port}/{port.protocol.lower()}", port.pod, port.location)
    static = {port.pod for port in node.kubelet.host_ports}
    for item, socket in _sandboxes(node):
        answer = node.host.cri(socket, "sandbox", str(item.get("id")))
        told = answer if isinstance(answer, dict) else {}
        mappings = None if told.get("host_network") else told.get("port_mappings")
        for mapping in mappings if isinstance(mappings, list) else ():
            known = any(str(item.get("name")).startswith(name) for name in static)
            if isinstance(mapping, dict) and mapping.get("host_port") and not known:
                yield Wish(f"{mapping['host_port']}/{mapping.get('protocol', 'tcp')}", _title(item))


def _bandwidth_wishes(node: Node) -> Iterator[Wish]:
    static = set[str]()
    for pod in node.kubelet.static_pods:
        for key in _ANNOTATIONS:
            if key in pod.annotations and not pod.host_network:
                static.add(pod.name)
                yield Wish(f"{key}: {pod.annotations[key].text}", pod.name, pod.annotations[key].location)
    for item, _ in _sandboxes(node):
        annotations = item.get("annotations")
        known = any(str(item.get("name")).startswith(name) for name in static)
        asked = annotations if isinstance(annotations, dict) and not known else {}
        yield from (Wish(f"{key}: {asked[key]}", _title(item)) for key in _ANNOTATIONS if asked.get(key))


def _sandboxes(node: Node) -> Iterator[tuple[dict[str, Any], str]]:
    """The running sandboxes that the runtime knows, where it can be asked."""
    socket = node.runtime.socket if node.runtime else None
    if socket is None or node.host.status(socket) is None:
        return
    try:
        answer = node.host.cri(socket, "sandboxes")
    except Unanswered:
        return
    items = [item for item in answer if isinstance(item, dict)] if isinstance(answer, list) else []
    yield from ((item, socket) for item in items[:_MOST_SANDBOXES] if item.get("state") == "ready")


def _title(item: dict[str, Any]) -> str:
    return f"{item.get('namespace')}/{item.get('name')}"
