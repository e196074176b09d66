"""What is installed of the plugins that a config uses, asked with VERSION (CNI spec 1.1.0, section 2 "VERSION")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cnictl.errors import CNIError, PluginError, PluginNotFound
from cnictl.model.names import plugin_type_fault

if TYPE_CHECKING:
    from pathlib import Path

    from cnictl.model.view import PluginView
    from cnictl.runtime.cni import CNI
    from cnictl.text.node import Node


@dataclass(frozen=True)
class InstalledPlugin:
    """What was found of a plugin.

    Attributes:
        versions: The spec versions that it says it speaks; empty when it was not asked or did not answer.
        missing: Why there is no executable to run, or ``None``.
        silent: Why it gave no answer, or ``None``.
        hint: The way out, or ``None``.
    """

    versions: tuple[str, ...] = ()
    missing: str | None = None
    silent: str | None = None
    hint: str | None = None


class Use(NamedTuple):
    """A plugin in a config, together with what is installed of it."""

    plugin: PluginView
    type: str
    node: Node
    """Where the config names it."""
    installed: InstalledPlugin


class InstalledPlugins:
    """The installed plugins. Each is asked once.

    Args:
        cni: What finds and asks them.
    """

    def __init__(self, cni: CNI) -> None:
        self._cni = cni
        self._known: dict[str, InstalledPlugin] = {}

    @property
    def directories(self) -> list[Path]:
        """Where they are looked for."""
        return self._cni.bin_dirs

    def of(self, plugin: str) -> InstalledPlugin:
        """What is installed of a plugin type."""
        if plugin not in self._known:
            self._known[plugin] = self._ask(plugin)
        return self._known[plugin]

    def _ask(self, plugin: str) -> InstalledPlugin:
        if plugin_type_fault(plugin):
            return InstalledPlugin()  # what no runtime would run is reported already
        try:
            return InstalledPlugin(versions=self._cni.plugin_info(plugin).versions)
        except PluginNotFound as error:
            return InstalledPlugin(missing=error.message, hint=error.hint)
        except PluginError as error:  # its hint is about networks
            return InstalledPlugin(silent=f"the installed {plugin} refuses to say which versions it speaks: {error}")
        except CNIError as error:
            return InstalledPlugin(silent=f"the installed {plugin} does not say which versions it speaks: {error}")
