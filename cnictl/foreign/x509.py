"""Certificates, as far as it can be seen when they end (RFC 5280, section 4.1)."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import NamedTuple

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END", re.DOTALL)
_SEQUENCE, _VERSION = 0x30, 0xA0
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_LONG = 0x80
_MOST_LENGTH_BYTES = 4
_VALIDITY = 3
"""Before it stand the serial number, the algorithm and the issuer; the version may be missing."""
_CENTURY = 50
"""Years of two digits are of this century below this number."""


class _Value(NamedTuple):
    """A value in DER: its tag, its content, and where it ends."""

    tag: int
    content: bytes
    end: int


def expiry_of(data: bytes) -> float | None:
    """When the first certificate in a text ends, in seconds since 1970; ``None`` when there is none to read.

    Args:
        data: PEM, as in kubeconfigs.
    """
    match = _PEM.search(data)
    try:
        der = base64.b64decode(match[1]) if match else b""
        return _not_after(der) if der else None
    except (binascii.Error, ValueError, IndexError):
        return None


def _not_after(der: bytes) -> float:
    body = _value(_value(der, 0).content, 0).content
    at, seen = 0, 0
    while True:
        value = _value(body, at)
        at = value.end
        if value.tag == _VERSION:
            continue
        if seen == _VALIDITY:
            first = _value(value.content, 0)
            return _time(_value(value.content, first.end))
        seen += 1


def _value(data: bytes, at: int) -> _Value:
    tag, length, start = data[at], data[at + 1], at + 2
    if length & _LONG:
        count = length & ~_LONG
        if not 0 < count <= _MOST_LENGTH_BYTES:
            message = "a length that is no length"
            raise ValueError(message)
        length = int.from_bytes(data[start : start + count])
        start += count
    return _Value(tag, data[start : start + length], start + length)


def _time(value: _Value) -> float:
    text = value.content.decode("ascii")
    if value.tag == _UTC_TIME:
        text = f"{'20' if int(text[:2]) < _CENTURY else '19'}{text}"
    elif value.tag != _GENERALIZED_TIME:
        message = "no time"
        raise ValueError(message)
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()
