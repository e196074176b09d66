"""A throwaway node: namespaces of its own, so that nothing of the machine is touched and nothing stays behind."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

TOOLS = ("unshare", "nsenter", "ip", "iptables", "nft")
PLUGIN_DIRS = ("/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni")
PLUGINS = ("bridge", "host-local", "portmap", "bandwidth", "loopback")

# /run and /var/lib are covered whole, so that neither /run/netns nor /var/lib/cni has to be there. `cat` ends, and
# the namespaces with it, when whoever made the node is gone, however that came about.
_SCRIPT = """
set -e
mount -t tmpfs node /run
mount -t tmpfs node /var/lib
mkdir /run/netns /run/lock
ip link set lo up
echo ready
exec cat >/dev/null
"""


def plugin_dir() -> Path | None:
    """The directory of the reference plugins on this machine; ``None`` when one that is needed is missing."""
    for directory in map(Path, PLUGIN_DIRS):
        if all((directory / plugin).is_file() for plugin in PLUGINS):
            return directory
    return None


def obstacle() -> str | None:
    """Why no throwaway node can be made here; ``None`` when it can."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"needs {', '.join(missing)}: `.ci/packages` installs what is missing"
    if plugin_dir() is None:
        return f"needs the plugins {', '.join(PLUGINS)}: `.ci/packages` installs them"
    attempt = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, text=True, check=False)
    return f"needs namespaces: {attempt.stderr.strip()}" if attempt.returncode else None


class Node:
    """A network namespace and a mount namespace with its own ``/run`` and ``/var/lib``, for as long as it is entered.

    Nothing leads out of it: its only link is ``lo``.
    """

    def __enter__(self) -> Self:
        self._anchor = subprocess.Popen(
            ["unshare", "--net", "--mount", "sh", "-c", _SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._anchor.stdout is None or self._anchor.stdout.readline() != "ready\n":
            self.__exit__(None, None, None)
            message = "the throwaway node could not be made"
            raise RuntimeError(message)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._anchor.kill()
        self._anchor.communicate()

    def inside(self, command: list[str], directory: Path | None = None) -> list[str]:
        """The command that runs a command in the node.

        Args:
            command: The command and its arguments.
            directory: Where it is to run; where the tests run when ``None``.
        """
        enter = ["nsenter", f"--target={self._anchor.pid}", "--net", "--mount", "--"]
        return [*enter, "sh", "-c", 'cd "$0" && exec "$@"', str(directory or Path.cwd()), *command]

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command in the node and gives back what it printed."""
        return subprocess.run(self.inside(list(command)), capture_output=True, text=True, check=check, timeout=60)
