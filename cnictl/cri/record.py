"""Answers as values that can be written down as JSON and read again: a node is saved, and judged elsewhere."""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, fields
from types import NoneType, UnionType
from typing import Any, Self, TypeVar, get_args, get_origin, get_type_hints

_R = TypeVar("_R", bound="Record")


@dataclass(frozen=True)
class Record:
    """The base of all answers: frozen dataclasses of texts, integers, booleans, tuples, dicts and records."""

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON values."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """The answer that `as_dict` made these values of; keys that are not known are passed over.

        Args:
            data: JSON values. They may come from anywhere.

        Raises:
            ValueError: They are none of such an answer; the text names the place.
        """
        return _record(cls, data, cls.__name__)


def _plain(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    if isinstance(value, Record):
        return value.as_dict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _record(kind: type[_R], data: object, place: str) -> _R:
    if not isinstance(data, dict):
        raise _wrong(place, "an object")
    hints = get_type_hints(kind)
    return kind(
        **{
            field.name: _value(hints[field.name], data[field.name], f"{place}.{field.name}")
            for field in fields(kind)
            if field.name in data or _is_needed(field, place)
        }
    )


def _is_needed(field: Field[Any], place: str) -> bool:
    if field.default is MISSING and field.default_factory is MISSING:
        raise ValueError(f"{place}.{field.name} is missing")
    return False


def _value(hint: Any, data: Any, place: str) -> Any:  # noqa: ANN401  # types and JSON values of any kind
    """A JSON value as a dataclass's annotation wants it."""
    kind, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return data
    if kind is UnionType:
        return None if data is None and NoneType in arguments else _value(arguments[0], data, place)
    if kind is tuple:
        return tuple(_value(arguments[0], item, f"{place}[{at}]") for at, item in enumerate(_of(list, data, place)))
    if kind is dict:
        items = _of(dict, data, place).items()
        return {_of(str, key, place): _value(arguments[1], item, f"{place}[{key!r}]") for key, item in items}
    if issubclass(hint, Record):
        return _record(hint, data, place)
    return _of(hint, data, place)


def _of(kind: type, data: Any, place: str) -> Any:  # noqa: ANN401  # any JSON value
    if type(data) is not kind:  # a boolean is no integer here
        raise _wrong(place, _NAMES[kind])
    return data


_NAMES = {str: "a string", int: "an integer", bool: "true or false", list: "an array", dict: "an object"}


def _wrong(place: str, wanted: str) -> ValueError:
    return ValueError(f"{place} must be {wanted}")
