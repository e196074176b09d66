"""CNI602, CNI609 to CNI611 and CNI615: networks in one directory that get in each other's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.view import child_of, is_true, items_at, string_at, top_level, value_at
from cnictl.report.finding import Severity
from cnictl.validate.pools import pools
from cnictl.validate.registry import DirectoryHit, directory_rule, manual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView
    from cnictl.text.node import Node
    from cnictl.validate.directory import Directory
    from cnictl.validate.pools import Pool


@directory_rule("CNI602", "duplicate-network-name", Severity.WARNING)
def duplicate_network_name(directory: Directory) -> Iterator[DirectoryHit]:
    """Two files hold a network of the same name.

    Why:
        Runtimes and plugins know a network by its name: host-local keeps its addresses under it, libcni its cache.
        CRI-O and cnitool take the first file, and of two files it is hard to tell which one; when the first is removed,
        pods of the one are taken down with the config of the other.
    Bad:
        /etc/cni/net.d/10-pods.conflist    with "name": "pods"
        /etc/cni/net.d/20-pods.conf        with "name": "pods"
    Good:
        /etc/cni/net.d/10-pods.conflist    with "name": "pods"
    Fix:
        Remove the file that is not meant, or give its network another name.
    Reference:
        CNI specification 1.1.0, section 1 "Network configuration format"; containerd/cri issue 889
    """
    owners: dict[str, str] = {}
    for file, network in directory.loadable:
        name = top_level(network.node, "name")
        if not network.name or name is None or _wraps_another(network):
            continue
        owner = owners.setdefault(network.name, file)
        if owner != file:
            message = f'{owner} has a network "{network.name}" too'
            fix = manual("remove the file that is not meant, or rename its network")
            yield DirectoryHit(file, message, name.label, fix)


def _wraps_another(network: NetworkView) -> bool:
    """Whether it is multus, which can be told to take the name of the network that it wraps."""
    return any(plugin.type in ("multus", "multus-shim") for plugin in network.plugins)


@directory_rule("CNI609", "subnet-in-two-networks", Severity.WARNING)
def subnet_in_two_networks(directory: Directory) -> Iterator[DirectoryHit]:
    """Two networks give out the same addresses.

    Networks that never meet are left alone: those on different physical interfaces, and bridges without a gateway.

    Why:
        host-local keeps a list of the addresses in use for each network and knows nothing of the other, so that two
        pods get the same address, and the node has two routes to one subnet.
    Bad:
        /etc/cni/net.d/10-pods.conflist       with "subnet": "10.1.0.0/24"
        /etc/cni/net.d/20-storage.conflist    with "subnet": "10.1.0.0/16"
    Good:
        /etc/cni/net.d/10-pods.conflist       with "subnet": "10.1.0.0/24"
        /etc/cni/net.d/20-storage.conflist    with "subnet": "10.2.0.0/16"
    Fix:
        Give each network a subnet of its own, or a part of it with "rangeStart" and "rangeEnd".
    Reference:
        cni.dev, "host-local IP address management plugin"
    """
    reported: set[tuple[str, str]] = set()
    for one, other in _overlaps(_uses(directory)):
        earlier, later = sorted((one, other), key=lambda use: use.order)
        pair = (earlier.file, later.file)
        if pair not in reported:
            reported.add(pair)
            message = f"{later.pool.subnet} shares addresses with {earlier.pool.subnet} in {earlier.file}"
            fix = manual("give each network a subnet of its own")
            yield DirectoryHit(later.file, message, later.pool.node.at(["subnet"]).label, fix)


class _Use:
    """A pool, and the network that gives out its addresses.

    Args:
        order: The place of the file among all.
        file: The file.
        plugin: The plugin that has the pool.
        pool: The pool.
    """

    def __init__(self, order: int, file: str, plugin: PluginView, pool: Pool) -> None:
        self.order = order
        self.file = file
        self.network = plugin.network.name
        self.segment = _segment(plugin)
        self.pool = pool
        self.version = pool.subnet.version if pool.subnet else 0
        self.first, self.last = int(pool.first or 0), int(pool.last or 0)

    def meets(self, other: _Use) -> bool:
        """Whether two pods, one from each, could be seen with the same address."""
        apart = self.segment is not None and other.segment is not None and self.segment != other.segment
        return self.network != other.network and not apart


_ON_MASTER = ("macvlan", "ipvlan", "vlan", "sriov")


def _segment(plugin: PluginView) -> tuple[str | None, object] | None:
    """The link that alone sees the addresses; ``None`` when the node has routes to them."""
    if plugin.type in _ON_MASTER:
        return "master", (string_at(plugin.node, "master"), str(plugin.node.at(["vlanId"]).value)[:9])
    gateway = any(is_true(plugin.node, key) for key in ("isGateway", "isDefaultGateway"))
    if plugin.type == "bridge" and not gateway:
        return "bridge", _bridge(plugin)
    return None


def _bridge(plugin: PluginView) -> str:
    """The name of the bridge."""
    return string_at(plugin.node, "bridge") or "cni0"


def _uses(directory: Directory) -> list[_Use]:
    """Every pool that can be read, the lowest address first."""
    found = [
        _Use(order, file, plugin, pool)
        for order, (file, network) in enumerate(directory.loadable)
        for plugin in network.plugins
        for pool in pools(plugin)
        if pool.subnet is not None
    ]
    return sorted(found, key=lambda use: (use.version, use.first, use.order))


def _overlaps(uses: list[_Use]) -> Iterator[tuple[_Use, _Use]]:
    """Pools, in the order of their first addresses, each with one of another file that it overlaps with."""
    open_ones: dict[object, list[_Use]] = {}
    for use in uses:
        near = list(open_ones) if use.segment is None else [use.segment, None]
        for segment in near:
            others = open_ones.pop(segment, [])
            still_open = [other for other in others if other.version == use.version and other.last >= use.first]
            if still_open:  # links on which nothing is open any more must not be looked at again and again
                open_ones[segment] = still_open
        candidates = (other for segment in near for other in open_ones.get(segment, ()))
        meeting = next((other for other in candidates if use.last >= use.first and use.meets(other)), None)
        if meeting is not None:
            yield meeting, use
        if meeting is None or use.last > meeting.last:  # whatever meets it meets the other one too
            open_ones.setdefault(use.segment, []).append(use)


@directory_rule("CNI610", "bridge-mtu-differs", Severity.WARNING)
def bridge_mtu_differs(directory: Directory) -> Iterator[DirectoryHit]:
    """Two networks use the same bridge with different MTUs.

    Why:
        The bridge gets the MTU of the first pod that needs it and keeps it, so that what fits depends on which pod was
        started first; large packets from one network to the other are lost.
    Bad:
        /etc/cni/net.d/10-pods.conflist       with "bridge": "cni0", "mtu": 1500
        /etc/cni/net.d/20-storage.conflist    with "bridge": "cni0", "mtu": 9000
    Good:
        /etc/cni/net.d/10-pods.conflist       with "bridge": "cni0", "mtu": 1500
        /etc/cni/net.d/20-storage.conflist    with "bridge": "cni1", "mtu": 9000
    Fix:
        Use the same MTU, or a bridge for each network.
    Reference:
        containernetworking/plugins, bridge, function ensureBridge
    """
    owners: dict[str, tuple[str, int]] = {}
    for file, plugin in _plugins(directory, "bridge"):
        mtu = plugin.node.child("mtu")
        if mtu is None or mtu.kind != "integer" or mtu.value <= 0:
            continue
        owner, usual = owners.setdefault(_bridge(plugin), (file, mtu.value))
        if owner != file and mtu.value != usual:
            message = f"the bridge {_bridge(plugin)} is to have the MTU {mtu.value}, and {usual} in {owner}"
            yield DirectoryHit(file, message, mtu.label, manual("use the same MTU, or another bridge"))


@directory_rule("CNI615", "bridge-address-differs", Severity.WARNING)
def bridge_address_differs(directory: Directory) -> Iterator[DirectoryHit]:
    """Two networks want the same bridge for a gateway with different addresses.

    Why:
        A bridge has one IPv4 address. The network whose pod comes first gives it its own, and pods of the other fail:
        '"cni0" already has an IP address different from 10.2.0.1/16'. With "forceAddress" they take the address away
        from the first one instead.
    Bad:
        /etc/cni/net.d/10-pods.conflist       with "bridge": "cni0", "isGateway": true, "subnet": "10.1.0.0/16"
        /etc/cni/net.d/20-storage.conflist    with "bridge": "cni0", "isGateway": true, "subnet": "10.2.0.0/16"
    Good:
        /etc/cni/net.d/10-pods.conflist       with "bridge": "cni0", "isGateway": true, "subnet": "10.1.0.0/16"
        /etc/cni/net.d/20-storage.conflist    with "bridge": "cni1", "isGateway": true, "subnet": "10.2.0.0/16"
    Fix:
        Choose a bridge for each network.
    Reference:
        containernetworking/plugins, bridge, function ensureAddr
    """
    owners: dict[tuple[str, str], tuple[str, str]] = {}
    for file, plugin in _plugins(directory, "bridge"):
        address = _gateway_address(plugin)
        if address is None:
            continue
        bridge, vlan = _bridge(plugin), child_of(plugin.node, "vlan")
        # In a VLAN the address is that of another interface, <bridge>.<vlan>.
        owner, usual = owners.setdefault((bridge, str(vlan.value or 0) if vlan else "0"), (file, address))
        if owner != file and address != usual:
            message = f"the bridge {bridge} is to have the address {address}, and {usual} in {owner}"
            label = value_at(plugin.node, "bridge").label
            yield DirectoryHit(file, message, label, manual("choose a bridge for each network"))


def _gateway_address(plugin: PluginView) -> str | None:
    """The IPv4 address that a bridge gets as the gateway; ``None`` when it is none, or that is not known."""
    gateway = any(is_true(plugin.node, key) for key in ("isGateway", "isDefaultGateway"))
    known = (pool for pool in pools(plugin) if gateway and pool.gateway is not None)
    first = next((pool for pool in known if pool.gateway and pool.gateway.version == _IPV4), None)
    return f"{first.gateway}/{first.subnet.prefixlen}" if first is not None and first.subnet is not None else None


_IPV4 = 4


def _plugins(directory: Directory, type_: str) -> Iterator[tuple[str, PluginView]]:
    """All plugins of a type, with their files."""
    for file, network in directory.loadable:
        yield from ((file, plugin) for plugin in network.plugins if plugin.type == type_)


@directory_rule("CNI611", "portmap-conditions-differ", Severity.WARNING)
def portmap_conditions_differ(directory: Directory) -> Iterator[DirectoryHit]:
    """Two networks forward ports with nftables under different conditions.

    Why:
        All networks share the chains of portmap, and each ADD flushes them and writes its own conditions: those of the
        pod that was started last hold for the ports of all.
    Bad:
        /etc/cni/net.d/10-pods.conflist       with "backend": "nftables", "conditionsV4": ["iifname", "eth0"]
        /etc/cni/net.d/20-storage.conflist    with "backend": "nftables"
    Good:
        both with "backend": "nftables", "conditionsV4": ["iifname", "eth0"]
    Fix:
        Use the same conditions, or "backend": "iptables", which keeps them apart.
    Reference:
        containernetworking/plugins, portmap, method forwardPorts of portMapperNFTables
    """
    owners: dict[str, tuple[str, list[object]]] = {}
    for file, plugin in _plugins(directory, "portmap"):
        for key in ("conditionsV4", "conditionsV6") if string_at(plugin.node, "backend") == "nftables" else ():
            conditions = [item.value for item in items_at(plugin.node, key)]
            owner, usual = owners.setdefault(key, (file, conditions))
            if owner != file and conditions != usual:
                node: Node = plugin.node.child(key) or plugin.node
                message = f'"{key}" is not what it is in {owner}, and what the last pod brings holds for all'
                yield DirectoryHit(file, message, node.label, manual("use the same conditions"))
