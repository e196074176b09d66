"""The key ``cnictl/ignore`` at the top of a list, with which a config silences findings about itself.

JSON has no comments. libcni passes over keys at the top of a list that it does not know, and hands none of them
on to plugins, so this is the one place in a config where a key for cnictl harms nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.model.view import items_at, object_at
from cnictl.report.silence import InlineIgnore
from cnictl.text.node import ObjectNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.text.node import Label, Member
    from cnictl.validate.context import ConfigFile

KEY = "cnictl/ignore"

_PATTERN = re.compile(r"CNI[0-9]{1,3}|[a-z0-9]+(-[a-z0-9]+)+", re.IGNORECASE)
"""The beginning of a code with its family, or a name."""


def ignores_of(file: ConfigFile) -> list[InlineIgnore]:
    """What a config silences about itself."""
    node = object_at(file.network.node, KEY) if file.network and file.network.is_list else None
    return [_ignore(member) for member in node or () if _fault(member) is None]


def malformed_ignores(file: ConfigFile) -> Iterator[tuple[Label, str]]:
    """What stands there and silences nothing: where, and why."""
    member = file.network.node.member(KEY) if file.network else None
    if file.network is None or member is None:
        return
    if not file.network.is_list:
        yield member.label, f'"{KEY}" is not read in a config of a single plugin, which would be handed the key'
    elif not isinstance(member.node, ObjectNode):
        yield member.node.label, f'"{KEY}" must be an object that maps codes to reasons'
    else:
        for entry in member.node:
            reason = _fault(entry)
            if reason is not None:
                yield entry.node.label, f'the entry for "{entry.name}" {reason}'


def _ignore(member: Member) -> InlineIgnore:
    pointers: tuple[str, ...] = ()
    if isinstance(member.node, ObjectNode):
        pointers = tuple(item.value for item in items_at(member.node, "at"))
    return InlineIgnore(member.name, pointers, member.label)


def _fault(member: Member) -> str | None:
    """Why an entry is not understood."""
    node = member.node
    if not _PATTERN.fullmatch(member.name):
        return "names no code"  # half a code would be the beginning of too many
    if node.kind == "string":
        return None if node.value.strip() else "gives no reason"
    if not isinstance(node, ObjectNode):
        return "is neither a reason nor an object"
    if {entry.name for entry in node} - {"at", "reason"}:
        return 'may hold "at" and "reason" only'
    if any(item.kind != "string" for item in items_at(node, "at")) or ("at" in node and not items_at(node, "at")):
        return 'needs a list of JSON pointers under "at"'
    reason = node.child("reason")
    return None if reason is not None and reason.kind == "string" and reason.value.strip() else "gives no reason"
