"""Values that no plugin or kernel accepts, and keys that do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.report.finding import Severity
from tests.mutation.configs import NO, YES
from tests.mutation.registry import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutation.configs import Change, Good


def _put(good: Good, key: str, *values: Any, types: tuple[str, ...] = ()) -> Iterator[Change]:
    """Other values for every key of this name that holds the same type of value."""
    for path, old in good.keys(key, *types):
        for value in values:
            if type(old) is type(value):
                yield good.put(path, value)


REFERENCE_WITH_MTU = ("bridge", "ptp", "macvlan", "ipvlan", "vlan", "tap", "tuning")


@kind("MTU too small")
def mtu_small(good: Good) -> Iterator[Change]:
    return _put(good, "mtu", 10, 1, 67, types=REFERENCE_WITH_MTU)


@kind("MTU too large")
def mtu_large(good: Good) -> Iterator[Change]:
    return _put(good, "mtu", 70000, 65536, 2**31, 2**70, types=("bridge", "ptp"))


@kind("MTU negative", Severity.WARNING)
def mtu_negative(good: Good) -> Iterator[Change]:
    return _put(good, "mtu", -1, -1450)


@kind("MTU too small for IPv6")
def mtu_small_for_ipv6(good: Good) -> Iterator[Change]:
    if any(":" in value for _, value in good.walk() if isinstance(value, str) and value.count(":") > 1):
        yield from _put(good, "mtu", 1279, 576, types=("bridge", "ptp"))


@kind("VLAN out of range")
def vlan_range(good: Good) -> Iterator[Change]:
    yield from _put(good, "vlan", 4095, -1, 70000, types=("bridge",))
    yield from _put(good, "vlanId", 4095, -1, 70000)
    yield from _put(good, "id", 0, 4095, -1, types=("bridge",))
    yield from _put(good, "minID", 0, -1, types=("bridge",))
    yield from _put(good, "maxID", 4095, types=("bridge",))


@kind("VLAN out of range, vendors", Severity.WARNING)
def vendor_vlan_range(good: Good) -> Iterator[Change]:
    return _put(good, "vlan", 4096, -1, 70000, types=("ovs", "sriov"))


@kind("number out of range")
def number_range(good: Good) -> Iterator[Change]:
    for key, values in {
        "markMasqBit": (32, -1, 100),
        "bcqueuelen": (-1, 2**32),
        "table": (-1, 2**32),
        "owner": (-1, 2**32),
        "group": (-5, 2**32),
        "txQLen": (-1,),
        "ingressRate": (-1, -1000),
        "egressRate": (-1,),
        "ingressBurst": (-1, 2**35),
        "egressBurst": (-1, 2**36),
    }.items():
        yield from _put(good, key, *values)


@kind("number too large for its Go type")
def number_huge(good: Good) -> Iterator[Change]:
    for key in ("mtu", "vlan", "vlanId", "priority", "txQLen", "ingressRate", "log_file_max_size"):
        yield from _put(good, key, 2**64, 10**30)


@kind("string too long")
def string_long(good: Good) -> Iterator[Change]:
    yield from _put(good, "bridge", "br-0123456789abc", "b" * 300, types=("bridge",))
    yield from _put(good, "vrfname", "vrf-0123456789ab")
    yield from _put(good, "iptablesAdminChainName", "A" * 29)


@kind("master or device that can be no interface", Severity.WARNING)
def interface_name(good: Good) -> Iterator[Change]:
    for key in ("master", "bridge"):  # a long name could be an alternative one
        yield from _put(good, key, "eth0/1", "eth 0", types=("macvlan", "ipvlan", "vlan", "bridge"))


@kind("word misspelt that must be one of some")
def word_misspelt(good: Good) -> Iterator[Change]:
    words = {"ipMasqBackend": "iptable", "mode": "bridg", "backend": "nftable", "ingressPolicy": "samebridge"}
    for key, wrong in words.items():
        yield from _put(good, key, wrong, wrong.upper(), types=("bridge", "ptp", "macvlan", "ipvlan", "portmap"))
    yield from _put(good, "ingressPolicy", "same_bridge", "closed", "Open")
    yield from _put(good, "mode", "L2", "l4", "Bridge", "passthrough", types=("macvlan", "ipvlan"))


@kind("word misspelt that must be one of some, vendors")
def vendor_word(good: Good) -> Iterator[Change]:
    for key, wrong in {"datastore_type": "kubernete", "assign_ipv4": "yes", "vlanProto": "8021q"}.items():
        yield from _put(good, key, wrong)
    yield from _put(good, "mode", "active_backup", "transparant", "overly", types=("bond", "azure-vnet", "coordinator"))
    yield from _put(good, "link_state", "up", "enabled")
    yield from _put(good, "trust", "true", "yes")


@kind("firewall backend unknown", Severity.WARNING)
def firewall_backend(good: Good) -> Iterator[Change]:
    return _put(good, "backend", "nftables", "firewaldl", "IPTables", types=("firewall",))


@kind("hairpin and promiscuous mode")
def hairpin_and_promisc(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("bridge"):
        for key, other in (("promiscMode", "hairpinMode"), ("hairpinMode", "promiscMode")):
            if plugin.get(other):
                yield good.put((*path, key), YES, (*path, other))


@kind("addresses on a disabled interface")
def disabled_interface(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("bridge"):
        if "ipam" in plugin:
            yield good.put((*path, "disableContainerInterface"), YES, (*path, "ipam"))


@kind("VLAN range reversed or half")
def vlan_reversed(good: Good) -> Iterator[Change]:
    for path, entry in good.walk():
        if isinstance(entry, dict) and "minID" in entry and good.owner(path) == "bridge":
            both = ((*path, "minID"), (*path, "maxID"))
            yield good.put(path, {"minID": entry["maxID"], "maxID": entry["minID"]}, *both)
            yield good.put(path, {"minID": entry["minID"]}, *both)
            yield good.put(path, {"maxID": entry["maxID"]}, *both)


@kind("masquerading without a gateway", Severity.WARNING)
def masquerade_without_gateway(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("bridge"):
        gateway = [key for key in ("isGateway", "isDefaultGateway") if key in plugin]
        if plugin.get("ipMasq"):
            yield from (good.put((*path, key), NO, (*path, "ipMasq"), path) for key in gateway)
            yield from (good.drop((*path, key), (*path, "ipMasq")) for key in gateway)


@kind("both mark keys")
def both_marks(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("portmap"):
        both = ((*path, "markMasqBit"), (*path, "externalSetMarkChain"), path)
        if "markMasqBit" in plugin:
            yield good.put((*path, "externalSetMarkChain"), "CNI-MARK", *both)
        if "externalSetMarkChain" in plugin:
            yield good.put((*path, "markMasqBit"), 12, *both)


@kind("mark of Kubernetes", Severity.WARNING)
def mark_of_kubernetes(good: Good) -> Iterator[Change]:
    yield from _put(good, "externalSetMarkChain", "KUBE-MARK-MASQ")
    yield from _put(good, "markMasqBit", 14)


@kind("rate in the wrong unit", Severity.WARNING)
def rate_low(good: Good) -> Iterator[Change]:
    yield from _put(good, "ingressRate", 10, 100)
    yield from _put(good, "egressRate", 10, 1)


@kind("sysctl outside net")
def sysctl_outside(good: Good) -> Iterator[Change]:
    for path, value in good.keys("sysctl"):
        for name in value:
            for wrong in ("kernel.shmmax", "vm.swappiness", "fs.file-max", "kernel/msgmax", "/etc/passwd"):
                yield good.rename((*path, name), wrong)


@kind("MAC address of a group")
def mac_of_group(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("macvlan", "tuning"):
        if "mac" in plugin.get("capabilities", {}):
            for mac in ("01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "33:33:00:00:00:01", "03-00-00-00-00-01"):
                yield good.put((*path, "mac"), mac)


@kind("MAC address that is none")
def mac_none(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("macvlan", "tuning"):
        if "mac" in plugin.get("capabilities", {}):
            for mac in ("0a:58:0a:01:00", "0a:58:0a:01:00:0g", "random", "0a58:0a01", "0a:58:0a:01:00:05:", " "):
                yield good.put((*path, "mac"), mac)


@kind("kernel path outside /sys/devices")
def kernel_path(good: Good) -> Iterator[Change]:
    return _put(good, "kernelpath", "/sys/class/net/eth0", "sys/devices/pci0000:00", "/dev/net/eth0", "/sys/devices")


@kind("PCI address that is none", Severity.WARNING)
def pci_address(good: Good) -> Iterator[Change]:
    return _put(good, "pciBusID", "03:00", "0000-03-00-1", "eth0", "0000:03:00:1")


@kind("DHCP option that is none", Severity.WARNING)
def dhcp_option(good: Good) -> Iterator[Change]:
    return _put(good, "option", "hostname", "256", "-1", "subnet_mask")


@kind("addresses by MAC address for interfaces that share one", Severity.WARNING)
def dhcp_shared(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins("ipvlan"):
        yield good.put((*path, "ipam"), {"type": "dhcp"}, (*path, "ipam", "type"), path)


@kind("SR-IOV options that do not fit", Severity.WARNING, errors=2)
def sriov_options(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("sriov"):
        rates = ((*path, "min_tx_rate"), (*path, "max_tx_rate"), path)
        yield good.put((*path, "min_tx_rate"), plugin["max_tx_rate"] + 1, *rates)
        yield good.drop((*path, "vlan"), (*path, "vlanQoS"), (*path, "vlanProto"))
        yield good.put((*path, "vlanQoS"), 8)


@kind("bond with one link", Severity.WARNING)
def bond_links(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins("bond"):
        yield good.put((*path, "links"), [{"name": "net1"}])
        yield good.put((*path, "links"), [])
        yield good.put((*path, "miimon"), "fast")
