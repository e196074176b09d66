"""As much of protobuf's wire format as CRI needs: messages are dicts by field number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Message = dict[int, Any]
_VARINT, _BYTES = 0, 2


def encode(message: Message) -> bytes:
    """The bytes of a message; a list is a repeated field, a dict a message."""
    return b"".join(
        _field(number, item)
        for number, value in message.items()
        for item in (value if isinstance(value, list) else [value])
    )


def _field(number: int, value: object) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3 | _VARINT) + _varint(int(value))
    data = encode(value) if isinstance(value, dict) else str(value).encode()
    return _varint(number << 3 | _BYTES) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])


def decode(data: bytes) -> dict[int, list[Any]]:
    """The fields of a message, each with all its values; messages and texts stay bytes.

    Raises:
        ValueError: There is a field of a kind that CRI does not use.
    """
    message: dict[int, list[Any]] = {}
    stream = iter(data)
    for tag in _numbers(stream):
        if tag & 7 == _VARINT:
            value: Any = next(_numbers(stream))
        elif tag & 7 == _BYTES:
            length = next(_numbers(stream))
            value = bytes(next(stream) for _ in range(length))
        else:
            unknown = f"wire type {tag & 7}"
            raise ValueError(unknown)
        message.setdefault(tag >> 3, []).append(value)
    return message


def _numbers(stream: Iterator[int]) -> Iterator[int]:
    """The numbers at the head of a stream, one for each time that it is asked."""
    for first in stream:
        byte, number, shift = first, 0, 0
        while byte & 0x80:
            number |= (byte & 0x7F) << shift
            shift += 7
            byte = next(stream)
        yield number | byte << shift
