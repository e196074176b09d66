"""A home with something of everything that can be completed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.caches import HERE, CacheTree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_network(path: Path, name: str, *plugins: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cniVersion": "1.0.0", "name": name, "plugins": plugins or [{"type": "bridge"}]}))


def furnish(home: Path) -> None:
    """Puts networks, plugins, attachments and files into a home."""
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}}
    write_network(home / "net.d" / "10-web.conflist", "webnet", {"type": "bridge"}, portmap)
    write_network(home / "net.d" / "20-db.conflist", "dbnet")
    write_network(home / "here.conflist", "herenet", {"type": "macvlan"}, {"type": "tuning"}, portmap)
    (home / "net.d" / "30-broken.conflist").write_text("{")
    (home / "net.d" / "40-nameless.conf").write_text('{"type": "bridge"}')
    (home / "my dir").mkdir()
    (home / "pod.yaml").write_text("kind: Pod\n")
    (home / "notes.txt").write_text("")
    for name in ("zebra", "zebu"):
        (home / "bin" / name).parent.mkdir(exist_ok=True)
        (home / "bin" / name).write_text("")
        (home / "bin" / name).chmod(0o755)
    (home / "bin" / "zero").write_text("it cannot be run")
    (home / "bin" / ".zebra.old").write_text("")
    (home / "bin" / ".zebra.old").chmod(0o755)
    cache = CacheTree(home)
    cache.add("id-web", network="webnet", ifname="net7")
    cache.add("id-db", network="dbnet", netns=HERE.replace("self", "1"))
    cache.add("id-gone", network="gonenet", netns="/run/netns/gone")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the test stands."""
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path
