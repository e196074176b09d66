"""The resolver that pods get from the node, and the one on the node."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.finding import Fix, Location, Severity
from cnictl.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from cnictl.doctor.node import Node
    from cnictl.text.source import Source

_DEFAULT = "/etc/resolv.conf"
_REAL = "/run/systemd/resolve/resolv.conf"
_STUB = "stub-resolv.conf"
_SERVERS, _DOMAINS, _CHARACTERS = 3, 32, 2048
"""What the kubelet hands on at most."""
_LINE = re.compile(r"^[ \t]*(nameserver|search|domain)[ \t]+([^\n#;]*)", re.MULTILINE)
_SERVICES = re.compile(r"--service-cluster-ip-range=([0-9a-fA-F.:/,]+)")
_LINK = "nodelocaldns"


@check(
    "CNI838",
    "resolver-of-pods",
    Severity.ERROR,
    "dns",
    reads="resolvConf and clusterDNS in the kubelet's config, and the resolv.conf that pods get",
    well="pods can work with the resolver that the kubelet gives them",
    leads_to=("service-unreachable",),
    symptoms=(
        r"Loop \(\S+ -> \S+\) detected for zone",
        r"Nameserver limits were exceeded",
        r"Search [Ll]ine limits were exceeded",
    ),
)
def resolver_of_pods(node: Node) -> Iterator[Hit]:
    """Pods cannot work with the resolver that the kubelet gives them.

    Why:
        In a pod 127.0.0.53 is the pod itself. CoreDNS asks itself and ends with 'Loop (127.0.0.1:... -> :53) detected
        for zone "."', so that no name can be resolved in the whole cluster. Of more than three name servers the kubelet
        hands on the first three: "Nameserver limits were exceeded". `kubectl exec POD -- cat /etc/resolv.conf` shows
        what a pod gets, `kubectl -n kube-system logs -l k8s-app=kube-dns` what CoreDNS says.
    Bad: config.yaml
        resolvConf: /etc/resolv.conf
    Good: config.yaml
        resolvConf: /run/systemd/resolve/resolv.conf
    Fix:
        Set resolvConf to a file with real servers, such as /run/systemd/resolve/resolv.conf. Then `systemctl restart
        kubelet` and `kubectl -n kube-system rollout restart deployment coredns`.
    Reference:
        Kubernetes documentation, "Debugging DNS Resolution", section "Known issues"; CoreDNS, plugin "loop"
    """
    if not node.has_kubelet:
        message = "there is no trace of a kubelet"
        raise Skip(message)
    yield from _outside(node)
    if node.runtime is not None and node.runtime.kind.product in ("k3s", "RKE2"):
        message = f"{node.runtime.kind.product} gives pods another resolver where the node's own would not do"
        raise Skip(message)
    flag = node.kubelet.flag("resolv-conf")
    told = flag or node.kubelet.setting("resolvConf")
    path = str(told.value) if told else _DEFAULT
    if path in ("", '""'):
        return
    place = told.location if told and told.location else None
    target = node.host.link_target(path) or ""
    source = node.source(path)
    server = "127.0.0.53" if target.endswith(_STUB) else _loopback(source) if source else None
    if server is not None:
        message = f"pods get the node's {path}, and inside a pod its name server {server} is the pod itself"
        where = f"in {place.file}" if place else f"in {node.kubelet.config_path}"
        real = _REAL if server == "127.0.0.53" else "a file with servers that are not on the node itself"
        key = "--resolv-conf" if flag else "resolvConf"
        fix = Fix(
            f"set {key} {where} to {real}, then "
            f"{node.kubelet.restart(place.file if place else node.kubelet.config_path)}"
        )
        yield Hit(place or Location(path), message, fix, {"resolvConf": path})
    elif source is None:
        message = f"{path} cannot be read here"
        raise Skip(message)
    else:
        yield from _limits(source)


def _entries(source: Source, key: str) -> list[tuple[str, Span]]:
    return [(match[2].strip(), Span(*match.span(2))) for match in _LINE.finditer(source.text) if match[1] == key]


def _loopback(source: Source) -> str | None:
    """The first name server, when all of them are the node itself; ``None`` otherwise."""
    servers = [text for text, _ in _entries(source, "nameserver")]
    return servers[0] if servers and all(_is_loopback(server) for server in servers) else None


def _is_loopback(text: str) -> bool:
    try:
        return ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _limits(source: Source) -> Iterator[Hit]:
    servers, search = _entries(source, "nameserver"), _entries(source, "search")
    if len(servers) > _SERVERS:
        message = f"{source.path} has {len(servers)} name servers, and pods get the first {_SERVERS}"
        place = Location.in_text(source, servers[_SERVERS][1])
        yield Hit(
            place,
            message,
            Fix(f"keep the three in {source.path} that are needed, where that is made (netplan, DHCP, NetworkManager)"),
            severity=Severity.WARNING,
        )
    for text, span in search[-1:]:
        domains = text.split()
        if len(domains) > _DOMAINS or len(text) > _CHARACTERS:
            message = (
                f"{source.path} has {len(domains)} search domains of {len(text)} characters, and pods get only a "
                f"part of them"
            )
            fix = Fix(f"keep to {_DOMAINS} domains and {_CHARACTERS} characters, less what the cluster adds")
            yield Hit(Location.in_text(source, span), message, fix, severity=Severity.WARNING)


def _outside(node: Node) -> Iterator[Hit]:
    """Where the cluster's DNS is no service of the cluster."""
    ranges = [network for text in _service_ranges(node) for network in [_network(text)] if network]
    for server in node.kubelet.settings("clusterDNS") if ranges else ():
        try:
            address = ip_address(server.text)
        except ValueError:
            continue
        family = [network for network in ranges if network.version == address.version]
        if server.location and family and not address.is_link_local and not any(address in each for each in family):
            message = f"clusterDNS is {address}, and services have addresses of {', '.join(map(str, family))}"
            fix = Fix(
                f"write the address that `kubectl -n kube-system get service kube-dns` shows into "
                f"{server.location.file}, then "
                f"{node.kubelet.restart(server.location.file)}"
            )
            yield Hit(server.location, message, fix, severity=Severity.WARNING)


