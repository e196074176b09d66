"""Edits the chain of plugins of a config in place: nothing of the file changes but what is said.

>>> from cnictl.text.source import Source
>>> text = b'{"cniVersion": "1.0.0", "name": "n", "plugins": [{"type": "bridge"}, {"type": "bandwidth"}]}'
>>> [config] = configs_in(Source("net.conflist", text))
>>> change = add(config, "portmap", force=True)
>>> change.plugins, change.message
(['bridge', 'portmap', 'bandwidth'], 'portmap is added behind bridge')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnictl.authoring.accepted import brought
from cnictl.authoring.configs import Config, configs_in, rewritten
from cnictl.authoring.entry import new_entry, require_known
from cnictl.errors import UsageError
from cnictl.model.names import plugin_type_fault
from cnictl.model.view import child_of
from cnictl.schema import plugin_hints
from cnictl.text.items import insert_item, move_item, remove_item
from cnictl.text.node import ArrayNode
from cnictl.validate.mending import add_capability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.report.finding import Finding
    from cnictl.text.edit import Edit

__all__ = ["Change", "Place", "add", "configs_in", "move", "remove", "types_of"]


@dataclass(frozen=True)
class Place:
    """Where a plugin is to stand; the place that fits it when nothing is said.

    Attributes:
        at: Its number, from 1.
        before: The type of the plugin that it stands directly before.
        after: The type of the one that it stands directly behind.
    """

    at: int | None = None
    before: str | None = None
    after: str | None = None


ANYWHERE = Place()


@dataclass(frozen=True)
class Change:
    """What becomes of a file.

    Attributes:
        before: The config as it is.
        after: The same in the file as it is to be; the very one when nothing changes.
        message: What is done, in words.
        findings: Errors and warnings that come of it.
    """

    before: Config
    after: Config
    message: str
    findings: tuple[Finding, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.text != self.before.source.outermost.text

    @property
    def text(self) -> str:
        """The whole file as it is to be."""
        return self.after.source.outermost.text

    @property
    def plugins(self) -> list[str]:
        """The chain afterwards."""
        return types_of(self.after)


def types_of(config: Config) -> list[str]:
    """The types of a config's plugins in order; ``?`` for what has none."""
    return [plugin.type or "?" for plugin in config.network.plugins]


def add(
    config: Config,
    plugin: str,
    settings: Mapping[str, Any] | None = None,
    place: Place = ANYWHERE,
    *,
    force: bool = False,
) -> Change:
    """Puts a plugin into a chain, unless it is there already.

    Args:
        config: The config, one of `configs_in`.
        plugin: The type of the plugin.
        settings: Keys of its own.
        place: Where it is to stand.
        force: Whether to do it even if something is wrong with the chain afterwards.

    Raises:
        UsageError: It cannot stand in this chain, or is there with other keys.
    """
    array = _array(config)
    fault = plugin_type_fault(plugin)
    if fault:
        raise UsageError(fault)
    if not force:
        require_known(plugin, "plugin that is known")
    if plugin in types_of(config):
        return _is_there(config, plugin, settings or {})
    types = types_of(config)
    index = _index(types, plugin, place)
    entry = new_entry(plugin, dict(settings or {}))
    after = _inserted(config, array, index, entry)
    where = f"behind {types[index - 1]}" if index else "at the front"
    return _judged(Change(config, after, f"{plugin} is added {where}"), force=force)


def _is_there(config: Config, plugin: str, settings: Mapping[str, Any]) -> Change:
    view = next(each for each in config.network.plugins if each.type == plugin)
    values = view.node.value
    other = [key for key, value in settings.items() if values.get(key) != value]
    if other:
        message = f"{plugin} is in the chain already, and its {other[0]} is not what you say"
        raise UsageError(message, hint=f"change it there, or `cnictl chain remove {plugin}` first")
    for capability in plugin_hints(plugin).capabilities:
        edits = add_capability(view, capability)
        if edits:
            message = f"{plugin} is in the chain already, and is told {capability} now"
            return Change(config, rewritten(config, edits), message)
    return Change(config, config, f"{plugin} is in the chain already")


def _inserted(config: Config, array: ArrayNode, index: int, entry: object) -> Config:
    """The config with a new plugin; on one line where the manifest that it stands in has no room for more."""
    text = config.source.text
    try:
        return rewritten(config, [insert_item(text, array, index, entry)])
    except UsageError:
        return rewritten(config, [insert_item(text, array, index, entry, flat=True)])


