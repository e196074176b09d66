"""How long cnictl takes to start as a wheel, as ``cnictl.pyz`` and as a Debian package.

``make zipapp`` makes the file first. For the Debian package, name a root file system in which it is installed:

    env -u PYTHONDONTWRITEBYTECODE .venv/bin/python tests/bench/installed.py [ROOT]

Every round runs every command once; the table shows the medians, as multiples of the bare interpreter that runs the
command. A first start of ``cnictl.pyz`` unpacks it; it is made once in each round.
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

PROJECT = Path(__file__).parents[2]
ROUNDS = 15
WARM_UP = 1
EXAMPLE = PROJECT / "docs" / "examples" / "30-bridge.conflist"


class Case(NamedTuple):
    """A command, and the one that only starts its interpreter."""

    name: str
    command: list[str]
    bare: str


def cases(scratch: Path, root: str | None) -> dict[str, Case]:
    """The commands by name.

    Args:
        scratch: A directory for the first starts, which is emptied in every round.
        root: The root file system with the Debian package.
    """
    pyz = [sys.executable, str(PROJECT / "dist" / "cnictl.pyz")]
    ways = {
        "wheel": [str(Path(sys.executable).with_name("cnictl"))],
        "pyz, first start": ["env", f"XDG_CACHE_HOME={scratch}", *pyz],
        "pyz": ["env", f"XDG_CACHE_HOME={scratch.parent}/kept", *pyz],
    }
    found = [Case("python", [sys.executable, "-c", "pass"], "python")]
    found += _ways(ways, "python", EXAMPLE)
    if root:
        (Path(root) / "tmp" / EXAMPLE.name).write_bytes(EXAMPLE.read_bytes())
        found.append(Case("Debian's python", ["chroot", root, "python3", "-c", "pass"], "Debian's python"))
        found += _ways({"deb": ["chroot", root, "cnictl"]}, "Debian's python", Path("/tmp") / EXAMPLE.name)
    return {case.name: case for case in found}


def _ways(ways: dict[str, list[str]], bare: str, example: Path) -> list[Case]:
    commands = {"--version": ["--version"], "--help": ["--help"], "validate": ["validate", str(example)]}
    return [
        Case(f"{way}: {name}", [*start, *arguments], bare)
        for way, start in ways.items()
        for name, arguments in commands.items()
    ]


def seconds(case: Case, scratch: Path) -> float:
    """How long a command takes."""
    subprocess.run(["rm", "-rf", str(scratch)], check=True)
    began = time.perf_counter()
    subprocess.run(case.command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main(arguments: list[str]) -> int:
    """Measures and prints the table."""
    with tempfile.TemporaryDirectory() as top:
        scratch = Path(top) / "cache"
        todo = cases(scratch, next(iter(arguments), None))
        rounds = [{name: seconds(case, scratch) for name, case in todo.items()} for _ in range(WARM_UP + ROUNDS)]
    medians = {name: statistics.median(took[name] for took in rounds[WARM_UP:]) for name in todo}
    print(f"{ROUNDS} rounds, Python {sys.version.split()[0]}, {os.cpu_count()} processors")
    for name, case in todo.items():
        print(f"{name:<30}{medians[name] * 1000:>8.0f} ms{medians[name] / medians[case.bare]:>8.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
