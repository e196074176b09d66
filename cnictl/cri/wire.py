"""Protobuf's wire format, as much as CRI needs.

The usual way, generated classes, needs the protobuf runtime at the very version that made them: a compiled package as
large as all others together, for five questions whose fields have not changed their numbers since CRI began. So the
fields that are wanted stand in tables (`cnictl.cri.messages`), and these functions read and write by them.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Budget: TypeAlias = Iterator[int]
    Raw: TypeAlias = int | bytes

MAX_FIELDS = 500_000
"""How many fields an answer may have in all. That of a node with a thousand pods has a fifth of it; without a bound, an
answer of empty fields would take minutes and gigabytes."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SIZES = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 10
_BITS = 64


class Kind(Enum):
    """What a field without fields of its own holds."""

    TEXT = "text"
    NUMBER = "number"
    """A signed integer of up to 64 bits; an enum too."""
    FLAG = "flag"
    TEXTS = "texts"
    """A map from texts to texts."""


class Field(NamedTuple):
    """A field of a message.

    Attributes:
        number: Its number.
        kind: What it holds: one of the kinds, or the fields of a message.
        many: Whether it can be there several times.
    """

    number: int
    kind: Kind | Mapping[str, Field]
    many: bool = False


Table: TypeAlias = "Mapping[str, Field]"
"""A message: its fields by name."""

_ENTRY: Table = {"key": Field(1, Kind.TEXT), "value": Field(2, Kind.TEXT)}


def encode(values: Mapping[str, Any], table: Table) -> bytes:
    """The bytes of a message.

    Args:
        values: What it is to hold, by the names of the fields; what is empty is left out, as proto3 wants it of
            all but messages.
        table: Its fields.
    """
    return b"".join(
        _encoded(table[name], item)
        for name, value in values.items()
        for item in (value if table[name].many else [value])
        if item or table[name].many
    )


def _encoded(field: Field, value: Any) -> bytes:  # noqa: ANN401  # what the table says
    if field.kind is Kind.TEXTS:
        entries = [{"key": key, "value": text} for key, text in value.items()]
        return encode({"it": entries}, {"it": Field(field.number, _ENTRY, many=True)})
    if field.kind in (Kind.NUMBER, Kind.FLAG):
        return _varint(field.number << 3 | _VARINT) + _varint(int(value))
    data = value.encode() if isinstance(field.kind, Kind) else encode(value, field.kind)
    return _varint(field.number << 3 | _BYTES) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    rest = number % (1 << _BITS)  # a negative number is the one with the same bits
    data = bytearray()
    while rest > 0x7F:  # noqa: PLR2004  # seven bits to a byte
        data.append(rest & 0x7F | 0x80)
        rest >>= 7
    data.append(rest)
    return bytes(data)


def decode(data: bytes, table: Table) -> dict[str, Any]:
    """The fields of a message. Those that are not there have their default, those not in the table are passed over.

    Args:
        data: The bytes.
        table: The fields that are wanted.

    Returns:
        Texts, integers, booleans, dicts for messages and maps, and lists of these, by the names of the fields.

    Raises:
        ValueError: The bytes are no such message; the text says why.
    """
    return _decode(data, table, iter(range(MAX_FIELDS)))


def _decode(data: bytes, table: Table, budget: Budget) -> dict[str, Any]:
    wanted = {field.number for field in table.values()}
    found: dict[int, list[Raw]] = {}
    for number, value in _fields(data, budget):
        if number in wanted:
            found.setdefault(number, []).append(value)
    return {name: _decoded(name, field, found.get(field.number, ()), budget) for name, field in table.items()}


def _decoded(name: str, field: Field, values: Sequence[Raw], budget: Budget) -> Any:  # noqa: ANN401  # what the table says
    wants = int if field.kind in (Kind.NUMBER, Kind.FLAG) else bytes
    if not all(isinstance(value, wants) for value in values):
        raise ValueError(f"the field {name} is of another type than CRI says")
    if field.kind is Kind.TEXTS:
        entries = [_decode(bytes(value), _ENTRY, budget) for value in values]
        return {entry["key"]: entry["value"] for entry in entries}
    if field.many:
        return [_one(field, [value], budget) for value in values]
    return _one(field, values, budget)


def _one(field: Field, values: Sequence[Raw], budget: Budget) -> Any:  # noqa: ANN401  # what the table says
    """The value of a field that was written several times: a message's are one after the other, of others the last."""
    if not isinstance(field.kind, Kind):
        return _decode(b"".join(value for value in values if isinstance(value, bytes)), field.kind, budget)
    value = values[-1] if values else 0
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if field.kind is Kind.TEXT:
        return ""
    return bool(value) if field.kind is Kind.FLAG else _signed(value)


def _signed(number: int) -> int:
    return number - (1 << _BITS) if number >> (_BITS - 1) else number


def _fields(data: bytes, budget: Budget) -> Iterator[tuple[int, Raw]]:
    """The numbers and values of the fields, as they stand there."""
    at = 0
    while at < len(data):
        if next(budget, None) is None:
            raise ValueError(f"the message has more than {MAX_FIELDS} fields")
        tag, at = _read_varint(data, at)
        number, kind = tag >> 3, tag & 7
        if not number:
            raise ValueError("the message has a field without a number")
        value, at = _read_value(data, at, kind)
        yield number, value


def _read_value(data: bytes, at: int, kind: int) -> tuple[Raw, int]:
    if kind == _VARINT:
        return _read_varint(data, at)
    if kind == _BYTES:
        size, at = _read_varint(data, at)
    elif kind in _SIZES:
        size = _SIZES[kind]
    else:
        raise ValueError(f"the message has a field of the unknown wire type {kind}")
    if at + size > len(data):
        raise ValueError("the message breaks off in a field")
    return data[at : at + size], at + size


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for index, byte in enumerate(data[at : at + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return number % (1 << _BITS), at + index + 1
    if at + _LONGEST_VARINT <= len(data):
        raise ValueError("the message has a number of more than 64 bits")
    raise ValueError("the message breaks off in a number")
