"""CNI442 to CNI444 and CNI448: limits, sysctls and routing tables, as the kernel takes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.report.finding import Severity
from cnictl.schema import is_reference
from cnictl.text.node import ObjectNode
from cnictl.validate.registry import Hit, manual, plugin_rule, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView, PluginView
    from cnictl.text.node import Member


def _positive(plugin: PluginView, key: str) -> int | None:
    """A whole number above 0; ``None`` when it is something else."""
    node = plugin.value_of(key)
    return node.value if node is not None and node.kind == "integer" and node.value > 0 else None


_ETHERNET = 14
"""What a frame has in front of the packet, in bytes."""
_USUAL_MTU = 1500
_LARGEST_MTU = 65535
"""What is larger is reported as such."""
_LEAST_MTU = 1280
"""What any link has that carries IPv6: no plugin of another project is known to choose less."""
_PLAUSIBLE_RATE = 10_000
"""Below, the unit of the rate is wrong and probably that of the burst too: CNI418."""


def _mtu(network: NetworkView) -> int:
    """The least MTU that pods of a network can have, as far as the config tells."""
    told = [mtu for plugin in network.plugins if (mtu := _positive(plugin, "mtu")) and mtu <= _LARGEST_MTU]
    usual = _USUAL_MTU if all(is_reference(plugin.type or "") for plugin in network.plugins) else _LEAST_MTU
    return min(told, default=usual)


@plugin_rule("CNI442", "burst-too-small", Severity.WARNING, "bandwidth")
def burst_too_small(plugin: PluginView) -> Iterator[Hit]:
    """The burst is smaller than a full packet.

    Why:
        A frame that is larger than the burst is never sent, however long it waits. Small packets pass, so ping works
        and connections are made; as soon as data flows they stall.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "bandwidth", "ingressRate": 10000000, "ingressBurst": 1500}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "bandwidth", "ingressRate": 10000000, "ingressBurst": 80000000}]}
    Fix:
        Write the burst in bits, and make it ten packets or more: 120000 for an MTU of 1500.
    Reference:
        man 8 tc-tbf, "burst"; cni.dev, "bandwidth plugin"
    """
    frame = (plugin.network.once(_mtu) + _ETHERNET) * 8
    for direction in ("ingress", "egress"):
        rate, burst = (_positive(plugin, f"{direction}{what}") for what in ("Rate", "Burst"))
        node = plugin.value_of(f"{direction}Burst")
        if node is not None and burst is not None and burst < frame and (rate or 0) >= _PLAUSIBLE_RATE:
            message = f'"{direction}Burst" is {burst} bits, and a full frame has {frame}'
            yield Hit(node.label, message, manual("write it in bits, and ten frames or more"))


_EVERYWHERE = ("all", "default", "lo", "IFNAME", "")


@plugin_rule("CNI443", "sysctl-of-fixed-interface", Severity.WARNING, "tuning")
def sysctl_of_fixed_interface(plugin: PluginView) -> Iterator[Hit]:
    """A kernel setting names the pod's interface, whose name the runtime chooses.

    Why:
        The first interface of a pod is eth0 as a rule, a further one net1, and so on. Where the name is another one the
        setting is made for the wrong interface, or the pod fails: "no such file or directory".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "tuning", "sysctl": {"net.ipv4.conf.eth0.arp_filter": "1"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "tuning", "sysctl": {"net.ipv4.conf.IFNAME.arp_filter": "1"}}]}
    Fix:
        Write IFNAME instead of the name; plugins since v1.1.0 know it.
    Reference:
        cni.dev, "tuning plugin", section "System Controls Operation"
    """
    settings = plugin.value_of("sysctl")
    for member in settings if isinstance(settings, ObjectNode) else ():
        name = _interface(member.name)
        if name not in _EVERYWHERE:
            message = f"the setting is for the interface {name}, and the runtime chooses the name"
            yield Hit(member.label, message, unsafe("write IFNAME instead of the name"))


def _interface(setting: str) -> str:
    """The interface that a setting is about; empty when it is about none."""
    # tuning takes dots and slashes for the same
    found = re.match("net[./](?:ipv4|ipv6|mpls)[./](?:conf|neigh)[./]([^./\\s]+)[./].", setting)
    return found[1] if found else ""


@plugin_rule("CNI444", "sysctl-args-crash", Severity.ERROR, "tuning")
def sysctl_args_crash(plugin: PluginView) -> Iterator[Hit]:
    """tuning is given sysctls in its arguments and none of its own.

    Why:
        The plugin adds the one to the other without looking whether the other is there, and crashes for every pod:
        "panic: assignment to entry in nil map", exit status 2.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "tuning", "args": {"cni": {"sysctl": {"net.core.somaxconn": "500"}}}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "tuning", "sysctl": {"net.core.somaxconn": "500"}}]}
    Fix:
        Move them to "sysctl"; or add "sysctl": {}.
    Reference:
        containernetworking/plugins, tuning, function parseConf
    """
    own, member = plugin.value_of("sysctl"), _argument(plugin, "sysctl")
    told = member is not None and member.node.kind == "object" and bool(member.node.value)
    if member is not None and told and (own is None or own.kind == "null"):
        message = 'tuning crashes on sysctls in "args" when it has no "sysctl" beside them'
        yield Hit(member.label, message, manual('move them to "sysctl", or add "sysctl": {}'))


def _argument(plugin: PluginView, key: str) -> Member | None:
    """An argument below ``args.cni``."""
    node = plugin.value_of("args")
    member = node.folded("cni") if isinstance(node, ObjectNode) else None
    return member.node.folded(key) if member and isinstance(member.node, ObjectNode) else None


_RESERVED_TABLES = {253: "default", 254: "main", 255: "local"}


@plugin_rule("CNI448", "vrf-table-reserved", Severity.WARNING, "vrf")
def vrf_table_reserved(plugin: PluginView) -> Iterator[Hit]:
    """The VRF has a routing table that everything else in the pod uses too.

    Why:
        A VRF keeps its routes apart by having a table of its own. In one of the kernel's own tables they are mixed with
        those of the pod's other interfaces: ADD succeeds, and nothing is kept apart.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "vrf", "vrfname": "blue", "table": 254}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"},
          {"type": "vrf", "vrfname": "blue", "table": 100}]}
    Fix:
        Choose another number, or leave the key out: the plugin then takes a free one.
    Reference:
        Linux kernel documentation, "Virtual Routing and Forwarding (VRF)"; man 8 ip-route, "table TABLEID"
    """
    node, table = plugin.value_of("table"), _positive(plugin, "table")
    if node is not None and table in _RESERVED_TABLES:
        message = f'{table} is the kernel\'s table "{_RESERVED_TABLES[table]}", which all interfaces share'
        yield Hit(node.label, message, manual("choose another number, or leave it out"))