def _service_ranges(node: Node) -> list[str]:
    directory = node.kubelet.manifests
    texts = (node.text(f"{directory}/{name}") or "" for name in node.names_in(directory) if "apiserver" in name)
    return [each for text in texts for found in _SERVICES.findall(text) for each in found.split(",")]


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@check(
    "CNI839",
    "node-local-dns-dead",
    Severity.ERROR,
    "dns",
    reads="the link nodelocaldns, and whether its address answers",
    well="the DNS cache of the node answers",
    leads_to=("service-unreachable",),
    symptoms=(r"169\.254\.20\.10:53: (?:i/o timeout|connect(?:ion)?:? ?(?:connection )?refused)",),
)
def node_local_dns_dead(node: Node) -> Iterator[Hit]:
    """The DNS cache of the node does not answer.

    Why:
        NodeLocal DNSCache has put its address on the link nodelocaldns, so pods ask there. Its pod is gone, or does
        not start: every look-up ends in "i/o timeout" or "connection refused" on this node, and works on others.
    Bad:
        the link nodelocaldns has 169.254.20.10, and nobody listens on its port 53
    Good:
        the pod node-local-dns runs on this node
    Fix:
        `kubectl -n kube-system get pods -l k8s-app=node-local-dns -o wide` shows the pod; without it, `ip link del
        nodelocaldns` takes the address away.
    Reference:
        Kubernetes documentation, "Using NodeLocal DNSCache in Kubernetes Clusters"
    """
    addresses = [each.address.partition("/")[0] for each in node.survey.addresses if each.link == _LINK]
    for address in addresses[:1]:
        place = f"[{address}]" if ":" in address else address
        trouble = node.host.connect(f"tcp:{place}:53")
        if trouble is not None:
            message = f"the node's DNS cache does not answer at {address}, which pods ask: {trouble}"
            fix = Fix(
                "see whether its pod runs here: `kubectl -n kube-system get pods -l k8s-app=node-local-dns -o wide`"
            )
            yield Hit(Location(f"/sys/class/net/{_LINK}"), message, fix, {"address": address})
