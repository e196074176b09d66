"""Plugins in the wrong order or company, and the capabilities that they declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.report.finding import Severity
from cnictl.schema import is_reference, plugin_facts
from tests.mutation.configs import NO
from tests.mutation.registry import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutation.configs import Change, Good, Steps

CHAINED = ("portmap", "bandwidth", "firewall", "tuning", "sbr", "vrf")
INTERFACE = ("bridge", "ptp", "macvlan", "ipvlan", "dummy", "tap", "calico", "antrea", "kube-ovn", "weave-net")


def _behind(good: Good) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """The chained plugins of a list."""
    return ((path, plugin) for path, plugin in good.plugins(*CHAINED) if path)


@kind("chained plugin moved to the front", everywhere=True)
def chained_first(good: Good) -> Iterator[Change]:
    for _, plugin in _behind(good):
        others = [item for item in good.data["plugins"] if item is not plugin]
        first = ("plugins", 0)
        yield good.put(("plugins",), [plugin, *others], first, (*first, "type"))


@kind("interface plugin deleted")
def interface_deleted(good: Good) -> Iterator[Change]:
    if "plugins" in good.data and good.data["plugins"][1:] and good.data["plugins"][1]["type"] in CHAINED:
        yield good.drop(("plugins", 0), ("plugins", 0), ("plugins", 0, "type"))


@kind("chained plugin twice", Severity.WARNING, everywhere=True)
def chained_twice(good: Good) -> Iterator[Change]:
    for path, plugin in _behind(good):
        then = ("plugins", int(path[1]) + 1)
        yield good.insert(path, plugin, (*path, "type"), then, (*then, "type"))


@kind("interface plugin twice", everywhere=True)
def interface_twice(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins(*INTERFACE):
        if path and plugin["type"] != "ipvlan":  # which may stand behind another
            then = ("plugins", int(path[1]) + 1)
            yield good.insert(path, plugin, (*path, "type"), then, (*then, "type"))


@kind("two interface plugins")
def two_interfaces(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins(*INTERFACE):
        if path == ("plugins", 0):
            for other in ({"type": "macvlan", "master": "eth5"}, {"type": "bridge", "bridge": "br7", "vlan": 7}):
                then = ("plugins", 1)
                yield good.insert(then, other, (*then, "type"))


@kind("bandwidth behind an interface without a veth peer")
def bandwidth_without_veth(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins("macvlan", "ipvlan", "vlan", "host-device", "tap", "dummy"):
        if path:
            bandwidth = {"type": "bandwidth", "capabilities": {"bandwidth": True}}
            last = ("plugins", len(good.data["plugins"]))
            yield good.put(("plugins",), [*good.data["plugins"], bandwidth], last, (*last, "type"))


@kind("capability portMappings deleted", everywhere=True)
def portmap_without(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("portmap"):
        yield good.drop((*path, "capabilities"))
        yield good.put((*path, "capabilities"), {}, path)
        if "portMappings" in plugin["capabilities"]:
            yield good.put((*path, "capabilities", "portMappings"), NO, (*path, "capabilities"), path)


@kind("capability portMappings misspelt", everywhere=True)
def portmap_misspelt(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins("portmap"):
        for wrong in ("portMapping", "portmappings", "portMapings", "port_mappings", "PortMappings", "hostPorts"):
            yield good.rename((*path, "capabilities", "portMappings"), wrong, (*path, "capabilities"), path)


@kind("capability bandwidth deleted or misspelt", Severity.WARNING, everywhere=True)
def bandwidth_without(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("bandwidth"):
        if "capabilities" in plugin:
            yield good.drop((*path, "capabilities"))
            yield good.put((*path, "capabilities", "bandwidth"), NO, (*path, "capabilities"), path)
            yield good.rename((*path, "capabilities", "bandwidth"), "bandwith", (*path, "capabilities"), path)


@kind("capability that the plugin does not read", Severity.WARNING)
def capability_unused(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins():
        facts = plugin_facts(plugin["type"])
        if facts and not facts.vendor:
            for name in sorted({"portMappings", "bandwidth", "deviceID"} - facts.capabilities):
                if "ipam" not in plugin or is_reference(plugin["ipam"]["type"]):
                    place = (*path, "capabilities")
                    yield good.put(place, {**plugin.get("capabilities", {}), name: True}, (*place, name), path)


@kind("limits and capability at once", Severity.WARNING)
def limits_and_capability(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("bandwidth"):
        if "ingressRate" in plugin:
            places = (path, (*path, "ingressRate"), (*path, "capabilities", "bandwidth"))
            yield good.put((*path, "capabilities"), {"bandwidth": True}, *places)


@kind("ipam in a chained plugin", Severity.WARNING, everywhere=True)
def ipam_in_chained(good: Good) -> Iterator[Change]:
    for path, _ in _behind(good):
        yield good.put((*path, "ipam"), {"type": "host-local", "subnet": "10.99.0.0/24"})


@kind("ingress policy without a bridge", Severity.WARNING)
def policy_without_bridge(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins("firewall"):
        if good.data["plugins"][0]["type"] != "bridge":
            yield good.put((*path, "ingressPolicy"), "same-bridge", path)


@kind("backends mixed", Severity.WARNING)
def backends_mixed(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("portmap"):
        if plugin.get("backend") == "nftables":
            first = ("plugins", 0, "ipMasqBackend")
            yield good.put(first, "iptables", (*path, "backend"))


@kind("flannel's delegate with keys of flannel")
def delegate_refused(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins("flannel"):
        yield good.put((*path, "delegate", "name"), "other")
        yield good.put((*path, "delegate", "ipam"), {"type": "host-local"})


@kind("multus with two main networks or none", Severity.WARNING)
def multus_networks(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("multus"):
        if "clusterNetwork" in plugin:
            yield good.put((*path, "delegates"), [{"type": "flannel", "name": "x"}], path, (*path, "clusterNetwork"))
            yield good.drop((*path, "clusterNetwork"))


@kind("resolver settings where they are not read", Severity.WARNING)
def dns_misplaced(good: Good) -> Iterator[Change]:
    for path, _ in good.ipams("host-local"):
        yield good.put((*path, "dns"), {"nameservers": ["10.96.0.10"]})


@kind("limits for an interface that is no veth pair")
def limits_without_veth(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins("macvlan", "ipvlan", "sriov", "dummy", "tap"):
        if path == ("plugins", 0):
            then = ("plugins", 1)
            plugin = {"type": "bandwidth", "capabilities": {"bandwidth": True}}
            yield good.put(("plugins",), [good.data["plugins"][0], plugin], (*then, "type"))
