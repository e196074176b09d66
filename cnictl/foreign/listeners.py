"""Who listens, as ``/proc/net/tcp`` and its like show it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTENS = {"tcp": "0A", "udp": "07"}
"""The states of sockets that take what comes: TCP_LISTEN, and for UDP the one without a peer."""
_ADDRESS, _STATE = 1, 3
_IPV4_DIGITS = 8


class Listener(NamedTuple):
    """A socket that takes connections, or datagrams from anybody.

    Attributes:
        protocol: ``tcp`` or ``udp``.
        address: The address that it is bound to; the unspecified one for all.
        port: Its port.
    """

    protocol: str
    address: IPv4Address | IPv6Address
    port: int


def listeners_in(protocol: str, text: str) -> Iterator[Listener]:
    """The listening sockets in a table of the kernel; what is no line of it is left out.

    Args:
        protocol: ``tcp`` or ``udp``.
        text: The content of the file.
    """
    for line in text.splitlines():
        fields = line.split()
        if len(fields) > _STATE and fields[_STATE] == _LISTENS[protocol]:
            try:
                address, port = fields[_ADDRESS].split(":")
                yield Listener(protocol, _address(address), int(port, 16))
            except ValueError:
                continue


def _address(digits: str) -> IPv4Address | IPv6Address:
    """An address as the kernel prints it: words of 32 bits in the machine's own order, which is the small end first."""
    data = bytes.fromhex(digits)
    words = b"".join(data[start : start + 4][::-1] for start in range(0, len(data), 4))
    return IPv4Address(words) if len(digits) == _IPV4_DIGITS else IPv6Address(words)
