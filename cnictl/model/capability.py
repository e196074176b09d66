"""Capability arguments: what a runtime hands to plugins as ``runtimeConfig`` (CNI conventions document)."""

from __future__ import annotations

import re
from typing import Any

from cnictl.errors import UsageError
from cnictl.model.address import parse_ip

PROTOCOLS = ("tcp", "udp", "sctp")

UNLIMITED_BURST = 2**32 - 1
"""The burst in bits that containerd passes with every rate; the plugin refuses either without the other."""

_MAX_PORT = 65535
_PORT = r"(?:(?P<ip>\[[^\]]+\]|[^:\[\]]+):)?(?P<host>[0-9]{1,9}):(?P<container>[0-9]{1,9})(?:/(?P<protocol>\w+))?"
_QUANTITY = r"(?P<whole>[0-9]{1,30})?(?:\.(?P<part>[0-9]{0,30}))?(?P<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?"
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


def parse_port(text: str) -> dict[str, Any]:
    """Reads ``[IP:]HOSTPORT:CONTAINERPORT[/PROTOCOL]`` into an entry of ``portMappings``.

    >>> parse_port("8080:80/udp")
    {'hostPort': 8080, 'containerPort': 80, 'protocol': 'udp'}

    Raises:
        UsageError: It is not of that form.
    """
    match = re.fullmatch(_PORT, text)
    if match is None:
        raise _bad_port(text, "it is not of the form [IP:]HOSTPORT:CONTAINERPORT[/PROTOCOL]")
    mapping: dict[str, Any] = {
        "hostPort": int(match["host"]),
        "containerPort": int(match["container"]),
        "protocol": (match["protocol"] or "tcp").lower(),
    }
    if not all(0 < mapping[key] <= _MAX_PORT for key in ("hostPort", "containerPort")):
        raise _bad_port(text, f"ports are 1 to {_MAX_PORT}")
    if mapping["protocol"] not in PROTOCOLS:
        raise _bad_port(text, f"the protocols are {', '.join(PROTOCOLS)}")
    if match["ip"]:
        try:
            mapping["hostIP"] = str(parse_ip(match["ip"].strip("[]")))
        except ValueError as error:
            raise _bad_port(text, str(error)) from None
    return mapping


def _bad_port(text: str, reason: str) -> UsageError:
    return UsageError(f'the port mapping "{text}" cannot be used: {reason}', hint="an example is 8080:80/tcp")


def parse_bandwidth(text: str) -> dict[str, int]:
    """Reads ``ingress=RATE,egress=RATE`` into the value of ``bandwidth``.

    Rates are Kubernetes quantities in bits per second: ``10M`` is ten million. Bursts may be given, in bits,
    as ``ingress-burst`` and ``egress-burst``; they default to `UNLIMITED_BURST`.

    >>> parse_bandwidth("ingress=1M")
    {'ingressRate': 1000000, 'ingressBurst': 4294967295}

    Raises:
        UsageError: It is not of that form.
    """
    given: dict[str, int] = {}
    for piece in text.split(","):
        key, equals, value = piece.partition("=")
        if not equals or key not in ("ingress", "egress", "ingress-burst", "egress-burst"):
            message = f'the bandwidth "{text}" has the piece "{piece}"'
            raise UsageError(message, hint="an example is ingress=10M,egress=10M, in bits per second")
        given[key] = parse_quantity(value)
    limits: dict[str, int] = {}
    for direction in ("ingress", "egress"):
        if direction in given:
            limits |= bandwidth_limit(direction, given[direction], given.get(f"{direction}-burst"))
        elif f"{direction}-burst" in given:
            message = f'the bandwidth "{text}" has a burst for {direction} and no rate'
            raise UsageError(message, hint=f"add {direction}=RATE")
    return limits


def bandwidth_limit(direction: str, rate: int, burst: int | None = None) -> dict[str, int]:
    """The two keys that limit one direction.

    Args:
        direction: ``ingress`` or ``egress``, seen from the container.
        rate: Bits per second.
        burst: Bits; when ``None``, `UNLIMITED_BURST` for a rate, and 0 for the rate 0, which means no limit.
    """
    if burst is None:
        burst = UNLIMITED_BURST if rate else 0
    return {f"{direction}Rate": rate, f"{direction}Burst": burst}


def parse_quantity(text: str) -> int:
    """Reads a Kubernetes quantity as a whole number, rounded up, as the kubelet does.

    >>> parse_quantity("1.5Ki"), parse_quantity("10M"), parse_quantity("1e3"), parse_quantity("1500m")
    (1536, 10000000, 1000, 2)

    Raises:
        UsageError: It is no quantity, or it is negative.
    """
    match = re.fullmatch(_QUANTITY, text.removeprefix("+"))
    if match is None or not (match["whole"] or match["part"]):
        message = f'"{text}" is no quantity'
        raise UsageError(message, hint="quantities look like 500k, 10M, 1.5G or 64Mi")
    part = match["part"] or ""
    digits = int(f"{match['whole'] or ''}{part}")
    suffix = match["suffix"] or ""
    if suffix in _BINARY:
        return _ceiling(digits << _BINARY[suffix], len(part))
    exponent = (_DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:])) - len(part)
    return _ceiling(digits * int(10 ** max(exponent, 0)), max(-exponent, 0))


def _ceiling(number: int, places: int) -> int:
    """A number divided by ten as many times, rounded up."""
    return -(-number // int(10**places))
