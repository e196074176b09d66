"""Firewalls that manage the rules, as their files have it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.doctor.facts.packets import DROP, Packet, outcomes_in
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.foreign.iptables import SavedChain, SavedRule, read_saved_rules
from cnictl.host.api import Unanswered
from cnictl.report.finding import Fix, Location, Severity
from cnictl.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.placement import Placement
    from cnictl.doctor.node import Node
    from cnictl.foreign.firewalld import Zone

_UFW_POLICY = re.compile(r'^[ \t]*DEFAULT_FORWARD_POLICY[ \t]*=[ \t]*"?(\w+)"?', re.MULTILINE)
_UFW_ON = re.compile(r"^[ \t]*ENABLED[ \t]*=[ \t]*[\"']?yes", re.MULTILINE | re.IGNORECASE)
_UFW_RULES = {4: ("before.rules", "user.rules", "after.rules"), 6: ("before6.rules", "user6.rules", "after6.rules")}
_UFW_CHAINS = {4: "ufw", 6: "ufw6"}
_ZONES = ("/etc/firewalld/zones", "/usr/lib/firewalld/zones")
_DEFAULT_ZONE = re.compile(r"^[ \t]*DefaultZone[ \t]*=[ \t]*(\S+)", re.MULTILINE)


@check(
    "CNI870",
    "firewall-manager-unaware",
    Severity.WARNING,
    "firewall",
    reads="the files of ufw and firewalld, and whether these are switched on",
    well="no firewall that is switched on is unaware of the pods",
    leads_to=("unreachable", "service-unreachable", "lost-at-boot"),
)
def firewall_manager_unaware(node: Node) -> Iterator[Hit]:
    """ufw or firewalld is switched on, and its files do not let pods pass.

    Why:
        firewalld judges packets beside whatever iptables says, so a reload or a change of zones cuts pods off; with ufw
        the policy for what is forwarded is DROP, which holds where the network product adds no rule of its own. Pods of
        two nodes stop reaching each other after a reload or a restart, and nothing has changed. `ufw status verbose`
        and `firewall-cmd --get-active-zones` show what they do.
    Bad: ufw
        DEFAULT_FORWARD_POLICY="DROP"
    Good: ufw
        DEFAULT_FORWARD_POLICY="ACCEPT"
    Fix:
        Make the pods' and the services' subnets known to it, or switch it off.
    Reference:
        K3s documentation, "Requirements", section "Operating Systems"; kubernetes/kubernetes issue 45022; firewalld
        documentation, "Zones"
    """
    places = [place for place in node.placements.all if place.subnet is not None]
    if not places:
        message = "the files of this node do not tell which addresses pods get"
        raise Skip(message)
    if _UFW_ON.search(node.text("/etc/ufw/ufw.conf") or ""):
        yield from _of_ufw(node, places)
    if node.services.starts_at_boot("firewalld.service"):
        yield from _of_firewalld(node, places)


def _of_ufw(node: Node, places: list[Placement]) -> Iterator[Hit]:
    """What ufw's files do to pods; where the rules themselves can be seen, those count (CNI869)."""
    source = node.source("/etc/default/ufw")
    match = _UFW_POLICY.search(source.text) if source else None
    if source is None or match is None or match[1].upper() == "ACCEPT" or _sees_rules(node):
        return
    for place in places:
        if not _lets_itself_pass(place) and _ufw_drops(node, place):
            message = (
                f"ufw is on and drops forwarded packets, so also what the pods with addresses of {place.subnet} send"
            )
            fix = Fix(f"`ufw route allow from {place.subnet} && ufw route allow to {place.subnet}`")
            yield Hit(Location.in_text(source, Span(*match.span())), message, fix, {"subnet": str(place.subnet)})


def _sees_rules(node: Node) -> bool:
    try:
        return bool(node.rules.rulesets)
    except Unanswered:
        return False


def _lets_itself_pass(place: Placement) -> bool:
    """Whether somebody else adds rules for the pods: flannel and Calico do, and the plugin firewall."""
    types = {plugin.type for plugin in place.plugin.network.plugins}
    return bool(types & {"flannel", "calico", "firewall"})


def _ufw_drops(node: Node, place: Placement) -> bool:
    texts = (node.text(f"/etc/ufw/{name}") for name in _UFW_RULES[place.family])
    table = read_saved_rules("\n".join(text for text in texts if text)).tables.get("filter", {})
    packet = Packet(place.family, place.link, None, place.address, protocol="tcp")
    chains = [f"{_UFW_CHAINS[place.family]}-{part}-forward" for part in ("before", "user", "after")]
    rules = [SavedRule("FORWARD", f"-j {chain}", 0) for chain in chains if chain in table]
    return outcomes_in({**table, "FORWARD": SavedChain("DROP", 0, rules)}, "FORWARD", packet) == {DROP}


def _of_firewalld(node: Node, places: list[Placement]) -> Iterator[Hit]:
    zones = list(_zones(node))
    config = node.source("/etc/firewalld/firewalld.conf") or Source("/etc/firewalld/firewalld.conf", b"")
    match = _DEFAULT_ZONE.search(config.text)
    accepting = [zone for zone in zones if zone.accepts]
    if any(zone.name == (match[1] if match else "public") for zone in accepting) or node.names_in(
        "/etc/firewalld/policies"
    ):
        return
    for place in places:
        if not any(_knows(zone, place) for zone in accepting):
            message = (
                f"firewalld is on, and none of its zones that accept everything has the pods' addresses, {place.subnet}"
            )
            command = f"firewall-cmd --permanent --zone=trusted --add-source={place.subnet}"
            fix = Fix(
                f"`{command}`, the same with the services' subnet, such as 10.96.0.0/12, then `firewall-cmd --reload`"
            )
            yield Hit(Location("/etc/firewalld/zones"), message, fix, {"subnet": str(place.subnet)})


def _zones(node: Node) -> Iterator[Zone]:
    """The zones; of two files with one name the first counts."""
    from cnictl.foreign.firewalld import read_zone  # XML is read on nodes with firewalld alone

    seen: set[str] = set()
    for directory in _ZONES:
        for name in node.names_in(directory):
            if name.endswith(".xml") and name not in seen:
                seen.add(name)
                zone = read_zone(name.removesuffix(".xml"), node.text(f"{directory}/{name}") or "")
                if zone is not None:
                    yield zone


def _knows(zone: Zone, place: Placement) -> bool:
    subnet = place.subnet
    if place.link in zone.interfaces or zone.ipsets:
        return True
    same = (source for source in zone.sources if subnet is not None and source.version == subnet.version)
    return any(subnet.subnet_of(source) for source in same)  # type: ignore[union-attr, arg-type]  # of one version
