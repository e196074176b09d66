"""IP addresses and networks as Go's ``net`` package reads them, with errors fit for people."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

_MAPPED_PREFIX = 96
"""``::ffff:0:0/96`` holds the IPv4-mapped addresses, which Go prints as IPv4; that is what every plugin hands on."""


def parse_ip(text: str) -> IPv4Address | IPv6Address:
    """Reads an address without a prefix length, such as ``10.0.0.1``.

    Raises:
        ValueError: It is none; the text says why.
    """
    if "/" in text:
        message = f'"{text}" has a prefix length, and only the address belongs here'
        raise ValueError(message)
    ip = _plain(text, text)
    return (ip.ipv4_mapped if isinstance(ip, IPv6Address) else None) or ip


@lru_cache(maxsize=65_536)  # a dozen rules ask about the same routes
def parse_cidr(text: str) -> IPv4Interface | IPv6Interface:
    """Reads an address with its prefix length, such as ``10.0.0.1/16``; host bits are kept.

    Raises:
        ValueError: It is none; the text says why.
    """
    address, slash, prefix = text.partition("/")
    if not slash:
        message = f'"{text}" has no prefix length such as /24'
        raise ValueError(message)
    ip = _plain(address, text)
    match = re.fullmatch("0*([0-9]{1,3})", prefix)
    length = int(match[1]) if match else None
    if length is None or length > ip.max_prefixlen:
        message = f'"{text}" has the prefix length "{prefix}", and an IPv{ip.version} one is 0 to {ip.max_prefixlen}'
        raise ValueError(message)
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    if mapped is not None and length >= _MAPPED_PREFIX:
        return IPv4Interface(f"{mapped}/{length - _MAPPED_PREFIX}")
    return ipaddress.ip_interface(f"{ip}/{length}")


def _plain(text: str, whole: str) -> IPv4Address | IPv6Address:
    message = f'"{whole}" is no IP address'
    if "%" in text:
        raise ValueError(message)  # zones are no part of an address in a config
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(message) from None
