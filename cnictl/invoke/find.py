"""Finds the executable of a plugin type."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.errors import PluginNotFound
from cnictl.model.names import plugin_type_fault

if TYPE_CHECKING:
    from collections.abc import Sequence

WELL_KNOWN_DIRS = (Path("/opt/cni/bin"), Path("/usr/lib/cni"), Path("/usr/libexec/cni"))
"""Where plugins are installed: upstream and Kubernetes, Debian, Red Hat."""

REFERENCE_PLUGINS = frozenset(
    {"bandwidth", "bridge", "dhcp", "dummy", "firewall", "host-device", "host-local", "ipvlan", "loopback"}
    | {"macvlan", "portmap", "ptp", "sbr", "static", "tap", "tuning", "vlan", "vrf"}
)
"""The types of the containernetworking/plugins project."""


def default_bin_dirs() -> list[Path]:
    """Where plugins are looked for when nobody says: ``/opt/cni/bin``, or else the distribution's directory."""
    return [next((path for path in WELL_KNOWN_DIRS if path.is_dir()), WELL_KNOWN_DIRS[0])]


def find_plugin(plugin: str, bin_dirs: Sequence[Path]) -> Path:
    """The executable of a plugin type: the first regular file of that name.

    Args:
        plugin: The ``type``.
        bin_dirs: The directories to search, in order. Relative ones are passed over: what they mean would
            depend on where the runtime happens to stand.

    Raises:
        PluginNotFound: There is none, or the first one cannot be run.
    """
    fault = plugin_type_fault(plugin)
    if fault:
        raise PluginNotFound(plugin, bin_dirs, reason=fault)
    other: str | None = None
    for directory in bin_dirs:
        path = directory / plugin
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if not directory.is_absolute():
            other = other or f"{path} is passed over, because the plugin directory is not an absolute path"
        elif stat.S_ISREG(mode):
            return _runnable(plugin, path, bin_dirs)
        else:
            other = other or f"{path} is {'a directory' if stat.S_ISDIR(mode) else 'no regular file'}, not a plugin"
    raise PluginNotFound(plugin, bin_dirs, reason=other, hint=_where_else(plugin, bin_dirs))


def _runnable(plugin: str, path: Path, bin_dirs: Sequence[Path]) -> Path:
    if os.access(path, os.X_OK):
        return path
    raise PluginNotFound(plugin, bin_dirs, reason=f"{path} is not executable", hint=f"chmod 755 {path}")


def _where_else(plugin: str, bin_dirs: Sequence[Path]) -> str | None:
    """Where the plugin does lie, or which package brings it."""
    for directory in WELL_KNOWN_DIRS:
        if directory not in bin_dirs and (directory / plugin).is_file():
            return f"it is in {directory}: add --bin-dir {directory}"
    if plugin in REFERENCE_PLUGINS:
        return "it comes with the CNI reference plugins: apt install containernetworking-plugins"
    return f"install the product that brings {plugin}, or take it out of the config"
