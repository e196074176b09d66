"""Of which kind each answer of a node is: a dump may hold anything, and its checks must not stumble over it."""

from __future__ import annotations

import json
import math
import stat
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from cnictl.host.answers import CODECS, read_refusal
from cnictl.host.api import FileStatus, Process, Space, Watcher
from cnictl.netns.survey import Survey

KINDS: dict[str, Any] = {
    "read_bytes": bytes,
    "read_part": bytes,
    "list_dir": list[str],
    "status": FileStatus | None,
    "link_target": str | None,
    "same_netns": bool,
    "now": float,
    "space": Space,
    "processes": list[Process],
    "watchers": list[Watcher],
    "survey": Survey,
    "rulesets": dict[str, str],
    "connect": str | None,
    "cri": Any,
}
"""What the questions of `cnictl.host.api.Host` are answered with."""


def require_answer(question: str, kept: Any) -> None:  # noqa: ANN401  # a JSON value
    """Refuses what is no answer to a question.

    Args:
        question: The question, as `cnictl.host.dump.question` writes it.
        kept: What a dump holds for it.

    Raises:
        ValueError: It is none.
    """
    try:
        name, *_ = json.loads(question)
        if "refused" in kept:
            read_refusal({key: _text(value) for key, value in kept["refused"].items()})
        else:
            _require(CODECS[name][1](kept["answer"]), KINDS[name])
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _require(answer: Any, kind: Any) -> None:  # noqa: ANN401  # any value, any type
    if not fits(answer, kind):
        raise TypeError(kind)
    if isinstance(answer, FileStatus):
        stat.S_IFMT(answer.mode)  # takes no number that could be no mode


def _text(value: Any) -> str:  # noqa: ANN401  # a JSON value
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def fits(value: Any, kind: Any) -> bool:  # noqa: ANN401  # any value, any type
    """Whether a value is of a type, and all that it is made of too.

    Args:
        value: The value.
        kind: The type, as annotations have it: of plain values, unions, lists, tuples, dictionaries and named tuples.
    """
    arguments = get_args(kind)
    if get_origin(kind) is UnionType:
        return any(fits(value, each) for each in arguments)
    if get_origin(kind) in (list, dict, tuple):
        return isinstance(value, get_origin(kind)) and _parts_fit(value, arguments)
    if hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        return isinstance(value, kind) and all(fits(getattr(value, name), hints[name]) for name in kind._fields)
    return _is_plain(value, kind)


def _parts_fit(value: Any, arguments: tuple[Any, ...]) -> bool:  # noqa: ANN401  # a collection
    if isinstance(value, dict):
        return all(fits(key, arguments[0]) and fits(each, arguments[1]) for key, each in value.items())
    if isinstance(value, tuple) and ... not in arguments:
        return len(value) == len(arguments) and all(map(fits, value, arguments))
    return all(fits(each, arguments[0]) for each in value)


def _is_plain(value: Any, kind: Any) -> bool:  # noqa: ANN401  # any value, any type
    if kind is Any:
        return True
    if kind is NoneType:
        return value is None
    if kind is float:
        return type(value) in (int, float) and abs(value) <= _LARGEST and math.isfinite(value)
    return type(value) is kind


_LARGEST = 1e300
