"""A throwaway machine: a node whose processes end with it, whoever started them."""

from __future__ import annotations

import json
import os
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from tests.support.command import CNICTL, Ended
from tests.support.node import Node, plugin_dir

if TYPE_CHECKING:
    from collections.abc import Callable

PARENT = f"cnictl-e2e-{os.getpid()}"
"""The control group of all containers here; groups are the one thing that they share with the host."""

# The first process of a PID namespace inherits the orphans; as it ignores their end, the kernel clears them away.
_SCRIPT = """
set -e
mount -t tmpfs machine /run
mount -t tmpfs machine /var/lib
mkdir /run/netns /run/lock
ip link set lo up
trap '' CHLD
echo ready
exec cat >/dev/null
"""
_NAMESPACES = {"--net": "net", "--mount": "mnt", "--pid": "pid_for_children", "--ipc": "ipc", "--uts": "uts"}


class Container(NamedTuple):
    """A container that a runtime runs.

    Attributes:
        container_id: Its ID.
        netns: The path of its network namespace.
        address: Its IP address.
    """

    container_id: str
    netns: str
    address: str


class Machine(Node):
    """A node with a network ``pods``: bridge, portmap and bandwidth.

    Args:
        scratch: A directory for its files, which is seen by all.
    """

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.conf_dir = scratch / "net.d"
        self.bin_dir = str(plugin_dir())
        self.conf_dir.mkdir()
        self.write_network("pods", "10.91.0.0/24")

    def __enter__(self) -> Self:
        unshare = ["unshare", *_NAMESPACES, "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
        self._anchor = subprocess.Popen(
            [*unshare, "sh", "-c", _SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self._anchor.stdout is None or self._anchor.stdout.readline() != "ready\n":
            self.__exit__(None, None, None)
            message = "the throwaway machine could not be made"
            raise RuntimeError(message)
        return self

    @property
    def root(self) -> Path:
        """Where its file system is seen from outside."""
        return Path(f"/proc/{self._anchor.pid}/root")

    def inside(self, command: list[str], directory: Path | None = None) -> list[str]:
        """The command that runs a command in the machine."""
        enter = [f"{option}=/proc/{self._anchor.pid}/ns/{file}" for option, file in _NAMESPACES.items()]
        place = str(directory or self.scratch)
        return ["nsenter", *enter, "--", "sh", "-c", 'cd "$0" && exec "$@"', place, *command]

    def write_network(self, name: str, subnet: str) -> Path:
        """Puts a network into the config directory, which holds no other then."""
        for old in self.conf_dir.iterdir():
            old.unlink()
        ipam = {"type": "host-local", "ranges": [[{"subnet": subnet}]]}
        plugins = [
            {"type": "bridge", "bridge": name, "isGateway": True, "ipMasq": True, "ipam": ipam},
            {"type": "portmap", "capabilities": {"portMappings": True}},
            {"type": "bandwidth", "capabilities": {"bandwidth": True}},
        ]
        path = self.conf_dir / f"10-{name}.conflist"
        path.write_text(json.dumps({"cniVersion": "1.0.0", "name": name, "plugins": plugins}))
        return path

    def cnictl(self, *arguments: object) -> Ended:
        """Runs ``cnictl`` in the machine."""
        places = ["--bin-dir", self.bin_dir, "--conf-dir", str(self.conf_dir)] if arguments[0] == "exec" else []
        done = self.run(*CNICTL, *map(str, arguments), *places, check=False)
        return Ended(done.returncode, done.stdout, done.stderr)

    def exec(self, verb: str, container: Container, *more: object, network: str = "pods") -> Ended:
        """Runs a verb of ``cnictl exec`` for a container of another runtime."""
        return self.cnictl("exec", verb, network, container.netns, "--container-id", container.container_id, *more)

    def attachments(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What ``cnictl attachments`` lists, by container ID and interface."""
        listed = self.cnictl("attachments", "--format", "json").data["attachments"]
        return {(each["containerId"], each["ifname"]): each for each in listed}

    def traces(self, container: Container) -> list[str]:
        """All that is there of a container: links (those of any container), leases, rules, its entry in the cache."""
        links = json.loads(self.run("ip", "-json", "link").stdout)
        found = [link["ifname"] for link in links if link["ifname"].startswith(("veth", "bwp"))]
        found += self.run("sh", "-c", "ls /var/lib/cni/networks/*/ /var/lib/cni/results").stdout.splitlines()
        for table in ("nat", "filter", "mangle"):
            found += self.run("iptables", "-t", table, "-S").stdout.splitlines()
        named = (f"pods-{container.container_id}", container.address)
        return [
            line
            for line in found
            if line.startswith(("veth", "bwp"))
            or any(name in line for name in named)
            or (line.startswith("-A") and container.container_id in line)
        ]


def remove_groups() -> None:
    """Removes the control groups of containers that have ended."""
    groups = sorted(Path("/sys/fs/cgroup").glob(f"**/{PARENT}/**/"), reverse=True)
    for group in groups:
        wait_until(partial(_removed, group), f"{group} is still in use")


def _removed(group: Path) -> bool:
    try:
        group.rmdir()
    except OSError:
        return not group.exists()
    return True


def wait_until(happened: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Waits for something, and fails when it does not come about.

    Raises:
        TimeoutError: It did not within so many seconds.
    """
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)
