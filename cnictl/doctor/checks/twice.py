"""What may be there only once and is there twice: addresses, and VXLANs."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from cnictl.doctor.checks.addresses import fate_of, shown
from cnictl.doctor.checks.leftovers import leftover_links
from cnictl.doctor.facts.pods import Fate
from cnictl.doctor.facts.products import PRODUCTS
from cnictl.doctor.registry import Hit, check
from cnictl.report.finding import Fix, Location, Severity
from cnictl.runtime.attachments import addresses_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.doctor.node import Node
    from cnictl.netns.survey import Link

_OF_EVERYBODY = ("127.", "::1", "fe80:", "169.254.")
"""How addresses begin that every pod may have."""


@check(
    "CNI890",
    "address-twice",
    Severity.ERROR,
    "addresses",
    reads="the result caches, host-local's leases, and the node's addresses",
    well="no two pods have the same address, and none has one of the node's",
    leads_to=("unreachable",),
)
def address_twice(node: Node) -> Iterator[Hit]:
    """Two pods have the same address, or a pod has one of the node's.

    Why:
        Connections to the address reach now the one, now the other, and break off when it changes. It happens when the
        directory of host-local's leases was deleted while pods were running, when two networks give out the same
        subnet on one bridge, and when an address of the node lies in the pods' range.
    Bad:
        10.244.1.5 stands in two files in /var/lib/cni/results, and both pods run
    Good:
        every address stands in one file of a running pod
    Fix:
        Delete all but one of the pods; when the address is the node's, take it out of the range with "rangeStart" and
        "rangeEnd".
    Reference:
        CNI spec 1.1.0, section 2, "ADD: Add container to network, or apply modifications"
    """
    holders = _holders(node)
    for address, ids in holders.items():
        if len(ids) > 1:
            yield _shared(node, address, ids)
    yield from _of_the_node(node, holders)


def _shared(node: Node, address: str, ids: set[str]) -> Hit:
    names = shown([node.pods.name_of(each) for each in sorted(ids)])
    message = f"{address} belongs to {len(ids)} pods: {names}"
    fix = Fix(
        "delete all but one of these pods (kubectl delete pod), so that they are created again with addresses of "
        "their own"
    )
    severity = None
    if node.pods.trouble is not None:  # then one of them may be gone
        message = f"{address} is noted for {len(ids)} pods: {names}"
        fix = Fix("see which of them are there (`crictl pods`), and delete all but one")
        severity = Severity.WARNING
    evidence = {"address": address, "containers": sorted(ids)}
    return Hit(Location(_path(node, address, ids)), message, fix, evidence, severity)


def _holders(node: Node) -> Mapping[str, set[str]]:
    """The containers that have an address, without those that are gone."""
    found: dict[str, set[str]] = defaultdict(set)
    for entry in node.state.attachments:
        addresses = [address.partition("/")[0] for address in addresses_of(entry.result)]
        if addresses and node.pods.fate_of(entry.container_id, entry.netns) is not Fate.GONE:
            for address in addresses:
                found[address].add(entry.container_id)
    for lease in node.state.leases:
        if lease.container_id and fate_of(node, lease) is Fate.ALIVE:
            found[lease.address].add(lease.container_id)
    return {address: ids for address, ids in found.items() if not address.startswith(_OF_EVERYBODY)}


def _path(node: Node, address: str, ids: set[str]) -> str:
    """A file that says so."""
    entries = [entry for each in sorted(ids) for entry in node.state.attachments_of(each)]
    found = (entry.path for entry in entries if any(a.startswith(f"{address}/") for a in addresses_of(entry.result)))
    return next(found, f"/var/lib/cni/networks/{address}")


def _of_the_node(node: Node, holders: Mapping[str, set[str]]) -> Iterator[Hit]:
    for each in node.survey.addresses if holders else ():
        address = each.address.partition("/")[0]
        for container_id in sorted(holders.get(address, ()))[:1]:
            message = f"the pod {node.pods.name_of(container_id)} has {address}, and so has {each.link} of the node"
            fix = Fix(f"take {address} out of the pods' range, then delete the pod")
            yield Hit(
                Location(_path(node, address, {container_id})), message, fix, {"address": address, "link": each.link}
            )


@check(
    "CNI885",
    "vxlan-twice",
    Severity.ERROR,
    "links and routes",
    reads="the node's links",
    well="no two VXLANs want the same port",
    leads_to=("unreachable",),
    symptoms=(
        r"failed to set interface \S+ to UP state: address already in use",
        r"RTNETLINK answers: Address already in use",
    ),
)
def vxlan_twice(node: Node) -> Iterator[Hit]:
    """A VXLAN, the tunnel between nodes, cannot be set up, because another one has its port.

    Why:
        Cilium's VXLAN receives all IDs at its port, and the kernel lets no other one receive some of them there. The
        one of a network product that was removed keeps its place: Cilium restarts with "RTNETLINK answers: Address
        already in use", flannel says "failed to set interface flannel.1 to UP state: address already in use", and no
        packet reaches another node. `ip -d link show type vxlan` shows them.
    Bad:
        cilium_vxlan and flannel.1, both at port 8472
    Good:
        one VXLAN at port 8472
    Fix:
        Delete the one of the product that is not used any more, such as `ip link del flannel.1`.
    Reference:
        Cilium issue 8990
    """
    vxlans = [link for link in node.survey.links if link.kind == "vxlan"]
    for one, other in combinations(vxlans, 2):
        down = [link for link in (one, other) if not link.up]
        if down and _collide(one, other):
            message = f"{one.name} and {other.name} both want port {one.port}, and {down[0].name} is down"
            fix = Fix(f"delete the one whose network product is not used any more: {_which(node, one, other)}")
            evidence = {"links": [one.name, other.name], "port": one.port}
            yield Hit(Location(f"/sys/class/net/{down[0].name}"), message, fix, evidence)


def _which(node: Node, one: Link, other: Link) -> str:
    """The command that deletes the one that no config's product has made, where that can be told."""
    left = {link.name for product in PRODUCTS for link in leftover_links(node, product)} & {one.name, other.name}
    names = left if len(left) == 1 else (one.name, other.name)
    return " or ".join(f"`ip link del {name}`" for name in names)


def _collide(one: Link, other: Link) -> bool:
    """Whether both want the same packets: one that serves all IDs wants all of them.

    Of two with one ID the kernel does not even make the second, unless they are for the two versions of IP.
    """
    return bool(one.port) and one.port == other.port and 0 in (one.number, other.number)
