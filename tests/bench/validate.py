"""How long ``cnictl validate`` takes beside ``check-jsonschema``, which looks at the shape of a config alone.

The other program is not needed for anything else, so it is put where it leaves no trace:

    python3 -m venv /tmp/other && /tmp/other/bin/pip install check-jsonschema
    env -u PYTHONDONTWRITEBYTECODE .venv/bin/python tests/bench/validate.py /tmp/other/bin/check-jsonschema

In every round both programs judge the same files one after the other, so that a machine that gets slower or faster in
between touches both alike; the table shows the medians of the rounds and what they are to each other. The limits are
those that the project promises.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

SCHEMA = Path(__file__).parents[2] / "schemas" / "config" / "1.0.0.schema.json"
WARM_UP = 1


class Case(NamedTuple):
    """How many files are judged, how often, and the multiple of the other program's time that it may take."""

    files: int
    rounds: int
    limit: float


CASES = (Case(1, 21, 0.7), Case(1000, 7, 1.5))


def config(number: int) -> dict[str, Any]:
    """A network that nothing is wrong with, unlike all others: a name and addresses of its own."""
    subnet = f"10.{number // 256}.{number % 256}.0/24"
    ipam = {"type": "host-local", "ranges": [[{"subnet": subnet}]], "routes": [{"dst": "0.0.0.0/0"}]}
    plugins = _KINDS[number % len(_KINDS)](number, ipam)
    return {"cniVersion": "1.0.0", "name": f"net-{number}", "plugins": plugins}


def _bridge(number: int, ipam: dict[str, Any]) -> list[dict[str, Any]]:
    bridge = {"type": "bridge", "bridge": f"br{number}", "isGateway": True, "ipMasq": True, "hairpinMode": True}
    return [{**bridge, "ipam": ipam}, {"type": "portmap", "capabilities": {"portMappings": True}}, {"type": "firewall"}]


def _ptp(number: int, ipam: dict[str, Any]) -> list[dict[str, Any]]:
    limits = {"ingressRate": 1_000_000 + number, "ingressBurst": 10_000_000}
    ptp = {"type": "ptp", "ipMasq": True, "ipam": ipam, "dns": {"nameservers": ["10.96.0.10"]}}
    return [ptp, {"type": "bandwidth", **limits}]


def _macvlan(number: int, ipam: dict[str, Any]) -> list[dict[str, Any]]:
    macvlan = {"type": "macvlan", "master": f"eth{number}", "mode": "bridge", "ipam": ipam}
    return [macvlan, {"type": "tuning", "sysctl": {"net.core.somaxconn": str(1000 + number)}}]


_KINDS = (_bridge, _ptp, _macvlan)


def write_configs(directory: Path, count: int) -> list[str]:
    """Writes configs to files, and returns their paths."""
    paths = [directory / f"{number:05}-net.conflist" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(json.dumps(config(number), indent=2) + "\n")
    return [str(path) for path in paths]


def seconds(command: list[str]) -> float:
    """How long a command takes, which must find nothing wrong."""
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def compare(case: Case, other: str) -> tuple[float, float]:
    """The median seconds of both programs over the same files, ours first."""
    cnictl = str(Path(sys.executable).with_name("cnictl"))
    with tempfile.TemporaryDirectory() as scratch:
        paths = write_configs(Path(scratch), case.files)
        ours = [cnictl, "validate", "--no-config", "--strict", *paths]
        # Without --base-uri it looks for what our schemas refer to in the wrong directory.
        theirs = [other, "--base-uri", SCHEMA.as_uri(), "--schemafile", str(SCHEMA), *paths]
        rounds = [(seconds(ours), seconds(theirs)) for _ in range(WARM_UP + case.rounds)][WARM_UP:]
    return statistics.median(one for one, _ in rounds), statistics.median(two for _, two in rounds)


def main(arguments: list[str]) -> int:
    """Measures, prints the table, and says whether every limit was kept."""
    if len(arguments) != 1 or os.environ.get("PYTHONDONTWRITEBYTECODE"):
        print(__doc__, file=sys.stderr)
        return 2
    print(f"{'files':>6}{'rounds':>8}{'cnictl':>11}{'other':>11}{'ratio':>8}{'limit':>8}")
    kept = True
    for case in CASES:
        ours, theirs = compare(case, arguments[0])
        ratio = ours / theirs
        kept = kept and ratio <= case.limit
        times = f"{ours * 1000:>8.0f} ms{theirs * 1000:>8.0f} ms"
        print(f"{case.files:>6}{case.rounds:>8}{times}{ratio:>8.2f}{case.limit:>8.1f}", flush=True)
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
