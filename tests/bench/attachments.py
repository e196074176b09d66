"""How long ``cnictl attachments`` takes for ten thousand attachments with as many leases.

Run it with ``.venv/bin/python tests/bench/attachments.py``. The table shows the median of the rounds as a multiple of a
bare interpreter's start, and of reading the same files with ``cat``, which nothing that looks at all of them can beat.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cnictl.runtime.cache import CacheEntry

NUMBER = 10_000
ROUNDS = 7
LIMIT = 4.0
"""The multiple of ``cat`` that the command may take: with ``cat`` in 0.25 s that is the second that is promised."""


def fill(scratch: Path) -> None:
    """Writes what a node has after ten thousand pods whose network namespaces are gone."""
    results, leases = scratch / "results", scratch / "leases" / "pods"
    results.mkdir()
    leases.mkdir(parents=True)
    ipam = {"type": "host-local", "dataDir": str(leases.parent), "ranges": [[{"subnet": "10.0.0.0/8"}]]}
    plugins = [{"type": "bridge", "bridge": "cni0", "ipam": ipam}, {"type": "portmap"}, {"type": "bandwidth"}]
    config = json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": plugins}).encode()
    for number in range(NUMBER):
        entry = attachment(number, config)
        (results / f"pods-{entry.container_id}-eth0").write_bytes(entry.encode())
        (leases / address(number)).write_text(f"{entry.container_id}\r\neth0")


def address(number: int) -> str:
    return f"10.0.{number // 250}.{number % 250 + 2}"


def attachment(number: int, config: bytes) -> CacheEntry:
    """What containerd keeps of a pod."""
    container_id = hashlib.sha256(str(number).encode()).hexdigest()
    netns = f"/run/netns/cni-{container_id[:8]}"
    interfaces = [{"name": "cni0", "mac": "0a:58:0a:00:00:01"}, {"name": "eth0", "sandbox": netns}]
    return CacheEntry(
        "pods",
        container_id,
        "eth0",
        netns=netns,
        config=config,
        args=(("K8S_POD_NAMESPACE", "default"), ("K8S_POD_NAME", f"web-{number}")),
        capability_args={"portMappings": [{"HostPort": 8080, "ContainerPort": 80, "Protocol": "tcp", "HostIP": ""}]},
        result={
            "cniVersion": "1.0.0",
            "interfaces": interfaces,
            "ips": [{"address": f"{address(number)}/8", "interface": 1}],
        },
    )


def measure(commands: dict[str, list[str]]) -> dict[str, float]:
    """The median of the rounds in seconds; every round runs every command once, the first one only to warm up."""
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS + 1):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            took[name].append(time.perf_counter() - began)
    return {name: statistics.median(values[1:]) for name, values in took.items()}


def main() -> int:
    """Measures, prints the table, and says whether the limit was kept."""
    with tempfile.TemporaryDirectory() as scratch:
        fill(Path(scratch))
        call = [str(Path(sys.executable).with_name("cnictl")), "attachments", "--cache-dir", scratch]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "cat": ["sh", "-c", f"cat {scratch}/results/* {scratch}/leases/pods/*"],
            "attachments -f text": call,
            "attachments -f json": [*call, "-f", "json"],
        }
        took = measure(commands)
    print(f"{NUMBER} attachments, {ROUNDS} rounds, Python {sys.version.split()[0]}, {os.cpu_count()} processors")
    print(f"{'':<24}{'median':>10}{'x python':>10}{'x cat':>8}")
    for name, value in took.items():
        print(f"{name:<24}{value * 1000:>7.0f} ms{value / took['python -c pass']:>10.1f}{value / took['cat']:>8.2f}")
    return 0 if max(took.values()) <= LIMIT * took["cat"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
