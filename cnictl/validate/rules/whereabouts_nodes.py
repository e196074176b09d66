"""CNI537 and CNI549: how the nodes of a cluster share what whereabouts gives out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.model.view import child_of, string_at, value_at
from cnictl.report.finding import Severity
from cnictl.validate.registry import Hit, manual, plugin_rule
from cnictl.validate.rules.whereabouts import divided_range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.text.node import Node, ObjectNode
    from cnictl.validate.pools import Network

_LEASE, _RENEW, _RETRY = "leader_lease_duration", "leader_renew_deadline", "leader_retry_period"
_DEFAULTS = {_LEASE: 1500, _RENEW: 1000, _RETRY: 500}
_JITTER = (6, 5)
"""Kubernetes wants the deadline to be more than 1.2 times the period."""


@plugin_rule("CNI537", "leader-times", Severity.ERROR)
def leader_times(plugin: PluginView) -> Iterator[Hit]:
    """The times of the leader election do not go together.

    Why:
        The lease must last longer than the deadline for renewing it, and the deadline longer than 1.2 times the period
        of trying. Otherwise no leader is elected and whereabouts crashes for every pod, with "Failed to create leader
        elector" in its log.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.2.0/24", "leader_renew_deadline": 2000}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.2.0/24", "leader_lease_duration": 3000,
            "leader_renew_deadline": 2000, "leader_retry_period": 1000}}]}
    Fix:
        Raise or lower all three together. They are 1500, 1000 and 500 milliseconds when absent or 0.
    Reference:
        k8s.io/client-go, package leaderelection, function NewLeaderElector
    """
    ipam = plugin.ipam
    times = {key: _time(ipam, key) for key in _DEFAULTS} if ipam and plugin.ipam_type == "whereabouts" else {}
    if ipam is None or not times or any(value < 0 for value in times.values()):
        return
    if times[_LEASE] <= times[_RENEW]:
        message = f"the lease lasts {times[_LEASE]} ms, and the deadline for renewing it is {times[_RENEW]} ms"
        yield Hit(_first_given(ipam, _LEASE, _RENEW).label, message, manual("make the lease longer"))
    if times[_RENEW] * _JITTER[1] <= times[_RETRY] * _JITTER[0]:
        message = f"the deadline of {times[_RENEW]} ms is not more than 1.2 times the period of {times[_RETRY]} ms"
        yield Hit(_first_given(ipam, _RENEW, _RETRY).label, message, manual("make the deadline longer"))


def _time(ipam: ObjectNode, key: str) -> int:
    """How long something lasts in milliseconds; -1 for what the schema reports."""
    node = child_of(ipam, key)
    if node is None or node.kind == "null" or (node.kind == "integer" and node.value == 0):
        return _DEFAULTS[key]
    return int(node.value) if node.kind == "integer" else -1


def _first_given(ipam: ObjectNode, *keys: str) -> Node:
    return next((node for key in keys if (node := child_of(ipam, key)) is not None and node.value), ipam)


_SLICE = re.compile(r"/?\+?0*([0-9]{1,4})")
"""What Go reads as a number, after a slash that may be left out."""


@plugin_rule("CNI549", "node-slice-size", Severity.WARNING)
def node_slice_size(plugin: PluginView) -> Iterator[Hit]:
    """The range cannot be divided into slices of this size, one for each node.

    Why:
        The controller of whereabouts gives up with "subnetMaskSize must be greater or equal than netMaskSize", no node
        gets a slice, and every pod fails. In a slice of two addresses or one there is none to give out.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.2.0/24", "node_slice_size": "/22"}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "disableCheck": true, "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "whereabouts", "range": "192.168.0.0/16", "node_slice_size": "/22"}}]}
    Fix:
        Write the prefix length of a network that is as large as the addresses of one node, and in the range.
    Reference:
        whereabouts, package iphelpers, function DivideRangeBySize
    """
    ipam, network = plugin.ipam, divided_range(plugin)
    size = string_at(ipam, "node_slice_size") if ipam else None
    if ipam is None or network is None or not size:
        return
    reason = _indivisible(network, size)
    if reason:
        yield Hit(
            value_at(ipam, "node_slice_size").label, reason, manual("write the prefix length of a smaller network")
        )


def _indivisible(network: Network, size: str) -> str | None:
    match = _SLICE.fullmatch(size)
    if match is None:
        return f'"{size}" is no prefix length such as /28'
    length, longest = int(match[1]), network.max_prefixlen
    if length < network.prefixlen:
        return f"a slice of /{length} is larger than the range {network}"
    if length > longest:
        return f"an IPv{network.version} network has no prefix length of {length}"
    return f"a slice of /{length} is too small to give out addresses" if length > longest - 2 else None
