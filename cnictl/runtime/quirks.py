"""Known defects of plugins that make a healthy attachment look broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    # portmap up to v1.2.0 wants IPv6 rules whenever ip6tables works, and never makes any for a container
    # without an IPv6 address (containernetworking/plugins issue 819). It comes to them last, so all else is well.
    if plugin == "portmap" and verb == "CHECK" and str(error).startswith("could not check ipv6 dnat"):
        addresses = [ip.get("address", "") for ip in (prev_result or {}).get("ips", [])]
        if not any(":" in address for address in addresses):
            return (
                "portmap misses IPv6 rules that a container without IPv6 address cannot have: a defect of this "
                "plugin (containernetworking/plugins issue 819, mended in v1.3.0), not of the attachment"
            )
    return None
