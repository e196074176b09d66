"""Keys that are missing because they are misspelt: one finding says both, for it is one mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.schema import plugin_schema
from cnictl.text.change import rename_key
from cnictl.text.suggest import certain, closest
from cnictl.validate.registry import Hit, safe, unsafe

if TYPE_CHECKING:
    from collections.abc import Collection

    from cnictl.report.finding import Fix
    from cnictl.text.node import Member, ObjectNode


def meant_for(node: ObjectNode, wanted: str, known: Collection[str]) -> Member | None:
    """The key of an object that was most likely to be another one, which it lacks.

    Args:
        node: The object.
        wanted: The key that it lacks.
        known: All keys that it may have.
    """
    strangers = (member for member in node if member.name not in known)
    return next((member for member in strangers if closest(member.name, known) == wanted), None)


def known_keys(plugin: str | None) -> Collection[str]:
    """All keys that the object of a plugin type may have, or its ``ipam`` object for an IPAM plugin."""
    properties: dict[str, object] = (plugin_schema(plugin or "") or {}).get("properties", {})
    return properties


def lacks(node: ObjectNode, wanted: str, known: Collection[str]) -> bool:
    """Whether an object lacks a key, and none of its other keys was to be it: a misspelt one is reported as such."""
    return node.folded(wanted) is None and meant_for(node, wanted, known) is None


def missing(node: ObjectNode, wanted: str, known: Collection[str], message: str, fix: Fix) -> Hit:
    """What is yielded about a key that is missing: at the key that was to be it, if there is one.

    Args:
        node: The object that lacks it.
        wanted: The key.
        known: All keys that it may have.
        message: What is wrong.
        fix: What to do where no other key was to be it.
    """
    member = meant_for(node, wanted, known)
    if member is None:
        return Hit(node.label, message, fix)
    description = f'write "{wanted}"'
    sure = certain(member.name, known) == wanted and node.folded(wanted) is None
    right = safe(description, rename_key(member, wanted)) if sure else unsafe(description)
    return Hit(member.label, f'{message}; did you mean "{wanted}" by "{member.name}"?', right)
