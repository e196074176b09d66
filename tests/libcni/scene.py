"""The networks and the container of the tests of libcni's behaviours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from cnictl import CNI, Attachment, NetworkConfigList
from cnictl.testing import runs_in

if TYPE_CHECKING:
    from pathlib import Path

    from cnictl.runtime.cache import CacheEntry

C1 = Attachment("c1", "/run/netns/c1")
RESULT = {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/16"}]}
OLDER = {"cniVersion": "0.3.1", "ips": [{"version": "4", "address": "10.1.0.5/16"}], "dns": {}}
OLDEST = {"cniVersion": "0.2.0", "ip4": {"ip": "10.1.0.5/16"}, "dns": {}}
REFUSAL = {"code": 107, "msg": "no", "details": "not today"}


class Shape(NamedTuple):
    """A network of one plugin, or of several.

    libcni has functions of its own for a single plugin's config; cnictl makes a list of one of it.
    """

    types: str

    def document(self, version: str | None = "1.0.0", **top: Any) -> dict[str, Any]:
        """Its config as plain data."""
        versions = {} if version is None else {"cniVersion": version}
        if len(self.types) == 1:
            return versions | {"name": "net", "type": self.types} | top
        return versions | {"name": "net", "plugins": [{"type": kind} for kind in self.types]} | top

    def network(self, version: str | None = "1.0.0", **top: Any) -> NetworkConfigList:
        """Its config, ready to run."""
        return NetworkConfigList.from_dict(self.document(version, **top))


SINGLE, CHAIN = Shape("a"), Shape("abc")
BOTH = pytest.mark.parametrize("shape", [SINGLE, CHAIN], ids=["single", "list"])


def asked(cni: CNI) -> list[str]:
    """What plugins were asked so far, such as ``ADD a``."""
    return [f"{run.verb} {run.plugin}" for run in runs_in(cni.bin_dirs[0])]


def prev_results(cni: CNI) -> list[Any]:
    """The ``prevResult`` of each run so far; ``None`` where there was none."""
    return [run.config.get("prevResult") for run in runs_in(cni.bin_dirs[0])]


def kept(cni: CNI) -> CacheEntry:
    """What the cache knows of `C1`."""
    entry = cni.cache.read("net", C1)
    assert entry is not None
    return entry


def cache_file(cni: CNI) -> Path:
    """Where libcni keeps what it knows of `C1`."""
    return cni.cache.directory / "results" / "net-c1-eth0"


def keep(cni: CNI, content: str | bytes | dict[str, Any]) -> Path:
    """Puts something in the place of the cache entry of `C1`."""
    path = cache_file(cni)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content) if isinstance(content, dict) else content
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path
