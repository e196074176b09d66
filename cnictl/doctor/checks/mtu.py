"""The sizes of packets: of pods, bridges, tunnels and the node's network card."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cnictl.doctor.checks.subnets import is_of_pods
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.view import child_of, string_at
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.networks import BridgeUse
    from cnictl.doctor.node import Node
    from cnictl.netns.survey import Link, Survey

_OVERHEAD = {"vxlan": 50, "ipip": 20, "wireguard": 60}
"""What a tunnel puts before each packet at least, in bytes: over IPv4, and for WireGuard too."""
_CARDS = ("", "bond", "team", "vlan", "bridge", "virtio")
"""Kinds of links that lead out of the node."""
_JUMBO = 9000
_USUAL = 1500
_ON_A_CARD = ("macvlan", "vlan")
"""Plugins that refuse a larger MTU than that of the card below."""


@check(
    "CNI887",
    "mtu-mismatch",
    Severity.ERROR,
    "links and routes",
    reads="the mtu of every config, /run/flannel/subnet.env, and the node's links, addresses and routes",
    well="packets of pods fit into the tunnels, and those of the tunnels into what the node's network takes",
    leads_to=("large-packets-lost",),
    symptoms=(r"net/http: TLS handshake timeout", r"invalid MTU \d+, must be \[0, master MTU"),
)
def mtu_mismatch(node: Node) -> Iterator[Hit]:
    """Packets of pods are larger than the way that they have to go.

    Why:
        Small packets pass and large ones do not: `ping` and the beginning of a connection work, then it hangs, as in
        "net/http: TLS handshake timeout", and `curl` of a large page stops in the middle. A tunnel adds a header to
        each packet (VXLAN 50 bytes, IP-in-IP 20, WireGuard 60), so what is inside must be that much smaller than what
        the node's network card takes. `ip -br link` shows the links, `ip link show NAME` the MTU, which is the size of
        the largest packet.
    Bad:
        flannel.1 has an MTU of 1500 on a card with 1500
    Good:
        flannel.1 and the pods have 1450 on a card with 1500
    Fix:
        Set the MTU of the network product or of the config to the card's, less the tunnel's header, and recreate the
        pods.
    Reference:
        Kubernetes documentation, "Network Plugins"; Calico documentation, "Configure MTU to maximize network
        performance"
    """
    survey = node.survey
    card = _card(survey)
    yield from _above_its_card(node, survey)
    yield from _mixed(node, survey)
    if card is None:
        message = (
            "the node has no network card with an address, so there is nothing that packets would have to fit into"
        )
        raise Skip(message)
    tunnels = [link for link in survey.links if _is_tunnel(link)]
    for tunnel in tunnels:
        fits = card.mtu - _OVERHEAD[tunnel.kind]
        if tunnel.mtu > fits:
            yield _tunnel_hit(tunnel, card, fits)
    yield from _pods(node, survey, tunnels, card)


def _card(survey: Survey) -> Link | None:
    """The card with the largest MTU: which of several a tunnel uses cannot be seen."""
    addressed = {each.link for each in survey.addresses if each.scope == "global"}
    routed = {route.link for route in survey.routes if route.target in ("0.0.0.0/0", "::/0")}
    cards = [link for link in survey.links if link.up and link.kind in _CARDS and link.name in addressed]
    leading_out = [link for link in cards if link.kind != "bridge" or link.name in routed]
    usable = [link for link in leading_out if link.name != "lo"]
    return max(usable, key=lambda link: link.mtu, default=None)


def _is_tunnel(link: Link) -> bool:
    """Whether a link is a tunnel of pods, not a VPN of the node's.

    Those that serve all IDs, as Cilium's, leave the size to routes.
    """
    return link.up and link.kind in _OVERHEAD and is_of_pods(link.name) and (link.kind != "vxlan" or link.number > 0)


def _tunnel_hit(tunnel: Link, card: Link, fits: int) -> Hit:
    message = (
        f"{tunnel.name} has an MTU of {tunnel.mtu}, and {card.name} takes {card.mtu}: with the "
        f"{_OVERHEAD[tunnel.kind]} bytes of {tunnel.kind} only {fits} fit"
    )
    fix = Fix(f"set the MTU of the network product to {fits}, or at once: `ip link set {tunnel.name} mtu {fits}`")
    evidence = {"link": tunnel.name, "mtu": tunnel.mtu, "fits": fits}
    return Hit(Location(f"/sys/class/net/{tunnel.name}/mtu"), message, fix, evidence)


def _pods(node: Node, survey: Survey, tunnels: list[Link], card: Link) -> Iterator[Hit]:
    """Pods that send larger packets than the narrowest part of their way."""
    narrowest = min(tunnels, key=lambda link: link.mtu, default=card)
    for use in node.promised.bridges:
        if not use.gateways or node.milder_for(use.config) is not None:
            continue  # what is no gateway sends packets of others, whose way is not known
        mtu = _mtu_of(use, survey)
        if mtu > narrowest.mtu:
            yield _too_large(use, mtu, narrowest)
        elif mtu == _USUAL and narrowest is card and card.mtu >= _JUMBO:
            message = f"network {use.config.title}: pods have an MTU of {mtu}, and {card.name} would take {card.mtu}"
            fix = Fix(f'write "mtu": {card.mtu} if all nodes and the switches between them take it')
            yield Hit(_place(use), message, fix, severity=Severity.NOTE)


def _too_large(use: BridgeUse, mtu: int, narrowest: Link) -> Hit:
    message = (
        f"network {use.config.title}: pods have an MTU of {mtu}, and {narrowest.name} on their way has {narrowest.mtu}"
    )
    fix = Fix(f'write "mtu": {narrowest.mtu} into {use.config.path}, and recreate the pods (kubectl delete pod)')
    evidence = {"bridge": use.name, "mtu": mtu, "narrowest": narrowest.mtu}
    return Hit(_place(use), message, fix, evidence, Severity.WARNING)


def _place(use: BridgeUse) -> Location:
    return use.config.location((child_of(use.plugin.node, "mtu") or use.place).label)


def _mtu_of(use: BridgeUse, survey: Survey) -> int:
    """The size that pods of a config have: what it says, or else what those that are there have."""
    ports = [link.mtu for link in survey.links if link.master == use.name and link.kind == "veth"]
    return use.mtu or (Counter(ports).most_common(1)[0][0] if ports else 0)


def _mixed(node: Node, survey: Survey) -> Iterator[Hit]:
    """Bridges whose pods have different sizes: there is no router between them that could say so."""
    for name in dict.fromkeys(use.name for use in node.promised.bridges):
        sizes = Counter(link.mtu for link in survey.links if link.master == name and link.kind == "veth")
        if len(sizes) > 1:
            told = ", ".join(f"{count} with {mtu}" for mtu, count in sizes.most_common())
            message = f"pods on {name} have different MTUs: {told}; large packets between them are lost"
            fix = Fix("delete the pods from before the MTU was changed, so that they are created again")
            evidence = {"bridge": name, "mtus": {str(mtu): count for mtu, count in sizes.items()}}
            yield Hit(Location(f"/sys/class/net/{name}/mtu"), message, fix, evidence, Severity.WARNING)


def _above_its_card(node: Node, survey: Survey) -> Iterator[Hit]:
    """Configs with a larger MTU than the card that their links lie on, which the plugins refuse."""
    try:
        plugins = list(node.plugins())
    except Skip:
        return
    links = {link.name: link for link in survey.links}
    for config, plugin in plugins:
        value = child_of(plugin.node, "mtu")
        card = links.get(string_at(plugin.node, "master") or "")
        size = value.value if value is not None else None
        if plugin.type in _ON_A_CARD and card and value and isinstance(size, int) and size > card.mtu:
            message = (
                f'network {config.title}: "mtu" is {size}, and {card.name} has {card.mtu}, so {plugin.type} refuses it'
            )
            fix = Fix(f'write "mtu": {card.mtu} or less, or leave it out')
            yield Hit(config.location(value.label), message, fix, severity=node.milder_for(config))
