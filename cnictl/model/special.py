"""Networks whose addresses are set aside for something else than pods."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

_SPECIAL = {
    "0.0.0.0/8": "the unspecified address",
    "127.0.0.0/8": "loopback addresses",
    "169.254.0.0/16": "link-local addresses",
    "224.0.0.0/4": "multicast addresses",
    "::/127": "the unspecified and the loopback address",
    "fe80::/10": "link-local addresses",
    "ff00::/8": "multicast addresses",
}
"""What the kernel does not forward, or sends to many."""


def special_use(network: IPv4Network | IPv6Network) -> str | None:
    """What some addresses of a network are set aside for; ``None`` when nothing keeps pods from using it.

    >>> special_use(ip_network("127.5.0.0/16"))
    'loopback addresses'
    """
    return next((use for special, use in _networks() if network.overlaps(special)), None)


@cache
def _networks() -> list[tuple[IPv4Network | IPv6Network, str]]:
    return [(ip_network(text), use) for text, use in _SPECIAL.items()]
