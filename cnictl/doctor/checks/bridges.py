"""The bridges that pods are on."""

from __future__ import annotations

import json
from functools import lru_cache
from ipaddress import ip_interface
from typing import TYPE_CHECKING

from cnictl.doctor.checks.addresses import shown
from cnictl.doctor.facts.pods import Fate
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.networks import BridgeUse
    from cnictl.doctor.node import Node
    from cnictl.netns.survey import Link, Survey
    from cnictl.runtime.cache import CacheEntry
    from cnictl.validate.pools import Interface

_MOST_PORTS = 1023
"""A bridge has 1024 port numbers, and the first is not used."""
_NEARLY = 0.9
_OF_THE_NODE = ("", "bond", "team", "vlan", "virtio")
"""Kinds of links that the node itself may depend on: to remove one can cut it off."""


@check(
    "CNI886",
    "bridge-unfit",
    Severity.ERROR,
    "links and routes",
    reads="every config with the plugin bridge or flannel, and the node's links and addresses",
    well="the bridges of the configs are as these say, or are not made yet",
    leads_to=("add-fails", "unreachable"),
    symptoms=(
        r"already has an IP address different from",
        r"already exists but is not a bridge",
        r"failed to connect \S+ to bridge.*exchange full",
    ),
)
def bridge_unfit(node: Node) -> Iterator[Hit]:
    """A bridge is not what the config says.

    Why:
        Pods fail with 'failed to set bridge addr: "cni0" already has an IP address different from 10.244.1.1/24' when
        the bridge still has the address of a former subnet: the node has joined another cluster, or was given another
        podCIDR. They fail with '"cni0" already exists but is not a bridge' when another link has the name. A bridge
        that was deleted under running pods is made again by the next one, and the old ones are connected to
        nothing. `ip -br addr show cni0` shows its address, `ip link show master cni0` who is on it.
    Bad:
        cni0 has 10.88.0.1/16, and the config's range is 10.244.1.0/24
    Good:
        cni0 has the gateway of the config's range
    Fix:
        Move the pods away (`kubectl drain`), then `ip link del cni0`: the next pod makes it again.
    Reference:
        CNI plugins documentation, "bridge plugin"; containernetworking/cni issue 306
    """
    if not node.promised.bridges:
        message = "no config puts pods on a bridge"
        raise Skip(message)
    survey = node.survey
    links = {link.name: link for link in survey.links}
    for use in node.promised.bridges:
        link = links.get(use.name)
        if link is not None and link.kind != "bridge":
            yield _no_bridge(node, use, link)
        elif link is not None:
            yield from _address(node, use, survey)
    for link in {use.name: links[use.name] for use in node.promised.bridges if use.name in links}.values():
        if link.kind == "bridge":
            yield from _link(link, survey)
    yield from _cut_off(node, links)
    yield from _no_hairpin(node, survey)


def _no_hairpin(node: Node, survey: Survey) -> Iterator[Hit]:
    """Ports that never send a packet back: a pod that calls a Service which leads to itself waits for ever."""
    for use in node.promised.bridges if node.has_kubelet else ():
        ports = [link for link in survey.links if link.master == use.name and link.kind == "veth"]
        straight = [link for link in ports if not link.hairpin]
        if use.gateways and straight and not use.hairpin and node.milder_for(use.config) is None:
            message = f"network {use.config.title}: a pod on {use.name} does not reach itself through a Service"
            fix = Fix('write "hairpinMode": true into the config, and recreate the pods (kubectl delete pod)')
            yield Hit(use.config.location(use.place.label), message, fix, {"ports": len(straight)}, Severity.NOTE)


def _no_bridge(node: Node, use: BridgeUse, link: Link) -> Hit:
    what = f"a {link.kind}" if link.kind else "a network card"
    message = f"network {use.config.title}: {use.name} is {what} and no bridge, so every pod fails"
    fix = Fix(f'write another name as "bridge" into {use.config.path}')
    if link.kind not in _OF_THE_NODE:
        fix = Fix(f"{fix.description}, or remove the link if nothing needs it: `ip link del {use.name}`")
    return Hit(use.config.location(use.place.label), message, fix, severity=node.milder_for(use.config))


