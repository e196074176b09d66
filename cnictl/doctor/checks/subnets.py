"""The subnets of pods among all others that the node knows."""

from __future__ import annotations

import re
from ipaddress import ip_interface, ip_network
from typing import TYPE_CHECKING, NamedTuple

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.address import parse_ip
from cnictl.report.finding import Fix, Location, Severity
from cnictl.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.networks import PodSubnet
    from cnictl.doctor.node import Node
    from cnictl.netns.survey import Route
    from cnictl.text.source import Source
    from cnictl.validate.pools import Address, Network

_OF_PODS = re.compile(
    r"cni\d*|cni-.*|cbr\d+|flannel.*|cali.*|tunl\d+|vxlan[.-].*|wireguard\.cali|wg-v6\.cali|tun-.*|veth.*|lxc.*|cilium_.*|kube-.*|weave|"
    r"vethwe.*|antrea-.*|ovn.*|eni[0-9a-f]{11}|azv.*|gke.*|nodelocaldns|dummy.*|lo"
)
"""Links over which routes to pods lead."""
_MAIN = 254
_API_SERVER = "/etc/kubernetes/manifests/kube-apiserver.yaml"
_CONTROLLER = "/etc/kubernetes/manifests/kube-controller-manager.yaml"
_KUBELET = "/var/lib/kubelet/config.yaml"
_SERVICES = re.compile(r"--service-cluster-ip-range=([0-9a-fA-F.:/,]+)")
_CLUSTER = re.compile(r"--cluster-cidr=([0-9a-fA-F.:/,]+)")
_DNS = re.compile(r"^clusterDNS:\s*\n\s*-\s*[\"']?([0-9a-fA-F.:]+)", re.MULTILINE)


@check(
    "CNI888",
    "subnet-overlaps",
    Severity.ERROR,
    "links and routes",
    reads="every config, the node's addresses and routes, the cluster's DNS address, and the range of its services",
    well="the pods' subnets belong to nobody else",
    leads_to=("unreachable", "service-unreachable"),
)
def subnet_overlaps(node: Node) -> Iterator[Hit]:
    """A subnet of pods is used for something else too.

    Why:
        A part of the addresses answers and the rest does not, and it depends on the node; `ip route get ADDRESS` says
        where the node sends a packet. Where the node's own network or a VPN has the same addresses, the more special
        route wins: pods cannot reach machines behind it, or the node cannot reach its pods. Where services have them,
        kube-proxy catches packets that are meant for pods. Usual culprits are docker0 (172.17.0.0/16), libvirt's virbr0
        (192.168.122.0/24) and the company's 10.0.0.0/8.
    Bad:
        pods have 192.168.0.0/16, and the node itself is 192.168.1.20/24
    Good:
        pods have 10.244.0.0/16, and no other route of the node leads there
    Fix:
        Give the pods a subnet that nobody uses, before there are more of them; or move the other one, such as with
        "bip" in /etc/docker/daemon.json.
    Reference:
        Kubernetes documentation, "Creating a cluster with kubeadm", section "Installing a Pod network add-on"
    """
    claims = list(_claims(node))
    if not claims:
        message = "nothing on this node says from which subnet pods get their addresses"
        raise Skip(message)
    for claim in claims:
        yield from _services(node, claim)
    own = {claim.link for claim in claims if claim.link}
    for claim in claims:
        yield from _routes(node, claim, own)


class Claim(NamedTuple):
    """A subnet that pods get addresses of.

    Attributes:
        whose: Whose pods, as the beginning of a message.
        subnet: The subnet.
        location: Where it is written.
        link: The bridge that it is on; empty when there is none, or it is the whole cluster's.
    """

    whose: str
    subnet: Network
    location: Location
    link: str = ""


def _claims(node: Node) -> Iterator[Claim]:
    """The subnets of this node's pods, and those of the whole cluster."""
    own = [each for each in node.promised.subnets if node.milder_for(each.config) is None]
    yield from (Claim(f"network {each.config.title}", each.subnet, each.location, each.link) for each in own)
    for source, span, cluster in _networks_in(node, _CONTROLLER, _CLUSTER):
        if not any(overlap(cluster, each.subnet) and _within(cluster, each.subnet) for each in own):
            yield Claim("the cluster", cluster, Location.in_text(source, span))


