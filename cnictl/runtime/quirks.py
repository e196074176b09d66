"""Known defects of plugins that make a healthy attachment look broken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnictl.errors import PluginCrashed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnictl.errors import CNIError


def known_defect(plugin: str, verb: str, error: CNIError, prev_result: Mapping[str, Any] | None) -> str | None:
    """Why a failure is certainly a false alarm; ``None`` when it is to be believed.

    Args:
        plugin: The plugin's ``type``.
        verb: The command that failed.
        error: How it failed.
        prev_result: The result of ADD.
    """
    if verb != "CHECK":
        return None
    if plugin == "portmap" and _misses_rules_for_ipv6(error, prev_result or {}):
        return (
            "portmap looks among the IPv6 rules for those of an IPv4 address, where they cannot be: a defect of this "
            "plugin (containernetworking/plugins issue 819, mended in v1.3.0), not of the attachment"
        )
    if plugin == "bandwidth" and _crashes_without_limits(error):
        return (
            "bandwidth crashed because the container has no limits, so there was nothing to check: a defect of "
            "this plugin (containernetworking/plugins issue 1221, mended in v1.9.1), not of the attachment"
        )
    return None


def _misses_rules_for_ipv6(error: CNIError, prev_result: Mapping[str, Any]) -> bool:
    """Whether portmap wants rules of an IPv4 address from ip6tables, where it never makes them.

    Up to v1.2.0 it does so whenever ip6tables works. It comes to them after those of IPv4, so these are well.
    """
    if not str(error).startswith("could not check ipv6 dnat"):
        return False
    addresses = [ip.get("address", "").partition("/")[0] for ip in prev_result.get("ips", [])]
    alone = not any(":" in address for address in addresses)
    return alone or any("." in address and f" {address}" in str(error) for address in addresses)


_LIMITS = ("ingressRate", "ingressBurst", "egressRate", "egressBurst")


def _crashes_without_limits(error: CNIError) -> bool:
    """Whether bandwidth followed a nil pointer to limits that it was not given; it compares nothing before."""
    if not isinstance(error, PluginCrashed) or b"main.cmdCheck" not in error.exchange.stderr:
        return False
    config = json.loads(error.exchange.invocation.stdin)
    limits = (config.get("runtimeConfig") or {}).get("bandwidth") or any(config.get(key) for key in _LIMITS)
    return "nil pointer dereference" in str(error) and not limits
