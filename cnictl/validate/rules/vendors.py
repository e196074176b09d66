"""CNI437 and CNI438: options of sriov and bond that depend on each other."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cnictl.model.view import items_at, string_at
from cnictl.report.finding import Severity
from cnictl.validate.registry import Hit, manual, plugin_rule, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import Node


def _whole(node: Node | None) -> int | None:
    """A whole number; ``None`` when it is something else."""
    return node.value if node is not None and node.kind == "integer" else None


@plugin_rule("CNI437", "sriov-options", Severity.ERROR, "sriov")
def sriov_options(plugin: PluginView) -> Iterator[Hit]:
    """sriov is given options that contradict each other.

    Why:
        The plugin fails for every pod: "non-zero vlan id must be configured to set vlan QoS to a non-zero value", or
        "failed to set vf ... min_tx_rate".
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [
          {"type": "sriov", "min_tx_rate": 1000, "max_tx_rate": 100}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [
          {"type": "sriov", "min_tx_rate": 100, "max_tx_rate": 1000}]}
    Fix:
        Choose a VLAN other than 0 for "vlanQoS" and 802.1ad, and a "min_tx_rate" that is not above "max_tx_rate".
    Reference:
        k8snetworkplumbingwg/sriov-cni, docs/configuration-reference.md
    """
    yield from _tags_without_vlan(plugin)
    rate = plugin.value_of("min_tx_rate")
    least, most = _whole(rate), _whole(plugin.value_of("max_tx_rate"))
    if rate is not None and least is not None and most is not None and 0 < most < least:  # 0 is no limit
        message = f'"min_tx_rate" is {least}, which is more than the {most} of "max_tx_rate"'
        yield Hit(rate.label, message, manual("make it at most max_tx_rate"))


def _tags_without_vlan(plugin: PluginView) -> Iterator[Hit]:
    vlan = plugin.value_of("vlan")
    if vlan is None or (vlan.kind != "null" and _whole(vlan) != 0):
        return  # that the key is missing is said by the schema
    for key in ("vlanQoS", "vlanProto"):
        node = plugin.value_of(key)
        if node is not None and node.kind != "null" and (vlan.kind == "null" or _needs_tag(node)):
            message = f'"{key}" needs a VLAN, and "vlan" is {"null" if vlan.kind == "null" else 0}'
            yield Hit(node.label, message, manual('give "vlan" a number above 0'))


def _needs_tag(node: Node) -> bool:
    """Whether a priority or protocol is another one than that of untagged frames."""
    return bool(_whole(node)) or (node.kind == "string" and node.value.lower() == "802.1ad")


@plugin_rule("CNI438", "bond-options", Severity.ERROR, "bond")
def bond_options(plugin: PluginView) -> Iterator[Hit]:
    """bond is given options that it refuses, or an interface twice.

    Why:
        The plugin fails for every pod: "failed to convert bondMiimon value", "tlbDynamicLb is only supported in
        balance-tlb or balance-alb mode". An interface that is there twice is not found the second time; one in the
        container is taken once, and nothing is left when it fails.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [{"type": "bond", "mode": "active-backup", "miimon": "100ms",
          "linksInContainer": true, "links": [{"name": "net1"}, {"name": "net2"}]}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "fast", "plugins": [{"type": "bond", "mode": "active-backup", "miimon": "100",
          "linksInContainer": true, "links": [{"name": "net1"}, {"name": "net2"}]}]}
    Fix:
        Name each interface once, and write "miimon" as milliseconds in a string without a unit.
    Reference:
        k8snetworkplumbingwg/bond-cni, README, section "Configuration details"
    """
    yield from _links_twice(plugin)
    interval, dynamic = plugin.value_of("miimon"), plugin.value_of("tlbDynamicLb")
    if interval is not None and interval.kind == "string" and not re.fullmatch("[+-]?[0-9]+", interval.value):
        message = f'"miimon" is {json.dumps(interval.value)}, and must be milliseconds without a unit'
        yield Hit(interval.label, message, manual('write it like "100"'))
    mode = string_at(plugin.node, "mode")
    if dynamic is not None and dynamic.kind == "integer" and mode and mode not in ("balance-tlb", "balance-alb"):
        message = f'"tlbDynamicLb" is for balance-tlb and balance-alb, and the mode is {json.dumps(mode)}'
        yield Hit(dynamic.label, message, safe("leave it out"))


def _links_twice(plugin: PluginView) -> Iterator[Hit]:
    seen: set[str] = set()
    for link in items_at(plugin.node, "links"):
        node = link.child("name")
        if node is None or node.kind != "string":
            continue
        if node.value in seen:
            yield Hit(
                node.label, f"{json.dumps(node.value)} is among the links already", manual("name each interface once")
            )
        seen.add(node.value)