def _services(node: Node, claim: Claim) -> Iterator[Hit]:
    """Whether services of the cluster have the same addresses."""
    start = f"{claim.whose}: pods get addresses of {claim.subnet}"
    fix = Fix("give the pods a subnet outside of the services' range, and recreate the pods")
    for source, span, services in _networks_in(node, _API_SERVER, _SERVICES):
        if overlap(services, claim.subnet):
            place = Location.in_text(source, span)
            message = f"{start}, and services get those of {services}"
            yield Hit(claim.location, message, fix, {"services": f"{place.file}:{place.line}"})
            return
    dns = _DNS.search(node.text(_KUBELET) or "")
    if dns and (address := _address(dns[1])) is not None and address in claim.subnet:
        yield Hit(
            claim.location,
            f"{start}, and the cluster's DNS has {address}, which is among them",
            fix,
            {"clusterDNS": str(address)},
        )


def _networks_in(node: Node, path: str, option: re.Pattern[str]) -> Iterator[tuple[Source, Span, Network]]:
    """The networks that an option of a program in a manifest names, each with its place."""
    source = node.source(path)
    for match in option.finditer(source.text) if source else ():
        for text in match[1].split(","):
            network = network_of(text)
            if source and network is not None:
                yield source, Span(*match.span()), network


def _routes(node: Node, claim: Claim, own: set[str]) -> Iterator[Hit]:
    """The node's own addresses and directly connected networks in a subnet of pods, or around it."""
    links = {link.name: link for link in node.survey.links}
    start = f"{claim.whose}: pods get addresses of {claim.subnet}"
    told: set[str] = set()
    for route in node.survey.routes:
        target = network_of(route.target)
        if target is None or route.link in own | told or not _counts(route) or not overlap(target, claim.subnet):
            continue
        if is_of_pods(route.link) or (route.gateway and target != claim.subnet):
            continue
        told.add(route.link)
        state = "" if links.get(route.link) is None or links[route.link].state != "down" else ", which is down"
        evidence = {"link": route.link, "route": route.target}
        yield Hit(
            claim.location,
            f"{start}, and the node's route to {target} leads to {route.link}{state}",
            _elsewhere(route),
            evidence,
        )
    for each in node.survey.addresses:
        address = ip_interface(each.address).ip
        if address in claim.subnet and each.link not in own | told and not is_of_pods(each.link):
            told.add(each.link)
            fix = Fix("give the pods a subnet that nobody else uses, and recreate the pods")
            evidence = {"link": each.link, "address": each.address}
            yield Hit(claim.location, f"{start}, and {each.link} of the node has {address} itself", fix, evidence)


def _counts(route: Route) -> bool:
    return route.kind == "unicast" and route.table == _MAIN and bool(route.link) and not route.target.endswith("/0")


def is_of_pods(link: str) -> bool:
    """Whether a link is one that network products make for pods, by its name."""
    return bool(_OF_PODS.fullmatch(link))


def _elsewhere(route: Route) -> Fix:
    if route.link == "docker0":
        return Fix(
            'when Docker is not needed any more, remove it; otherwise write another "bip" in /etc/docker/daemon.json'
        )
    return Fix(f"give the pods a subnet that nobody else uses, or give the network behind {route.link} another one")


