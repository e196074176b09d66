"""CNI550: addresses that a config asks its IPAM plugin for."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from cnictl.model.address import parse_cidr, parse_ip
from cnictl.model.view import items_at, object_at
from cnictl.report.finding import Severity
from cnictl.validate.pools import pools
from cnictl.validate.registry import Hit, manual, plugin_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import PluginView
    from cnictl.validate.pools import Address, Pool


@plugin_rule("CNI550", "requested-address", Severity.ERROR)
def requested_address(plugin: PluginView) -> Iterator[Hit]:
    """A config asks for an address that its IPAM plugin cannot give.

    Why:
        Every pod fails: "failed to allocate all requested IPs" from host-local, whose ranges do not have it, "requested
        ip ... is subnet's gateway", or "an entry in the 'ips' field is NOT in CIDR notation" from static.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]},
          "args": {"cni": {"ips": ["10.2.0.5"]}}}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "macvlan", "master": "eth0",
          "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]},
          "args": {"cni": {"ips": ["10.1.0.5"]}}}]}
    Fix:
        Ask for an address of the ranges; static wants it with its prefix length.
    Reference:
        CNI conventions, section on "args" in network config
    """
    judge = {"host-local": _refused_by_host_local, "static": _refused_by_static}.get(plugin.ipam_type or "")
    args = object_at(plugin.node, "args")
    conventional = object_at(args, "cni") if args is not None else None
    for node in items_at(conventional, "ips") if conventional is not None and judge is not None else ():
        reason = judge(plugin, node.value) if judge is not None and node.kind == "string" else None
        if reason:
            yield Hit(node.label, reason, manual("ask for another one"))


def _refused_by_static(plugin: PluginView, text: str) -> str | None:
    del plugin
    try:
        parse_cidr(text)
    except ValueError as error:
        return f"the address {error}"
    return None


def _refused_by_host_local(plugin: PluginView, text: str) -> str | None:
    try:
        address = parse_ip(text.partition("/")[0])
    except ValueError as error:
        return f"the address {error}"
    known = plugin.once(_stock)
    if known is None:
        return None
    if address in known.gateways:
        return f"{address} is the gateway, which host-local gives to no pod"
    return None if known.has(address) else f"no range of host-local has {address}"


class _Stock:
    """All addresses that host-local has, told without looking at each range.

    Args:
        known: Its ranges, all of which can be read.
    """

    def __init__(self, known: list[Pool]) -> None:
        self.gateways = {pool.gateway for pool in known}
        extents = sorted(pool.extent for pool in known if pool.extent is not None)
        self._firsts = [(version, first) for version, first, _ in extents]
        self._lasts = list(accumulate(((version, last) for version, _, last in extents), max))

    def has(self, address: Address) -> bool:
        """Whether a range holds an address."""
        place = (address.version, int(address))
        before = bisect_right(self._firsts, place)
        return before > 0 and self._lasts[before - 1] >= place


def _stock(plugin: PluginView) -> _Stock | None:
    """What host-local has; ``None`` when the config alone does not tell."""
    known = pools(plugin)
    brought = "ipRanges" in plugin.capabilities
    return None if not known or brought or any(pool.extent is None for pool in known) else _Stock(known)
