"""One run of a plugin as a pair of values: what was asked, and everything that came back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from cnictl.model.version import NEWEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cnictl.model.attachment import Attachment

CNI_VARIABLES = ("CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS", "CNI_PATH")
"""The variables of the protocol (CNI spec 1.1.0, section 2, "Parameters")."""


class Invocation(NamedTuple):
    """What a plugin is asked.

    Attributes:
        plugin: The plugin's ``type``.
        path: Its executable, absolute.
        verb: ``ADD``, ``CHECK``, ``DEL``, ``GC``, ``STATUS`` or ``VERSION``.
        environment: The whole environment of the process.
        stdin: The exact bytes that it reads.
    """

    plugin: str
    path: Path
    verb: str
    environment: Mapping[str, str]
    stdin: bytes

    @property
    def cni_environment(self) -> dict[str, str]:
        """The variables of the protocol alone."""
        return {name: self.environment[name] for name in CNI_VARIABLES if name in self.environment}


class Exchange(NamedTuple):
    """An invocation and all that came of it; nothing is thrown away.

    Attributes:
        invocation: What was asked.
        stdout: What the plugin printed, up to the executor's limit.
        stderr: What it logged, up to the same limit.
        status: Its exit status; ``None`` when a signal ended it.
        signal: The number of the signal that ended it, or ``None``.
        seconds: How long it ran.
        limit: How many seconds it was allowed.
        timed_out: Whether it was ended because it took longer.
        truncated: Whether output beyond the limit was dropped.
    """

    invocation: Invocation
    stdout: bytes = b""
    stderr: bytes = b""
    status: int | None = 0
    signal: int | None = None
    seconds: float = 0.0
    limit: float = 0.0
    timed_out: bool = False
    truncated: bool = False

    @property
    def ok(self) -> bool:
        """Whether the plugin reported success."""
        return self.status == 0 and not self.timed_out


def plugin_environment(
    verb: str, bin_dirs: Sequence[Path], attachment: Attachment | None = None, base: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment for every verb but VERSION.

    All six variables are always set, so that none leaks in from outside; empty and unset mean the same to
    plugins.

    Args:
        verb: The command.
        bin_dirs: The plugin directories, which plugins search for their delegates.
        attachment: Whom it is about; ``None`` for GC and STATUS.
        base: What the process inherits; this process's own environment when ``None``.
    """
    own = {
        "CNI_COMMAND": verb,
        "CNI_CONTAINERID": attachment.container_id if attachment else "",
        "CNI_NETNS": attachment.netns if attachment else "",
        "CNI_IFNAME": attachment.ifname if attachment else "",
        "CNI_ARGS": attachment.args_text if attachment else "",
        "CNI_PATH": os.pathsep.join(map(str, bin_dirs)),
    }
    return dict(os.environ if base is None else base) | own


def version_invocation(plugin: str, path: Path) -> Invocation:
    """The question which versions a plugin speaks.

    Plugins from before VERSION existed want the other variables too, hence the ``dummy`` values. Nothing
    else of this process's environment is handed on but the search path.
    """
    environment = {"PATH": os.environ.get("PATH", os.defpath), "CNI_COMMAND": "VERSION", "CNI_CONTAINERID": ""}
    environment |= {"CNI_NETNS": "dummy", "CNI_IFNAME": "dummy", "CNI_ARGS": "", "CNI_PATH": "dummy"}
    return Invocation(plugin, path, "VERSION", environment, f'{{"cniVersion":"{NEWEST}"}}'.encode())
