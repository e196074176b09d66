"""A config of a single plugin as a list, and a list as that of a single plugin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cnictl.authoring.configs import rewritten
from cnictl.text.change import put_first
from cnictl.text.edit import Edit, apply_edits
from cnictl.text.node import ObjectNode
from cnictl.text.parser import parse
from cnictl.text.source import Source
from cnictl.validate.context import NAD
from cnictl.validate.mending import make_list, without_members

if TYPE_CHECKING:
    from cnictl.authoring.configs import Config

_OF_BOTH = ("cniversion", "name")
"""Keys that a list has at its top and a single plugin's config beside its own keys."""


def as_list(config: Config) -> Config:
    """The config of a single plugin as a list of one.

    Args:
        config: The config.

    Raises:
        UsageError: The way it is written in a manifest does not allow that.
    """
    return rewritten(config, make_list(config.network))


def stays_single(config: Config) -> str | None:
    """Why a config of a single plugin cannot become a list; ``None`` when it can."""
    if config.kind not in (None, NAD):
        return "the name under which it stands in the manifest is that of a single plugin's config"
    if not config.network.name and config.kind != NAD:
        return "a list needs a name"
    return None


def as_single(config: Config) -> Config:
    """The first plugin of a list as a config of its own, with the list's name and version.

    Args:
        config: The config, a list with one plugin or more.

    Raises:
        UsageError: The way it is written in a manifest does not allow that.
    """
    plugin = config.network.plugins[0].node
    text = _dedented(config.source.text, plugin)
    top = {"cniVersion": config.network.declared, "name": config.network.name}
    for key, value in reversed(list(top.items())):
        if value is not None:
            text = _with_first(text, key, value)
    return rewritten(config, [Edit(config.network.node.span, text)])


def _dedented(text: str, plugin: ObjectNode) -> str:
    """A plugin's object as it would be written at the left margin, without what the list has at its top."""
    end = plugin.span.end - 1
    line = text[text.rfind("\n", 0, end) + 1 : end]
    margin = line[: len(line) - len(line.lstrip())]
    own = [member for member in plugin.members if member.name.casefold() not in _OF_BOTH]
    whole = without_members(text, plugin, _OF_BOTH) if own else json.dumps({})
    return whole.replace(f"\n{margin}", "\n") if margin else whole


def _with_first(text: str, key: str, value: str) -> str:
    root = parse(Source("single.conf", text.encode())).root
    if not isinstance(root, ObjectNode):
        return text
    return apply_edits(text, [put_first(text, root, key, value)])
