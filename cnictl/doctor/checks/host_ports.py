"""hostPorts that lead astray, and ports that two want."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from cnictl.doctor.checks.firewall_forward import RULES
from cnictl.doctor.facts.host_ports import ENTRY, NFT_TABLE, HostPort
from cnictl.doctor.facts.keeping import live_place, set_and_keep
from cnictl.doctor.facts.pods import Fate
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.files import DEFAULT_CACHE_DIR
from cnictl.report.action import Detach
from cnictl.report.finding import Applicable, Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.listeners import Listener


@check(
    "CNI875",
    "host-port-stranger",
    Severity.ERROR,
    "host ports",
    reads="portmap's rules in iptables and nftables, the addresses that are given away, and which containers there are",
    well="each hostPort leads to the container that asked for it",
    leads_to=("host-port-dead",),
    follows=("leak", "del-fails"),
)
def host_port_stranger(node: Node) -> Iterator[Hit]:
    """A hostPort leads to an address that its container does not have any more.

    Why:
        The container is gone and its rule has stayed: changing the network's name under running pods does that, and a
        DEL that failed. As long as the address is free, the port is dead; then the next pod gets the address, and with
        it whatever comes in by the port: a stranger answers, and nothing says so. `iptables-save -t nat | grep CNI-`
        shows the rules.
    Bad:
        -A CNI-DN-04d58f87919ef35b212ba -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.88.0.2:80, and 10.88.0.2
        belongs to another container
    Good:
        a rule only for containers that are there
    Fix:
        Run DEL once more for the container: `cnictl exec gc NETWORK`. When nothing knows it any more, remove the rule:
        `iptables -t nat -D` with its own words behind -A.
    Reference:
        plugins, plugins/meta/portmap/portmap_iptables.go
    """
    ports = node.host_ports.all
    if not ports:
        message = "portmap has opened no hostPort"
        raise Skip(message)
    for port in ports:
        yield from _astray(node, port)
    if node.pods.trouble and not all(map(node.state.attachments_of, {port.container_id for port in ports})):
        raise Skip(node.pods.trouble)


def _astray(node: Node, port: HostPort) -> Iterator[Hit]:
    owner, holders = port.container_id, node.host_ports.holders(port.target)
    if not owner:
        return
    holds = node.state.attachments_of(owner)
    others = [holder for holder in holders if holder not in ("", owner)]
    is_gone = node.host_ports.fate_of(owner) is Fate.GONE
    is_lost = not holders and not holds and not node.host_ports.is_fresh(owner)
    if not is_gone and not is_lost and not (others and owner not in holders):
        return
    was = "which is gone" if is_gone else "which has another address" if holds else "which no cache knows"
    whose = (
        f", which belongs to {others[0][:13]} now" if others else ", which the next pod can get" if not holders else ""
    )
    message = f"the hostPort {port.title} of the container {owner[:13]}, {was}, leads to {port.target}{whose}"
    evidence: dict[str, object] = {"port": port.title, "target": str(port.target), "holders": list(holders)}
    severity = Severity.WARNING if is_lost and not is_gone else None
    yield Hit(RULES, message, _removal(node, port, is_gone), evidence, severity)


def _removal(node: Node, port: HostPort, is_gone: bool) -> Fix:
    known = node.state.attachments_of(port.container_id)
    if known and is_gone:
        usual = [entry for entry in known if entry.path.startswith(f"{DEFAULT_CACHE_DIR}/results/")]
        if len(usual) < len(known):
            directory = known[0].path.rpartition("/results/")[0]
            return Fix(f"`cnictl exec gc {known[0].network} --cache-dir {directory}`")
        actions = tuple(Detach(*entry.key) for entry in usual)
        return Fix("`cnictl doctor --fix --select host-port-stranger`", Applicable.SAFE, actions=actions)
    if not port.chain:
        family = "ip" if port.family == 4 else "ip6"  # noqa: PLR2004  # IPv4
        table = f"{family} {NFT_TABLE}"
        return Fix(
            f"`nft -a list table {table}` shows the rule, and at its end its handle N; then `nft delete rule {table} "
            f"hostports handle N`"
        )
    nat = f"{port.tool} -t nat"
    return Fix(f"`{nat} -D {ENTRY} {port.entry} && {nat} -F {port.chain} && {nat} -X {port.chain}`")


_LOCAL_RANGE, _RESERVED = "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"
_NODE_PORTS = (30000, 32767)
_PORT = re.compile(r"[0-9]{1,5}")


@check(
    "CNI876",
    "host-port-conflict",
    Severity.ERROR,
    "host ports",
    reads="portmap's rules, who listens on the node, and the range of ports for connections of the node's own",
    well="no port of the node is wanted by two",
    leads_to=("host-port-dead",),
)
def host_port_conflict(node: Node) -> Iterator[Hit]:
    """One port of the node is wanted twice.

    Why:
        Of two containers with one hostPort the rule that was made first counts, and the other is never reached. A
        program that listens on the node loses against a hostPort: it runs, and whoever connects gets the pod. Nothing
        says so: ADD of portmap succeeds in both cases. Where NodePorts are among the ports that the kernel takes for
        connections of the node's own, some of these fail now and then.
    Bad:
        two rules for tcp port 8080 that lead to 10.88.0.2 and 10.88.0.3
    Good:
        one rule for each port
    Fix:
        Give one of the two another port; keep NodePorts from other use with net.ipv4.ip_local_reserved_ports.
    Reference:
        The portmap plugin's manual; Linux kernel documentation, "IP Sysctl", ip_local_reserved_ports; Cilium
        documentation, "Kubernetes Without kube-proxy", section "NodePort Port Range"
    """
    with suppress(Skip):
        yield from _of_node_ports(node)
    ports = [port for port in node.host_ports.all if node.host_ports.fate_of(port.container_id) is not Fate.GONE]
    if not ports:
        message = "portmap has opened no hostPort"
        raise Skip(message)
    groups: dict[tuple[int, str, int], list[HostPort]] = defaultdict(list)
    for port in ports:
        groups[port.family, port.protocol, port.port].append(port)
    for same in groups.values():
        yield from _between_containers(same)
    yield from _with_listeners(node, ports)


def _between_containers(same: list[HostPort]) -> Iterator[Hit]:
    first = same[0]
    for other in same[1:]:
        if other.target != first.target and (first.host_ip is None or first.host_ip == other.host_ip):
            message = (
                f"the containers {first.container_id[:13]} and {other.container_id[:13]} both have the hostPort "
                f"{first.title}: "
                f"what comes in goes to {first.target}, never to {other.target}"
            )
            evidence: dict[str, object] = {"port": first.title, "targets": [str(first.target), str(other.target)]}
            yield Hit(RULES, message, Fix("give one of the two another hostPort in its pod's manifest"), evidence)


def _with_listeners(node: Node, ports: list[HostPort]) -> Iterator[Hit]:
    listeners: dict[tuple[str, int], list[Listener]] = defaultdict(list)
    for listener in node.host_ports.listeners:
        listeners[listener.protocol, listener.port].append(listener)
    seen: set[str] = set()
    for port in ports:
        found = next((each for each in listeners[port.protocol, port.port] if _meet(port, each)), None)
        if found is not None and port.title not in seen:
            seen.add(port.title)
            message = (
                f"a program listens on {found.address} port {port.title}, and the hostPort of the container "
                f"{port.container_id[:13]} gets what is sent there"
            )
            protocol = "t" if port.protocol == "tcp" else "u"
            fix = Fix(f"`ss -ln{protocol}p 'sport = :{port.port}'` shows the program; give one of the two another port")
            yield Hit(RULES, message, fix, {"port": port.title, "address": str(found.address)}, Severity.WARNING)


def _meet(port: HostPort, listener: Listener) -> bool:
    """Whether something that connects to a listener could get the container."""
    if listener.address.version == 4 and port.family == 6:  # noqa: PLR2004  # a socket of IPv6 takes IPv4 too
        return False
    return port.host_ip is None or listener.address.is_unspecified or listener.address == port.host_ip


def _of_node_ports(node: Node) -> Iterator[Hit]:
    if not node.has_kubelet:
        return
    numbers = (node.sysctl(_LOCAL_RANGE) or "").split()
    if len(numbers) != 2 or not all(map(_PORT.fullmatch, numbers)):  # noqa: PLR2004  # first and last
        return
    first, last = max(int(numbers[0]), _NODE_PORTS[0]), min(int(numbers[1]), _NODE_PORTS[1])
    reserved = node.sysctl(_RESERVED) or ""
    if first <= last and not _covers(reserved, first, last):
        message = f"{_LOCAL_RANGE} is {' to '.join(numbers)}, so outgoing connections of the node may take NodePorts"
        ports = f"{_NODE_PORTS[0]}-{_NODE_PORTS[1]}"
        fix = set_and_keep(node, _RESERVED, f"{reserved},{ports}" if reserved else ports)
        yield Hit(live_place(_LOCAL_RANGE), message, fix, {"range": numbers}, Severity.WARNING)


def _covers(reserved: str, first: int, last: int) -> bool:
    for part in reserved.split(","):
        begin, _, end = part.partition("-")
        if (
            _PORT.fullmatch(begin)
            and _PORT.fullmatch(end or begin)
            and int(begin) <= first
            and last <= int(end or begin)
        ):
            return True
    return False
