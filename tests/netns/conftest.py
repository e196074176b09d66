"""What tests with the real plugins share: a throwaway node for each of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.command import CNICTL, Ended
from tests.support.node import Node, plugin_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBNET = "10.88.0.0/16"


class RealNode(Node):
    """A throwaway node with the network ``pods``: bridge, portmap and bandwidth.

    Args:
        scratch: A directory for its configs.
    """

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.network = scratch / "10-pods.conflist"
        self.bin_dir = plugin_dir() or Path("/opt/cni/bin")

    def cnictl(self, *arguments: object) -> Ended:
        """Runs ``cnictl`` in the node."""
        done = self.run(*CNICTL, *map(str, arguments), check=False)
        return Ended(done.returncode, done.stdout, done.stderr)

    def exec(self, verb: str, netns: str = "web", *more: object) -> Ended:
        """Runs a verb of ``cnictl exec`` for the network ``pods``."""
        return self.cnictl("exec", verb, self.network, netns, *more)

    def write(self, *plugins: dict[str, object], version: str = "1.0.0") -> None:
        """Writes the network ``pods``."""
        self.network.write_text(json.dumps({"cniVersion": version, "name": "pods", "plugins": plugins}))

    def generate(self, *options: str) -> None:
        """Has the network ``pods`` written by cnictl."""
        ended = self.cnictl("generate", "bridge", "--name", "pods", "--subnet", SUBNET, *options, "-o", self.network)
        assert ended == (0, "", "")

    def links(self, netns: str | None = None) -> dict[str, dict[str, Any]]:
        """The links of the node, or of a namespace in it, by their names."""
        inside = ["-netns", netns] if netns else []
        links = json.loads(self.run("ip", *inside, "-json", "-details", "address", "show").stdout)
        return {link["ifname"]: link for link in links}

    def rules(self) -> list[str]:
        """The rules for IPv4 that were added to what is always there."""
        tables = [self.run("iptables", "-t", table, "-S").stdout for table in ("nat", "filter", "mangle")]
        lines = [line for table in tables for line in table.splitlines()]
        return [line for line in lines if line.startswith("-A")]

    def leases(self, network: str = "pods") -> list[str]:
        """The addresses that host-local has given away."""
        names = self.run("sh", "-c", f"ls /var/lib/cni/networks/{network} 2>/dev/null || true").stdout.split()
        return [name for name in names if name[0].isdigit() or ":" in name]

    def cached(self) -> list[str]:
        """The files in the result cache."""
        return self.run("sh", "-c", "ls /var/lib/cni/results 2>/dev/null || true").stdout.split()

    def is_clean(self) -> bool:
        """Whether nothing of any container is left: no link, no address, no rule that names one, no cache entry.

        The bridge stays, and so do the empty chains that the plugins make once for all containers.
        """
        links = {name for name, link in self.links().items() if kind(link) != "bridge"}
        per_container = [rule for rule in self.rules() if "10.88." in rule or "8080" in rule]
        return (links, self.leases(), self.cached(), per_container) == ({"lo"}, [], [], [])


def kind(link: dict[str, Any]) -> str | None:
    """What kind of link it is, such as ``veth``."""
    found: str | None = link.get("linkinfo", {}).get("info_kind")
    return found


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RealNode]:
    """A throwaway node with the network ``pods``."""
    with RealNode(tmp_path) as node:
        node.generate("--portmap", "--bandwidth")
        yield node
