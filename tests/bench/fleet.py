"""How long ``cnictl doctor merge`` takes for five thousand reports, and how much memory.

Run it with ``.venv/bin/python tests/bench/fleet.py``. The table shows the median of the rounds as a multiple of a bare
interpreter's start, and of reading the same files with ``cat`` and with a loop over ``json.load``, which nothing that
looks at all of them can beat.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

NUMBER = 5000
CHECKS = 90
ROUNDS = 3
LIMIT = 5.0
"""The multiple of the loop over ``json.load`` that merging may take."""
MOST_MEGABYTES = 80
LOOP = "import json, pathlib, sys\nfor path in pathlib.Path(sys.argv[1]).iterdir():\n    json.loads(path.read_bytes())"
SUMMARY = "every network config of this node can be loaded by the runtime"


def fill(scratch: Path) -> None:
    """Writes the reports: on each node a few checks are not well."""
    choose = random.Random(1)
    for number in range(NUMBER):
        (scratch / f"node-{number}.json").write_text(json.dumps(report(number, choose), indent=2))


def report(number: int, choose: random.Random) -> dict[str, Any]:
    """The report of one node."""
    checks = [check(801 + each, choose.random()) for each in range(CHECKS)]
    failed = [each for each in checks if each["status"] == "fail"]
    causes = [
        {"code": each["code"], "message": each["summary"], "command": "apt install it", "explains": []}
        for each in failed[:2]
    ]
    node = {
        "hostname": f"node-{number}",
        "live": True,
        "confDir": "/etc/cni/net.d",
        "configs": ["/etc/cni/net.d/10-pods.conflist"],
        "binDirs": ["/opt/cni/bin"],
        "runtimes": ["containerd"],
        "kubelet": True,
        "versions": {"containerd": choose.choice(["1.7.2"] * 50 + ["1.6.20"])},
    }
    counts = {"checks": CHECKS, "fail": len(failed), "ok": CHECKS - len(failed)}
    return {
        "schema": "cnictl.doctor/1",
        "began": "2026-01-01T00:00:00Z",
        "seconds": 0.5,
        "node": node,
        "causes": causes,
        "checks": checks,
        "summary": counts,
    }


def check(code: int, chance: float) -> dict[str, Any]:
    """A check, which fails now and then, and then has some findings."""
    status = "fail" if chance < 0.02 else "skip" if chance < 0.15 else "ok"
    finding = {
        "code": f"CNI{code}",
        "name": f"check-{code}",
        "severity": "error",
        "message": f'the plugin "portmap-{code}" is not in /opt/cni/bin',
        "location": {"file": "/etc/cni/net.d/10-pods.conflist", "line": 6, "column": 14},
        "why": "Runtimes look for the executable only when a pod starts: the node is Ready, and every pod fails.",
        "fix": {"description": "apt install containernetworking-plugins", "applicable": "manual"},
        "evidence": {},
        "reference": "CNI spec 1.1.0, section 2",
    }
    return {
        "code": f"CNI{code}",
        "name": f"check-{code}",
        "category": f"category {code % 16}",
        "status": status,
        "summary": finding["message"] if status == "fail" else SUMMARY,
        "findings": [finding] * 3 if status == "fail" else [],
        "milliseconds": 0.4,
    }


def measure(commands: dict[str, list[str]]) -> dict[str, float]:
    """The median of the rounds in seconds; every round runs every command once, the first one only to warm up."""
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS + 1):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            took[name].append(time.perf_counter() - began)
    return {name: statistics.median(values[1:]) for name, values in took.items()}


def main() -> int:
    """Measures, prints the table, and says whether the limits were kept."""
    with tempfile.TemporaryDirectory() as scratch:
        fill(Path(scratch))
        call = [str(Path(sys.executable).with_name("cnictl")), "doctor", "merge", scratch]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "cat": ["sh", "-c", f"cat {scratch}/*"],
            "json.load of each": [sys.executable, "-c", LOOP, scratch],
            **{f"merge -f {name}": [*call, "-f", name] for name in ("text", "json", "html")},
        }
        took = measure(commands)
        size = sum(path.stat().st_size for path in Path(scratch).iterdir()) / 1e6
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{NUMBER} reports of {CHECKS} checks, {size:.0f} MB, {ROUNDS} rounds, {os.cpu_count()} processors")
    print(f"{'':<24}{'median':>10}{'x python':>10}{'x json':>8}")
    for name, value in took.items():
        ratios = f"{value / took['python -c pass']:>10.1f}{value / took['json.load of each']:>8.2f}"
        print(f"{name:<24}{value * 1000:>7.0f} ms{ratios}")
    print(f"the largest process had {megabytes:.0f} MB")
    slowest = max(value for name, value in took.items() if name.startswith("merge"))
    return 0 if slowest <= LIMIT * took["json.load of each"] and megabytes <= MOST_MEGABYTES else 1


if __name__ == "__main__":
    raise SystemExit(main())
