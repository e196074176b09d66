"""Cache directories as runtimes leave them behind: entries, intents of the journal, leases of host-local."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnictl.runtime.cache import CacheEntry
from cnictl.runtime.journal import KIND

if TYPE_CHECKING:
    from pathlib import Path

HERE = "/proc/self/ns/net"
"""A network namespace that is there."""


class CacheTree:
    """A cache directory, and a data directory of host-local beside it that its networks use.

    Args:
        directory: Where both lie.
    """

    def __init__(self, directory: Path) -> None:
        self.cache_dir = directory / "cni"
        self.data_dir = directory / "leases"

    def config(self, network: str = "pods", **ipam: object) -> bytes:
        """The config of a network whose addresses come from host-local."""
        plugin = {"type": "bridge", "ipam": {"type": "host-local", "dataDir": str(self.data_dir)} | ipam}
        return json.dumps({"cniVersion": "1.0.0", "name": network, "plugins": [plugin]}).encode()

    def entry(self, container_id: str = "web", network: str = "pods", ifname: str = "eth0", **more: Any) -> CacheEntry:
        """What a runtime keeps of an attachment whose network namespace is there."""
        return CacheEntry(network, container_id, ifname, **{"netns": HERE, "config": self.config(network)} | more)

    def add(self, container_id: str = "web", **more: Any) -> Path:
        """Writes the cache file of an attachment."""
        entry = self.entry(container_id, **more)
        return self.put(f"{entry.network}-{entry.container_id}-{entry.ifname}", entry.encode())

    def put(self, name: str, content: bytes | dict[str, object]) -> Path:
        """Writes a cache file, whatever it holds."""
        path = self.cache_dir / "results" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    def begin(self, container_id: str, verb: str = "ADD", **more: Any) -> Path:
        """Writes the intent of an operation that was begun and not ended."""
        path = self.cache_dir / "cnictl" / "journal" / container_id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.entry(container_id, **more).encode(KIND, verb=verb))
        return path

    def lease(self, address: str, holder: str = "web\r\neth0", network: str = "pods") -> Path:
        """Writes a lease."""
        path = self.data_dir / network / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(holder.encode())
        return path
