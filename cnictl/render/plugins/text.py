"""The installed plugins for people: directory by directory, a line for each plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.version import SpecVersion
from cnictl.render.plugins import PluginStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.render.paper import Paper
    from cnictl.render.plugins import PluginFile, PluginListing

_STYLE = {
    PluginStatus.OK: "ok",
    PluginStatus.SILENT: "warning",
    PluginStatus.BROKEN: "error",
    PluginStatus.SHADOWED: "dim",
    PluginStatus.OTHER: "dim",
    PluginStatus.MISSING: "error",
}
_WIDEST = 20
"""Columns for names; longer ones push their line to the right."""


def render(listing: PluginListing, paper: Paper) -> None:
    """Writes each directory with its plugins, and then what is missing."""
    margin = min(max((len(plugin.type) for plugin in listing.plugins), default=0), _WIDEST)
    missing = [plugin for plugin in listing.plugins if plugin.path is None]
    for directory, error in listing.directories.items():
        members = [plugin for plugin in listing.plugins if _directory(plugin) == directory]
        if members or error or not missing:
            paper.line((directory, "bold"), f": {error}" if error else "" if members else ": no plugins")
        _lines(members, paper, margin)
    _lines(missing, paper, margin)


def _directory(plugin: PluginFile) -> str | None:
    return None if plugin.path is None else plugin.path.rpartition("/")[0] or "/"


def _lines(plugins: Sequence[PluginFile], paper: Paper, margin: int) -> None:
    for plugin in plugins:
        paper.paragraph((f"{plugin.type:<{margin}}  ", _STYLE[plugin.status]), _text(plugin), indent=2)
        if plugin.hint:
            paper.paragraph(("hint: ", "dim"), plugin.hint, indent=margin + 4)


def _text(plugin: PluginFile) -> str:
    if plugin.status is PluginStatus.OK:
        return f"{', '.join(plugin.verbs)}; speaks {_range(plugin.versions)}"
    if plugin.status is PluginStatus.OTHER:
        return f"no plugin: {plugin.reason}"
    return plugin.reason


def _range(versions: tuple[str, ...]) -> str:
    """Versions in a row as the first and the last of them."""
    known = sorted(version for text in versions if (version := SpecVersion.of(text)))
    others = [text for text in versions if SpecVersion.of(text) is None]
    every = list(SpecVersion)
    if known[2:] and every.index(known[-1]) - every.index(known[0]) == len(known) - 1:
        return ", ".join([f"{known[0]} to {known[-1]}", *others])
    return ", ".join([*map(str, known), *others])
