"""Whether packets of pods leave the node with an address that is answered."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from cnictl.doctor.facts.packets import MASQUERADE, Packet, outcomes_in
from cnictl.doctor.facts.packets_nft import outcomes_in_nft
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.view import is_true, value_at
from cnictl.report.finding import Fix, Severity
from cnictl.validate.pools import destination, routes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.doctor.facts.placement import Placement
    from cnictl.doctor.node import Node

_AGENTS = {
    "FLANNEL-POSTRTG": "flannel",
    "IP-MASQ-AGENT": "ip-masq-agent",
    "IP-MASQ": "ip-masq-agent",
    "KIND-MASQ-AGENT": "kindnet",
}
"""Chains of agents that masquerade what leaves the cluster, and only that."""
_SOMEWHERE: Mapping[int, IPv4Address | IPv6Address] = {4: IPv4Address("192.0.2.1"), 6: IPv6Address("2001:db8::1")}


@check(
    "CNI873",
    "masquerade-wrong",
    Severity.WARNING,
    "firewall",
    reads="the configs of bridge and ptp, and the rules for what leaves the node",
    well="what leaves the node is masqueraded once",
    leads_to=("unreachable",),
)
def masquerade_wrong(node: Node) -> Iterator[Hit]:
    """What pods send to beyond the node is masqueraded by nobody, or by two.

    Why:
        Pods have private addresses, so what leaves the node must get the node's own address, which is called
        masquerading. When nobody does that, packets go out and no answer finds back: pods reach each other and not the
        Internet. When the plugin does it (ipMasq) and an agent too, the plugin wins, which does not spare the pods of
        other nodes: they see the node's address, and network policies do not recognise the pod. `iptables-save -t nat |
        grep MASQUERADE` shows who does it.
    Bad: 10-net.conflist
        {
          "cniVersion": "1.0.0", "name": "pods",
          "plugins": [
            {"type": "bridge", "isGateway": true,
             "ipam": {"type": "host-local", "subnet": "10.88.0.0/16",
                      "routes": [{"dst": "0.0.0.0/0"}]}}
          ]
        }
    Good: 10-net.conflist
        {
          "cniVersion": "1.0.0", "name": "pods",
          "plugins": [
            {"type": "bridge", "isGateway": true, "ipMasq": true,
             "ipam": {"type": "host-local", "subnet": "10.88.0.0/16",
                      "routes": [{"dst": "0.0.0.0/0"}]}}
          ]
        }
    Fix:
        Set ipMasq to true, or have an agent such as ip-masq-agent do it, and not both.
    Reference:
        The bridge plugin's manual, ipMasq; Kubernetes documentation, "IP Masquerade Agent User Guide"
    """
    places = [place for place in node.placements.all if place.plugin.type in ("bridge", "ptp") and place.subnet]
    if not places:
        message = "no config in use has bridge or ptp with a subnet of its own"
        raise Skip(message)
    node.rules.required()
    for place in places:
        if is_true(place.plugin.node, "ipMasq"):
            yield from _twice(node, place)
        elif _goes_out(place):
            yield from _never(node, place)


def _goes_out(place: Placement) -> bool:
    """Whether pods with private addresses have a default route to the node."""
    dsts = [destination(route) for route in routes(place.plugin)]
    has_default = any(dst is not None and not dst.prefixlen and dst.version == place.family for dst in dsts)
    has_default = has_default or is_true(place.plugin.node, "isDefaultGateway")
    return has_default and place.subnet is not None and place.subnet.is_private


def _never(node: Node, place: Placement) -> Iterator[Hit]:
    packet = _packet(node, place)
    if packet.outgoing is None or _may_masquerade(node, packet):
        return
    message = f"nothing masquerades what pods of the network {place.title} send from {place.subnet} to beyond the node"
    fix = Fix(
        f'write "ipMasq": true into {place.config.path}, unless the routers outside know the way back to the pods'
    )
    location = place.config.location(value_at(place.plugin.node, "type").label)
    yield Hit(location, message, fix, {"subnet": str(place.subnet), "uplink": packet.outgoing})


def _packet(node: Node, place: Placement) -> Packet:
    """What a pod sends to somewhere on the Internet."""
    uplink = node.placements.uplink(place.family)
    return Packet(place.family, None, uplink, place.address, _SOMEWHERE[place.family], "tcp")


def _may_masquerade(node: Node, packet: Packet) -> bool:
    for ruleset in node.rules.rulesets:
        table = ruleset.saved.tables.get("nat", {})
        if ruleset.family == packet.family and MASQUERADE in outcomes_in(table, "POSTROUTING", packet):
            return True
    return any(
        MASQUERADE in outcomes_in_nft(table, base.name, packet)
        for table in node.rules.nft
        for base in table.chains.values()
        if base.hook == "postrouting"
    )


def _twice(node: Node, place: Placement) -> Iterator[Hit]:
    packet = _packet(node, place)
    for ruleset in node.rules.rulesets:
        table = ruleset.saved.tables.get("nat", {})
        chains = [chain for chain in _AGENTS if MASQUERADE in outcomes_in(table, chain, packet)]
        if chains and ruleset.family == place.family:
            agent = _AGENTS[chains[0]]
            message = (
                f"ipMasq of the network {place.title} masquerades what is sent to pods of other nodes, too; {agent} "
                f"does not"
            )
            fix = Fix(
                f'write "ipMasq": false into {place.config.path}, and recreate the pods, whose rules stay as they are'
            )
            location = place.config.location(value_at(place.plugin.node, "ipMasq").label)
            yield Hit(location, message, fix, {"chain": chains[0], "tool": ruleset.tool})
            return
