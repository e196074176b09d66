"""Values for capabilities that a plugin declares and nobody has said anything about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection


def samples(declared: Collection[str], number: int = 0) -> dict[str, Any]:
    """Capability arguments for a container, of the capabilities for which there is a sample.

    Args:
        declared: The capabilities that the plugins declare.
        number: Which container it is: no two get the same port of the node.
    """
    known = {"portMappings": _ports(number), "bandwidth": {key: value for way in _WAYS for key, value in _limit(way)}}
    return {name: value for name, value in known.items() if name in declared}


_WAYS = ("ingress", "egress")


def _ports(number: int) -> list[dict[str, Any]]:
    return [{"hostPort": 30080 + number, "containerPort": 8080, "protocol": protocol} for protocol in ("tcp", "udp")]


def _limit(way: str) -> list[tuple[str, int]]:
    """A limit that can be measured in a moment: 50 Mbit/s, and a burst that is used up in one."""
    return [(f"{way}Rate", 50_000_000), (f"{way}Burst", 2_000_000)]
