"""Links and network namespaces that belong to no container any more."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from cnictl.doctor.checks.addresses import shown
from cnictl.doctor.facts.pods import SETTLED, Fate, plain_path
from cnictl.doctor.pasted import for_each
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.netns.survey import Link
    from cnictl.runtime.cache import CacheEntry

_LONGEST = 15
"""Characters of a link's name."""
_NETNS_DIR = "/run/netns"
_OF_RUNTIMES = re.compile(r"cni-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What containerd calls the namespaces that it makes for pods."""


@check(
    "CNI893",
    "links-orphaned",
    Severity.WARNING,
    "leftovers",
    reads="the node's links, the result caches, and the runtime's sandboxes",
    well="every link of a plugin belongs to a container that is there",
    leads_to=("leak",),
    follows=("del-fails", "leak"),
)
def links_orphaned(node: Node) -> Iterator[Hit]:
    """Network interfaces (links) on the node are left from containers that are gone.

    Why:
        The kernel removes a pod's veth with the pod's network namespace. What stays is the device of the plugin
        bandwidth (bwp and 12 digits), which only the plugin itself removes, and the veth of a namespace that some
        process still holds. Each takes memory, and a veth a port of its bridge, of which there are 1023.
    Bad:
        bwp3ca057f2aac4 is there, and no pod has a name that leads to these digits
    Good:
        one link on the node for each running pod
    Fix:
        Delete the link: `ip link del NAME`.
    Reference:
        CNI plugins documentation, "bandwidth plugin"
    """
    links = node.survey.links
    yield from _held(node, links)
    yield from _shapers(node, links)


def _held(node: Node, links: tuple[Link, ...]) -> Iterator[Hit]:
    """Links of containers that are gone: they would be gone too if nothing held the network namespace."""
    names = {link.name for link in links if link.kind == "veth"}
    held = [
        (name, entry)
        for entry in node.state.attachments
        for name in _names_in(entry)
        if name in names and node.pods.fate_of(entry.container_id, entry.netns) is Fate.GONE
    ]
    if held:
        told = shown([f"{name} ({entry.container_id[:13]})" for name, entry in held])
        message = f"containers are gone, and something still holds their network namespaces: {told}"
        names_held = [name for name, _ in held]
        removal = for_each("ip link del", names_held, at_once=False)
        fix = Fix(f"see which process it is (`lsns -t net`), and end it (kill PID); otherwise: {removal}")
        yield Hit(_place(names_held[0]), message, fix, {"links": names_held[:100]})


def _names_in(entry: CacheEntry) -> Iterator[str]:
    """The links on the node that a result tells of."""
    interfaces = (entry.result or {}).get("interfaces")
    for each in interfaces if isinstance(interfaces, list) else []:
        if isinstance(each, dict) and isinstance(each.get("name"), str) and not each.get("sandbox"):
            yield each["name"]


def _shapers(node: Node, links: tuple[Link, ...]) -> Iterator[Hit]:
    """Devices of the plugin bandwidth whose digits no container's name leads to."""
    shapers = [link.name for link in links if link.kind == "ifb" and link.name.startswith("bwp")]
    if not shapers:
        return
    if node.pods.trouble is not None and node.pods.sockets:
        raise Skip(node.pods.trouble)
    known = set(_expected(node))
    left = [name for name in shapers if name not in known]
    if left:
        whose = "a container that is" if len(left) == 1 else f"{len(left)} containers that are"
        message = f"what limited the bandwidth of {whose} gone is still there: {shown(left)}"
        fix = Fix(for_each("ip link del", left, at_once=False))
        yield Hit(_place(left[0]), message, fix, {"links": left[:100]})


def _expected(node: Node) -> Iterator[str]:
    """The names of such devices of all containers that are there, or that DEL can still be run for."""
    networks = {network.name or "" for network in node.promised.networks()}
    networks |= {store.network for store in node.state.stores} | {entry.network for entry in node.state.attachments}
    ids = set() if node.pods.trouble else set(node.pods.sandboxes)
    yield from (shaper_name(network, container_id) for network in networks for container_id in ids)
    yield from (shaper_name(entry.network, entry.container_id) for entry in node.state.attachments)


def shaper_name(network: str, container_id: str) -> str:
    """What the plugin bandwidth calls its device for a container."""
    digits = hashlib.sha512(f"{network}{container_id}".encode()).hexdigest()
    return f"bwp{digits}"[:_LONGEST]


def _place(name: str) -> Location:
    return Location(f"/sys/class/net/{name}")


@check(
    "CNI894",
    "netns-stale",
    Severity.WARNING,
    "leftovers",
    reads="the files in /run/netns, the table of mounts, the result caches, and the runtime's sandboxes",
    well="every network namespace in /run/netns is mounted, and belongs to a pod",
    leads_to=("add-fails", "del-fails", "leak"),
    follows=("del-fails", "leak"),
    symptoms=(r"unknown FS magic on", r"failed to Statfs \\?\"/\S*netns/\S+: no such file"),
)
def netns_stale(node: Node) -> Iterator[Hit]:
    """Network namespaces are left over, or their files lead to none any more.

    Why:
        A runtime makes a network namespace for a pod and mounts it on a file in /run/netns. When the mount is gone and
        the file is still there, plugins fail with 'unknown FS magic on "/var/run/netns/cni-...": 1021994'. When the pod
        is gone and the mount is still there, the kernel keeps everything in it: links, routes and their memory.
    Bad:
        /run/netns/cni-706a6e97-aa29-106a-666d-e3c298fd3e98 is a file on which nothing is mounted
    Good:
        every file in /run/netns stands in /proc/self/mountinfo as nsfs
    Fix:
        Delete the namespace with its file: `ip netns delete NAME`.
    Reference:
        CNI plugins documentation, package "ns"
    """
    mounts = node.pods.netns_mounts
    if mounts is None:
        message = "there is no table of mounts here, so it cannot be known which network namespaces are there"
        raise Skip(message)
    names = [name for name in node.names_in(_NETNS_DIR) if not name.startswith(".")]
    used = {plain_path(entry.netns): entry for entry in node.state.attachments if entry.netns.startswith("/")}
    for name in names:
        if f"{_NETNS_DIR}/{name}" not in mounts and _is_file(node, name):
            yield _not_mounted(node, name, used.get(f"{_NETNS_DIR}/{name}"))
    left = [name for name in names if f"{_NETNS_DIR}/{name}" in mounts and _OF_RUNTIMES.fullmatch(name)]
    left = [
        name
        for name in left
        if f"{_NETNS_DIR}/{name}" not in used and node.state.age_of(f"{_NETNS_DIR}/{name}") > SETTLED
    ]
    if left and node.pods.trouble is not None:
        raise Skip(node.pods.trouble)
    if left and node.state.attachments:
        message = f"no pod has {_count(left)}: {shown(left)}"
        fix = Fix(for_each("ip netns delete", left, at_once=False))
        yield Hit(Location(f"{_NETNS_DIR}/{left[0]}"), message, fix, {"names": left[:100]})


def _is_file(node: Node, name: str) -> bool:
    status = node.host.status(f"{_NETNS_DIR}/{name}")
    return status is not None and status.is_file


def _not_mounted(node: Node, name: str, entry: CacheEntry | None) -> Hit:
    path = f"{_NETNS_DIR}/{name}"
    message = f"{path} is a file on which no network namespace is mounted"
    alive = entry is not None and node.pods.fate_of(entry.container_id) is Fate.ALIVE
    if entry is not None and alive:
        message += f", and the pod {node.pods.name_of(entry.container_id)} should have one there"
    fix = Fix("delete the pod, so that it is created again" if alive else for_each("rm", [path]))
    return Hit(Location(path), message, fix, {"path": path}, Severity.ERROR if alive else None)


def _count(names: list[str]) -> str:
    return "this network namespace" if len(names) == 1 else f"these {len(names)} network namespaces"