def _address(node: Node, use: BridgeUse, survey: Survey) -> Iterator[Hit]:
    """The first address of the bridge that the plugin stumbles over."""
    held = [each.address for each in survey.addresses if each.link == use.name]
    wanted = {str(each) for group in _all_gateways(node, use.name) for each in group}
    for group in use.gateways:
        if use.force or any(str(each) in held for each in group):
            continue
        other = next((address for address in held if address not in wanted and _disturbs(address, group[0])), None)
        if other:
            message = f"network {use.config.title}: {use.name} has the address {other} and should have {group[0]}"
            fix = Fix(
                f"drain the node (`kubectl drain NODE --ignore-daemonsets`), then `ip link del {use.name}`: the next "
                f"pod makes it again"
            )
            evidence = {"bridge": use.name, "address": other, "wanted": str(group[0])}
            yield Hit(use.config.location(use.place.label), message, fix, evidence, node.milder_for(use.config))


def _all_gateways(node: Node, name: str) -> Iterator[tuple[Interface, ...]]:
    """The addresses that the configs want a bridge to have, all of them together."""
    yield from (group for use in node.promised.bridges if use.name == name for group in use.gateways)


def _disturbs(address: str, wanted: Interface) -> bool:
    """Whether the plugin refuses to put an address beside another one: of IPv6 two may be there that do not overlap."""
    try:
        other = ip_interface(address)
    except ValueError:
        return False
    if other.version != wanted.version:
        return False
    return wanted.version == 4 or other.ip in wanted.network or wanted.ip in other.network  # noqa: PLR2004


def _link(link: Link, survey: Survey) -> Iterator[Hit]:
    ports = [each for each in survey.links if each.master == link.name]
    place = Location(f"/sys/class/net/{link.name}")
    if len(ports) >= _MOST_PORTS * _NEARLY:
        full = len(ports) >= _MOST_PORTS
        message = f"the bridge {link.name} has {len(ports)} ports, one for each pod, and can have {_MOST_PORTS}"
        fix = Fix("move pods to other nodes, or give the config another bridge")
        yield Hit(place, message, fix, {"ports": len(ports)}, None if full else Severity.WARNING)
    if not link.up and ports:
        message = f"the bridge {link.name} is down, so its {len(ports)} pods reach nothing"
        yield Hit(place, message, Fix(f"`ip link set {link.name} up`"), {"ports": len(ports)})


def _cut_off(node: Node, links: dict[str, Link]) -> Iterator[Hit]:
    """Pods that were on a bridge and are on none any more."""
    lost: dict[str, list[CacheEntry]] = {}
    for entry in node.state.attachments:
        bridge, veth = _ends(entry, links)
        if veth and not veth.master and node.pods.fate_of(entry.container_id, entry.netns) is not Fate.GONE:
            lost.setdefault(bridge, []).append(entry)
    for bridge, entries in lost.items():
        names = shown([node.pods.name_of(entry.container_id) for entry in entries])
        who = "a pod is" if len(entries) == 1 else f"{len(entries)} pods are"
        message = f"{who} on no bridge any more, since {bridge} was deleted and made again: {names}"
        fix = Fix("delete these pods, so that they are created again")
        yield Hit(Location(f"/sys/class/net/{bridge}"), message, fix, {"count": len(entries)})


def _ends(entry: CacheEntry, links: dict[str, Link]) -> tuple[str, Link | None]:
    """The bridge that an attachment was made on, and its link on the node."""
    interfaces = (entry.result or {}).get("interfaces")
    names = [
        each["name"]
        for each in (interfaces if isinstance(interfaces, list) else [])
        if isinstance(each, dict) and isinstance(each.get("name"), str) and not each.get("sandbox")
    ]
    veth = next((links[name] for name in names[1:] if name in links and links[name].kind == "veth"), None)
    return names[0] if names else "", veth if veth and _is_bridged(entry.config) else None


@lru_cache(maxsize=64)
def _is_bridged(config: bytes) -> bool:
    """Whether the first plugin of a cached config connects to a bridge."""
    try:
        content = json.loads(config or b"{}")
    except (ValueError, RecursionError):
        return False
    plugins = content.get("plugins") if isinstance(content, dict) else None
    first = plugins[0] if isinstance(plugins, list) and plugins else None
    return isinstance(first, dict) and first.get("type") in ("bridge", "flannel")
