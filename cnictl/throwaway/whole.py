"""The throwaway node as a whole: its view of the file system, and its network."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cnictl.throwaway.mounts import make_view
from cnictl.throwaway.node import build_node, plugin_objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.throwaway.node import Node

_SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where iptables is, which plugins look for: the search path of an ordinary user may lack these."""


def make_node(config: object, sysctls: Mapping[str, str] | None = None) -> Node:
    """Makes the node in the namespaces that this process is the first one of.

    Args:
        config: The network config as plain data.
        sysctls: Settings that are not to be as they are on most nodes.

    Raises:
        CNIError: This kernel, or the container that this runs in, does not allow it.
    """
    os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), *_SBIN))
    make_view(state_dirs(config))
    return build_node(config, sysctls or {})


def state_dirs(config: object) -> Iterator[str]:
    """The directories that a config says addresses are noted in."""
    for plugin in plugin_objects(config):
        ipam = plugin.get("ipam")
        directory = ipam.get("dataDir") if isinstance(ipam, dict) else None
        if isinstance(directory, str) and directory.startswith("/"):
            yield directory
