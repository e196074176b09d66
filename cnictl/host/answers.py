"""A node's answers as JSON values, and back again."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from cnictl.errors import SourceError, SourceNotFound
from cnictl.host.api import FileStatus, Process, Space, Unanswered, Watcher
from cnictl.netns.survey import Address, Link, Route, Survey

if TYPE_CHECKING:
    from collections.abc import Callable

Codec = tuple["Callable[[Any], Any]", "Callable[[Any], Any]"]
"""How a value is written as JSON, and how it is read."""


def _same(value: Any) -> Any:  # noqa: ANN401  # a JSON value
    return value


def encode_bytes(data: bytes) -> str | dict[str, str]:
    """Bytes as JSON: as they are where they are text."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def decode_bytes(value: str | dict[str, str]) -> bytes:
    """Bytes that were written as JSON."""
    return value.encode() if isinstance(value, str) else base64.b64decode(value["base64"])


def write_survey(survey: Survey) -> dict[str, Any]:
    """A survey as JSON; what a field has by default is left out."""
    return {
        name: [
            {field: value for field, value in item._asdict().items() if item._field_defaults.get(field) != value}
            for item in items
        ]
        for name, items in survey._asdict().items()
    }


def read_survey(value: dict[str, Any]) -> Survey:
    """A survey that was written as JSON."""
    return Survey(
        tuple(Link(**each) for each in value.get("links", ())),
        tuple(Address(**each) for each in value.get("addresses", ())),
        tuple(Route(**each) for each in value.get("routes", ())),
    )


CODECS: dict[str, Codec] = {
    "read_bytes": (encode_bytes, decode_bytes),
    "read_part": (encode_bytes, decode_bytes),
    "list_dir": (_same, _same),
    "status": (lambda found: found and list(found), lambda value: value and FileStatus(*value)),
    "link_target": (_same, _same),
    "same_netns": (_same, _same),
    "now": (_same, _same),
    "space": (list, lambda value: Space(*value)),
    "processes": (
        lambda found: [list(each) for each in found],
        lambda value: [Process(pid, tuple(arguments), started) for pid, arguments, started in value],
    ),
    "watchers": (
        lambda found: [list(each) for each in found],
        lambda value: [
            Watcher(pid, uid, instances, tuple((device, inode) for device, inode in watched))
            for pid, uid, instances, watched in value
        ],
    ),
    "survey": (write_survey, read_survey),
    "rulesets": (dict, dict),
    "connect": (_same, _same),
    "cri": (_same, _same),
}
"""The questions of `cnictl.host.api.Host`, and how their answers are kept."""


def write_refusal(error: SourceError | Unanswered) -> dict[str, str]:
    """Why there is no answer, as JSON."""
    if isinstance(error, Unanswered):
        return {"unanswered": str(error)}
    kind = "missing" if isinstance(error, SourceNotFound) else "error"
    denied = {"denied": "yes"} if isinstance(error.__cause__, PermissionError) else {}
    return {kind: error.reason, "path": error.path} | denied


def read_refusal(value: dict[str, str]) -> SourceError | Unanswered:
    """Why there is no answer, that was written as JSON."""
    if "unanswered" in value:
        return Unanswered(value["unanswered"])
    if "missing" in value:
        return SourceNotFound(value["path"], value["missing"])
    error = SourceError(value["path"], value["error"])
    if "denied" in value:
        error.__cause__ = PermissionError(value["error"])
    return error
