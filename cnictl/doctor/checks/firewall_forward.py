"""Rules that drop what pods send to beyond the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.facts.packets import Packet
from cnictl.doctor.facts.verdicts import DOCKER, FIREWALLD, UFW, Dropped, drops, first_packet
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.placement import Placement
    from cnictl.doctor.node import Node
    from cnictl.netns.survey import Link

RULES = Location("/proc/net/netfilter")
"""Rules are in no file; this is where the kernel has them."""


@check(
    "CNI869",
    "forward-dropped",
    Severity.ERROR,
    "firewall",
    reads="the rules of iptables (both backends) and nftables, the default route, and the pods' links and addresses",
    well="the packet filter lets pass what pods send",
    leads_to=("unreachable", "service-unreachable"),
    symptoms=(
        r"Chain FORWARD \(policy DROP",
        r":FORWARD DROP ",
        r"\[UFW BLOCK\] IN=(?:cni|cali|veth|br)\S* OUT=\S+",
        r"(?:filter_)?(?:FWD_|FORWARD)\S*_REJECT: IN=(?:cni|cali|veth|br)\S* OUT=\S+",
    ),
    tags=("dockershim",),
)
def forward_dropped(node: Node) -> Iterator[Hit]:
    """The packet filter drops whatever pods send to beyond their node.

    The rules are followed as the kernel would: a connection that a pod opens to anywhere enters each chain of the hook
    "forward", and is dropped in one of them whatever else is true of it.

    Why:
        Pods of two nodes do not reach each other, nor the Internet, nor services whose pods are elsewhere; `iptables -L
        FORWARD` begins with "Chain FORWARD (policy DROP". Docker sets that policy when it finds forwarding off and
        switches it on, ufw has it as its default, and firewalld rejects what no zone allows.
    Bad:
        -P FORWARD DROP, and no rule that accepts what comes from 10.244.0.0/16
    Good:
        -P FORWARD DROP, and -A FORWARD -s 10.244.0.0/16 -j ACCEPT
    Fix:
        Let the pods' subnet pass, in the firewall's own files, rather than accept everything.
    Reference:
        kubernetes/kubernetes issues 39823, 40182 and 45022; Docker documentation, "Packet filtering and firewalls"
    """
    node.rules.rulesets  # noqa: B018  # where these cannot be known, that is the reason
    looked = [(place, packet) for place in node.placements.all if (packet := first_packet(node, place))]
    if not looked:
        message = "it is not known by which links and with which addresses pods send"
        raise Skip(message)
    for place, packet in looked:
        for dropped in drops(node.rules, "forward", packet):
            message = (
                f"what pods of the network {place.title} send from {_whose(place)} to beyond the node is dropped in "
                f"{dropped.where}"
            )
            message += _who(dropped)
            evidence: dict[str, object] = {"link": place.link, "chain": dropped.where, "by": dropped.by}
            yield Hit(RULES, message, _allow(dropped, place), evidence)


_UNTIL_BOOT = " until the next boot; write it where the other rules come from, too"


def _whose(place: Placement) -> str:
    return str(place.subnet or place.address)


def _who(dropped: Dropped) -> str:
    return f", which {dropped.by} has set up" if dropped.by else ""


def _allow(dropped: Dropped, place: Placement) -> Fix:
    subnet = place.subnet or "SUBNET"  # of Calico, whose pools are not on the node
    if dropped.by == UFW:
        return Fix(f"`ufw route allow from {subnet} && ufw route allow to {subnet}`")
    if dropped.by == FIREWALLD:
        return Fix(f"`firewall-cmd --permanent --zone=trusted --add-source={subnet} && firewall-cmd --reload`")
    if dropped.command.startswith("nft"):
        family = "ip" if place.family == 4 else "ip6"  # noqa: PLR2004  # IPv4
        commands = [f"{dropped.command} {family} {what} {subnet} accept" for what in ("saddr", "daddr")]
    else:
        command = dropped.command.replace("FORWARD", "DOCKER-USER") if dropped.by == DOCKER else dropped.command
        commands = [f"{command} {match} -j ACCEPT" for match in place.matches]
    return Fix(f"`{' && '.join(commands)}`{_UNTIL_BOOT}")


_OVERLAYS = {"vxlan": ("VXLAN", 4789), "geneve": ("Geneve", 6081), "wireguard": ("WireGuard", 0)}
_WIREGUARD_PORTS = {"flannel-wg": 51820, "flannel-wg-v6": 51821, "wireguard.cali": 51820, "wg-v6.cali": 51821}


@check(
    "CNI871",
    "overlay-port-blocked",
    Severity.ERROR,
    "firewall",
    reads="the links of overlay networks and their ports, and the rules for what comes in to the node itself",
    well="packets of the overlay network may come in",
    leads_to=("unreachable", "service-unreachable"),
    symptoms=(r"\[UFW BLOCK\] IN=\S+ .*PROTO=UDP .*DPT=(?:8472|4789|6081|51820|51821)\b",),
)
def overlay_port_blocked(node: Node) -> Iterator[Hit]:
    """The packet filter drops the packets in which other nodes send those of their pods.

    Why:
        Pods reach those of their own node and the Internet, and none of other nodes: packets between nodes travel
        inside UDP ones, to port 8472 (flannel), 4789 (Calico's VXLAN), 6081 (Geneve) or 51820 (WireGuard). `nft list
        ruleset` and `iptables-save` show the rules.
    Bad:
        -P INPUT DROP, and no rule that accepts UDP port 8472
    Good:
        -A INPUT -p udp --dport 8472 -j ACCEPT
    Fix:
        Open the port to the other nodes, and only to them: the packets are believed whoever sends them.
    Reference:
        flannel documentation, "Troubleshooting", section "Firewalls"; Calico documentation, "System requirements"
    """
    uplink = node.placements.uplink(4)
    ports = sorted({(port, what, link.name) for link in node.survey.links for port, what in _ports(link)})
    if not ports or uplink is None:
        message = "there is no link of an overlay network that uses a UDP port"
        raise Skip(message)
    for port, what, link in ports:
        for dropped in drops(node.rules, "input", Packet(4, uplink, "", protocol="udp", port=port)):
            message = (
                f"UDP port {port} of {link} ({what}) is closed to other nodes: it is dropped in "
                f"{dropped.where}{_who(dropped)}"
            )
            evidence: dict[str, object] = {"link": link, "port": port, "by": dropped.by}
            yield Hit(RULES, message, _open(dropped, port), evidence)


def _ports(link: Link) -> Iterator[tuple[int, str]]:
    if link.up and link.kind in _OVERLAYS:
        what, usual = _OVERLAYS[link.kind]
        port = link.port or _WIREGUARD_PORTS.get(link.name, usual)
        if port:
            yield port, what


def _open(dropped: Dropped, port: int) -> Fix:
    command = {
        UFW: f"`ufw allow {port}/udp`",
        FIREWALLD: f"`firewall-cmd --permanent --add-port={port}/udp && firewall-cmd --reload`",
    }.get(dropped.by)
    if command is None and dropped.command.startswith("nft"):
        command = f"`{dropped.command} udp dport {port} accept`{_UNTIL_BOOT}"
    return Fix(command or f"`{dropped.command} -p udp --dport {port} -j ACCEPT`{_UNTIL_BOOT}")
