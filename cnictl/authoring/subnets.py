"""The addresses that users name, checked as the IPAM plugins will check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.errors import UsageError
from cnictl.model.address import parse_cidr, parse_ip
from cnictl.model.special import special_use

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network

    Address = IPv4Address | IPv6Address
    Interface = IPv4Interface | IPv6Interface
    Network = IPv4Network | IPv6Network

_LEAST_BITS = 4
"""Bits that a subnet leaves for addresses, at least: 13 pods in IPv4."""

DEFAULT_ROUTES = {4: "0.0.0.0/0", 6: "::/0"}
"""The destination of the default route, by IP version."""

_EXAMPLE = "an example is 10.88.0.0/16"
_PRIVATE = "private networks are 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and fd00::/8"


class Pool(NamedTuple):
    """A subnet, and which of its addresses are given out.

    Attributes:
        network: The subnet.
        first: The first address; the plugin's choice when ``None``.
        last: The last one; likewise.
    """

    network: Network
    first: Address | None = None
    last: Address | None = None


def parse_pool(text: str) -> Pool:
    """Reads ``10.1.0.0/16`` or ``10.1.0.0/16,10.1.0.10-10.1.0.99``.

    Raises:
        UsageError: It is no subnet from which pods could get addresses.
    """
    subnet, comma, piece = text.partition(",")
    network = _network(subnet)
    if not comma:
        return Pool(network)
    first, dash, last = piece.partition("-")
    if not dash:
        message = f'the range "{piece}" is not of the form FIRST-LAST'
        raise UsageError(message, hint="an example is 10.88.0.0/16,10.88.0.10-10.88.0.99")
    return Pool(network, _inside(first, network), _inside(last, network))


def _network(text: str) -> Network:
    try:
        interface = parse_cidr(text)
    except ValueError as error:
        raise UsageError(f"the subnet {error}", hint=_EXAMPLE) from None
    network = interface.network
    if interface.ip != network.network_address:
        message = f"the subnet {text} has host bits set"
        raise UsageError(message, hint=f"the network is {network}")
    if network.prefixlen > network.max_prefixlen - _LEAST_BITS:
        message = f"the subnet {text} is too small for pods"
        raise UsageError(message, hint="a node with 110 pods needs /25 or larger for IPv4")
    if special := special_use(network):
        message = f"the subnet {text} has {special} in it, which pods cannot use"
        raise UsageError(message, hint=_PRIVATE)
    return network


def _inside(text: str, network: Network) -> Address:
    try:
        address = parse_ip(text)
    except ValueError as error:
        raise UsageError(f"the range's address {error}") from None
    if address not in network:
        message = f"the address {address} is not in the subnet {network}"
        raise UsageError(message, hint="a range is a piece of its subnet")
    return address


def require_one_of_each(texts: Sequence[str], pools: Sequence[Pool]) -> None:
    """Refuses two subnets of a family.

    Args:
        texts: The subnets as they were given.
        pools: The same, read.

    Raises:
        UsageError: There are two.
    """
    seen: dict[int, Network] = {}
    for text, pool in zip(texts, pools, strict=True):
        family = pool.network.version
        if family in seen:
            message = f"two IPv{family} subnets, {seen[family]} and {text}"
            raise UsageError(message, hint="a bridge can be the gateway of one subnet of each family")
        seen[family] = pool.network


def parse_address(text: str) -> Interface:
    """Reads an address of a pod with its prefix length, such as ``10.1.0.5/24``.

    Raises:
        UsageError: It is none.
    """
    try:
        return parse_cidr(text)
    except ValueError as error:
        raise UsageError(f"the address {error}", hint="an example is 10.88.0.5/16") from None


def parse_gateway(text: str) -> Address:
    """Reads a gateway's address.

    Raises:
        UsageError: It is none.
    """
    try:
        return parse_ip(text)
    except ValueError as error:
        raise UsageError(f"the gateway {error}", hint="an example is 10.88.0.1") from None


def parse_route(text: str) -> dict[str, str]:
    """Reads ``CIDR`` or ``CIDR,GATEWAY`` into an entry of ``routes``.

    >>> parse_route("10.9.0.0/16,10.88.0.7")
    {'dst': '10.9.0.0/16', 'gw': '10.88.0.7'}

    Raises:
        UsageError: It is no route.
    """
    destination, comma, gateway = text.partition(",")
    try:
        route = {"dst": str(parse_cidr(destination).network)}
    except ValueError as error:
        raise UsageError(f"the route {error}", hint="examples are 0.0.0.0/0 and 10.9.0.0/16,10.88.0.7") from None
    return {**route, "gw": str(parse_gateway(gateway))} if comma else route