def remove(config: Config, plugin: str, at: int | None = None, *, force: bool = False) -> Change:
    """Takes a plugin out of a chain, if it is there.

    Args:
        config: The config, one of `configs_in`.
        plugin: The type of the plugin.
        at: Its number, from 1, where there are several of the type.
        force: Whether to do it even if something is wrong with the chain afterwards.

    Raises:
        UsageError: It is the only one, or there are several of the type, or others need it.
    """
    array = _array(config)
    if plugin not in types_of(config):
        return Change(config, config, f"{plugin} is not in the chain")
    index = _only(config, plugin, at)
    if len(array.items) == 1:
        message = f"{plugin} is the only plugin, and a chain has at least one"
        raise UsageError(message, hint="delete the file if the network is not wanted any more")
    after = rewritten(config, [remove_item(array, index)])
    return _judged(Change(config, after, f"{plugin} is removed"), force=force)


def move(config: Config, plugin: str, place: Place = ANYWHERE, *, force: bool = False) -> Change:
    """Gives a plugin of a chain another place, or the one that fits it.

    Args:
        config: The config, one of `configs_in`.
        plugin: The type of the plugin.
        place: Where it is to stand.
        force: Whether to do it even if something is wrong with the chain afterwards.

    Raises:
        UsageError: It is not there, or something is wrong with the chain afterwards.
    """
    array, types = _array(config), types_of(config)
    if plugin not in types:
        message = f"{plugin} is not in the chain"
        raise UsageError(message, hint=f"it has {', '.join(types)}")
    index = _only(config, plugin, None)
    others = types[:index] + types[index + 1 :]
    to = _index(others, plugin, place)
    if to == index:
        return Change(config, config, f"{plugin} stands there already")
    edits: Sequence[Edit] = move_item(config.source.text, array, index, to)
    where = f"behind {others[to - 1]}" if to else "to the front"
    return _judged(Change(config, rewritten(config, edits), f"{plugin} is moved {where}"), force=force)


def _array(config: Config) -> ArrayNode:
    array = config.network.node.child("plugins")
    if not config.network.is_list:
        message = f"{config.source.name}: it is the config of a single plugin, which has no chain"
        raise UsageError(message, hint=f"`cnictl upgrade {config.source.path} --to 1.0.0` makes a list of it")
    if not isinstance(array, ArrayNode) or any(item.kind != "object" for item in array.items):
        message = f'{config.source.name}: "plugins" is not a list of plugins'
        raise UsageError(message, hint=f"`cnictl validate {config.source.path}` tells what is wrong")
    return array


def _only(config: Config, plugin: str, at: int | None) -> int:
    """The place of the plugin of a type, which must be the only one unless its number is given."""
    indexes = [index for index, each in enumerate(types_of(config)) if each == plugin]
    if at is not None:
        if at - 1 not in indexes:
            message = f"number {at} of the chain is not {plugin}"
            raise UsageError(message, hint="`cnictl chain list` shows the numbers")
        return at - 1
    if len(indexes) > 1:
        message = f"{plugin} is in the chain {len(indexes)} times"
        raise UsageError(message, hint="say which one with --at, for `chain list` shows the numbers")
    return indexes[0]


def _index(types: Sequence[str], plugin: str, place: Place) -> int:
    """The index at which a plugin is to stand among others.

    Args:
        types: The types of the others.
        plugin: Its type.
        place: What was asked for.
    """
    if place.at is not None:
        if not 1 <= place.at <= len(types) + 1:
            message = f"the chain has no place {place.at}"
            raise UsageError(message, hint=f"the places are 1 to {len(types) + 1}")
        return place.at - 1
    beside = place.before or place.after
    if beside is None:
        return fitting(types, plugin)
    if beside not in types:
        message = f"{beside} is not in the chain"
        raise UsageError(message, hint=f"it has {', '.join(types)}")
    return types.index(beside) if place.before else len(types) - list(reversed(types)).index(beside)


def fitting(types: Sequence[str], plugin: str) -> int:
    """The index that fits a plugin: behind all that come before it by their schemas.

    What stands first makes the interface, whatever its schema says, and all but another such plugin come behind it.

    Args:
        types: The types of the others.
        plugin: Its type.
    """
    order = plugin_hints(plugin).order
    orders = [plugin_hints(each).order if index else 0 for index, each in enumerate(types)]
    if order == 0:
        return 0
    return max((index + 1 for index, each in enumerate(orders) if each <= order), default=0)


def _judged(change: Change, *, force: bool) -> Change:
    """A change with what is wrong afterwards and was not before."""
    before, after = change.before, change.after
    findings = brought(before.source, after.source, before.kind)
    if findings and not force:
        first = findings[0]
        message = f"{before.source.name}: {change.message}, and then {first.message} ({first.code})"
        hint = "say --force to do it all the same"
        raise UsageError(message, hint=hint)
    return Change(before, after, change.message, tuple(findings))


def capabilities_of(config: Config) -> list[tuple[str, list[str], str | None]]:
    """Each plugin of a chain with the capabilities that it declares and the type of its IPAM plugin."""
    return [
        (plugin.type or "?", sorted(plugin.capabilities), plugin.ipam_type if child_of(plugin.node, "ipam") else None)
        for plugin in config.network.plugins
    ]
