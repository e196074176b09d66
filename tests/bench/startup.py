"""How long commands take to start, as multiples of a bare interpreter.

Run it with ``make bench``. Every round runs every command once, so that a machine that gets slower or faster in
between touches all alike; the table shows the median of the rounds. The limits are those that the project promises.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROUNDS = 30
WARM_UP = 2
EXAMPLE = '{"cniVersion": "1.0.0", "name": "bench", "plugins": [{"type": "bridge", "ipam": {"type": "static"}}]}'


class Case(NamedTuple):
    """A command and the multiple of a bare interpreter that it may take."""

    name: str
    command: list[str]
    limit: float | None


def cases(scratch: Path) -> list[Case]:
    """The commands, with what they need put into a scratch directory."""
    cnictl = str(Path(sys.executable).with_name("cnictl"))
    good = scratch / "10-good.conflist"
    good.write_text(EXAMPLE)
    noop = scratch / "noop"
    noop.write_text('#!/bin/sh\necho \'{"cniVersion": "1.0.0"}\'\n')
    noop.chmod(0o755)
    network = scratch / "noop.conflist"
    network.write_text('{"cniVersion": "1.0.0", "name": "noop", "plugins": [{"type": "noop"}]}')
    places = ["--bin-dir", str(scratch), "--cache-dir", str(scratch / "cache")]
    return [
        Case("python -c pass", [sys.executable, "-c", "pass"], None),
        Case("--version", [cnictl, "--version"], 1.8),
        Case("--help", [cnictl, "--help"], 8.0),
        *completions(cnictl, scratch),
        Case("explain CNI305", [cnictl, "explain", "CNI305"], None),
        Case("validate a good file", [cnictl, "validate", str(good)], 15.0),
        Case("exec add, plugin does nothing", [cnictl, "exec", "add", str(network), "/proc/self/ns/net", *places], 9.0),
        Case("doctor", [cnictl, "doctor", "--conf-dir", str(scratch), "--bin-dir", str(scratch)], None),
    ]


def completions(cnictl: str, scratch: Path) -> list[Case]:
    """What each shell asks for when a user presses TAB."""
    networks = f"cnictl exec add --conf-dir {scratch} "
    lines = {
        "commands": "cnictl ",
        "options": "cnictl exec add --",
        "options of a kind": "cnictl generate bridge --",
        "codes": "cnictl validate --select CNI305,",
        "networks": networks,
        "namespaces": f"cnictl exec del --cache-dir {scratch} --conf-dir {scratch} bench ",
        "plugins": f"cnictl plugins --bin-dir {scratch} ",
        "plugins of a file": f"cnictl chain remove {scratch}/10-good.conflist ",
        "attachments": f"cnictl exec gc --cache-dir {scratch} bench --keep ",
        "keys": "cnictl generate bridge --tuning ",
    }
    words = networks.split(" ")[1:]
    return [
        *(Case(f"bash: {name}", [cnictl, "__complete", "bash", line, ":="], 9.0) for name, line in lines.items()),
        Case("zsh: networks", [cnictl, "__complete", "zsh", *words], 9.0),
        Case("fish: networks", [cnictl, "__complete", "fish", words[-1], *words[:-1]], 9.0),
    ]


def measure(todo: list[Case]) -> dict[str, list[float]]:
    """Seconds of each round for each command."""
    seconds: dict[str, list[float]] = {case.name: [] for case in todo}
    for number in range(WARM_UP + ROUNDS):
        for case in todo:
            began = time.perf_counter()
            subprocess.run(case.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            if number >= WARM_UP:
                seconds[case.name].append(time.perf_counter() - began)
    return seconds


def main() -> int:
    """Measures, prints the table, and says whether every limit was kept."""
    with tempfile.TemporaryDirectory() as scratch:
        todo = cases(Path(scratch))
        seconds = measure(todo)
    bare = statistics.median(seconds[todo[0].name])
    print(f"{ROUNDS} rounds, Python {sys.version.split()[0]}, {os.cpu_count()} processors")
    print(f"{'command':<32}{'median':>10}{'multiple':>10}{'limit':>8}")
    kept = True
    for case in todo:
        median = statistics.median(seconds[case.name])
        multiple = median / bare
        kept = kept and (case.limit is None or multiple <= case.limit)
        limit = "" if case.limit is None else f"{case.limit:.1f}"
        print(f"{case.name:<32}{median * 1000:>7.1f} ms{multiple:>10.2f}{limit:>8}")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