@check(
    "CNI889",
    "pod-cidr-mismatch",
    Severity.ERROR,
    "addresses",
    reads="every config, /run/flannel/subnet.env, and the controller manager's --cluster-cidr",
    well="pods get addresses of the part that the cluster has given to this node",
    leads_to=("unreachable",),
    symptoms=(
        r"specified in the flannel net config doesn.?t contain",
        r"failed to acquire lease: node \S+ pod cidr not assigned",
    ),
)
def pod_cidr_mismatch(node: Node) -> Iterator[Hit]:
    """Pods get addresses of another subnet than the one that the cluster has given to this node.

    Why:
        Other nodes send packets for these addresses elsewhere, so pods reach each other on one node only. When every
        node has the same config, pods on two nodes get the same address. It happens when a runtime's example config is
        left beside flannel, and when the range of the whole cluster is written into the node's config.
    Bad:
        FLANNEL_SUBNET=10.244.1.1/24, and a config with host-local that gives out 10.88.0.0/16
    Good:
        FLANNEL_SUBNET=10.244.1.1/24, and the config has the plugin flannel, which reads it
    Fix:
        Move the config out of the directory when it is not the product's, or write the node's own subnet into it.
    Reference:
        containernetworking/plugins issue 629
    """
    flannel, clusters = node.promised.flannel, list(_networks_in(node, _CONTROLLER, _CLUSTER))
    if flannel is None and not clusters:
        message = "nothing on this node tells which subnet the cluster has given to it"
        raise Skip(message)
    for pods in node.promised.subnets:
        if node.milder_for(pods.config) is None and pods.plugin.type != "flannel":
            yield from _not_flannels(node, pods)
            yield from _not_the_clusters(pods, clusters)
    for network in flannel.networks if flannel else ():
        same = [cluster for _, _, cluster in clusters if cluster.version == network.version]
        if same and not any(overlap(network, cluster) for cluster in same) and flannel:
            message = f"flannel has {network}, and the cluster gives its nodes parts of {same[0]}"
            fix = Fix(f'write "Network": "{same[0]}" in the ConfigMap kube-flannel-cfg, and restart its pods')
            yield Hit(Location(flannel.path), message, fix, {"flannel": str(network), "cluster": str(same[0])})


def _not_flannels(node: Node, pods: PodSubnet) -> Iterator[Hit]:
    """Whether pods get addresses beside those that flannel has for this node."""
    flannel = node.promised.flannel
    parts = [each.network for each in flannel.gateways if each.version == pods.subnet.version] if flannel else []
    if parts and flannel and not any(_within(pods.subnet, part) for part in parts):
        message = (
            f"network {pods.config.title}: pods get addresses of {pods.subnet}, and flannel has {parts[0]} for this "
            f"node"
        )
        fix = Fix(f"when flannel is meant, move {pods.config.path} out of the directory; otherwise remove flannel")
        shared = any(overlap(pods.subnet, network) for network in flannel.networks)
        # What flannel has noted may be left from before, until the next boot.
        severity = None if shared or "flannel" in node.promised.types else Severity.WARNING
        yield Hit(pods.location, message, fix, {"flannel": str(parts[0])}, severity)


def _not_the_clusters(pods: PodSubnet, clusters: list[tuple[Source, Span, Network]]) -> Iterator[Hit]:
    """Whether pods get addresses outside of the cluster's range, or the whole of it."""
    same = [(source, span, cluster) for source, span, cluster in clusters if cluster.version == pods.subnet.version]
    if not same:
        return
    source, span, cluster = same[0]
    place = Location.in_text(source, span)
    evidence = {"cluster": str(cluster), "place": f"{place.file}:{place.line}"}
    if not any(overlap(pods.subnet, each) for _, _, each in same):
        message = (
            f"network {pods.config.title}: pods get addresses of {pods.subnet}, and the cluster has {cluster} for them"
        )
        fix = Fix(
            "write the node's part of the cluster's range into the config (`kubectl get node $(hostname) -o "
            "jsonpath={.spec.podCIDR}`)"
        )
        yield Hit(pods.location, message, fix, evidence, Severity.WARNING)
    elif _within(cluster, pods.subnet):
        message = (
            f"network {pods.config.title}: pods get addresses of {pods.subnet}, which is the range of the whole cluster"
        )
        fix = Fix(
            "with more than one node, write the node's own part into the config (`kubectl get node $(hostname) -o "
            "jsonpath={.spec.podCIDR}`)"
        )
        yield Hit(pods.location, message, fix, evidence, Severity.NOTE)


def network_of(text: str) -> Network | None:
    """The network that a text says, host bits or not; ``None`` when it says none."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _address(text: str) -> Address | None:
    try:
        return parse_ip(text)
    except ValueError:
        return None


def overlap(one: Network, other: Network) -> bool:
    """Whether two networks have an address in common."""
    return one.version == other.version and one.overlaps(other)


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]
