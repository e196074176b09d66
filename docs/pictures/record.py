"""Records anew what needs a node, as root: ``python -m docs.pictures.record`` from the project's root.

The commands are those of the pictures, with ``--format json``, run in a throwaway node.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from docs.pictures import recorded
from tests.support.node import Node

_BRIDGE = {
    "type": "bridge",
    "bridge": "cni-pods",
    "isGateway": True,
    "ipMasq": True,
    "ipam": {
        "type": "host-local",
        "ranges": [[{"subnet": "10.88.0.0/16"}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    },
}
_PORTMAP = {"type": "portmap", "capabilities": {"portMappings": True}}
_CACHE = "/var/lib/cni/results"
_LEASES = "/var/lib/cni/networks/pods"
_AGES = {
    f"{_CACHE}/pods-web-0-eth0": "2026-01-09T08:12:00Z",
    f"{_CACHE}/pods-web-1-eth0": "2026-01-12T04:25:00Z",
    f"{_CACHE}/pods-batch-7-eth0": "2026-01-12T08:51:00Z",
    f"{_LEASES}/10.88.0.9": "2026-01-10T23:40:00Z",
}
"""When the files were written, as far as their readers can tell."""


def main() -> None:
    """Records the three documents."""
    for name, record in (("trace", _trace), ("trial", _trial), ("attachments", _attachments)):
        with Node() as node, tempfile.TemporaryDirectory() as directory:
            document = record(node, Path(directory))
        (recorded.HERE / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _trace(node: Node, directory: Path) -> Any:  # noqa: ANN401  # a JSON document
    _write(directory / "demo.conflist", "demo", _BRIDGE | {"bridge": "cni-demo"})
    return _cnictl(node, directory, "exec", "add", "demo.conflist", "web-0", "--create-netns", "--trace", "-f", "json")


def _trial(node: Node, directory: Path) -> Any:  # noqa: ANN401  # a JSON document
    _write(directory / "10-pods.conflist", "pods", _BRIDGE, {"type": "portmap"})
    return _cnictl(node, directory, "try", "10-pods.conflist", "--port", "8080:80", "-f", "json")


def _attachments(node: Node, directory: Path) -> Any:  # noqa: ANN401  # a JSON document
    _write(directory / "pods.conflist", "pods", _BRIDGE, _PORTMAP)
    add = ("exec", "add", "pods.conflist", "--create-netns", "-f", "json")
    _cnictl(node, directory, *add, "web-0", "--container-id", "web-0", "--port", "8080:80")
    _cnictl(node, directory, *add, "web-1", "--container-id", "web-1")
    _cnictl(node, directory, *add, "batch-7", "--container-id", "batch-7")
    node.run("ip", "netns", "del", "batch-7")
    node.run("sh", "-c", f"printf 'batch-3\\r\\neth0' >{_LEASES}/10.88.0.9")
    for path, moment in _AGES.items():
        node.run("touch", "-d", moment, path)
    return _cnictl(node, directory, "attachments", "-f", "json")


def _write(path: Path, name: str, *plugins: dict[str, Any]) -> None:
    config = {"cniVersion": "1.0.0", "name": name, "plugins": plugins}
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _cnictl(node: Node, directory: Path, *arguments: str) -> Any:  # noqa: ANN401  # a JSON document
    program = str(Path(sys.executable).with_name("cnictl"))
    return json.loads(
        node.run("sh", "-c", 'cd "$0" && exec "$@"', str(directory), program, *arguments, check=False).stdout
    )


if __name__ == "__main__":
    main()
