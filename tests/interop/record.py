"""Runs every case with a real cnitool and writes down what was seen.

    python -m tests.interop.record CNITOOL VERSION

It needs root, because cnitool keeps its cache in ``/var/lib/cni`` and nowhere else: each case gets one of its own, in
a mount namespace.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.interop.recordings import RECORDED
from tests.interop.scene import Case, Scene, Seen, Step
from tests.interop.table import CASES

REPOSITORY = "https://github.com/containernetworking/cni"
_COVER = """
mount -t tmpfs case /var/lib && mkdir /var/lib/cni && mount --bind "$0" /var/lib/cni || exit 99
cd "$1" && shift && exec "$@"
"""


def main() -> None:
    """Records all cases."""
    program, version = sys.argv[1:]
    for old in RECORDED.glob("*.json"):
        old.unlink()
    for case in CASES:
        with tempfile.TemporaryDirectory() as directory:
            steps = _record(case, Scene(case, Path(directory)), program)
        _write(case.name, {"case": case.data, "seen": [_data(seen) for seen in steps]})
    _write("index", _index(version))


def _index(version: str) -> dict[str, object]:
    note = "These files say what cnitool did; they hold nothing of its code, which has the licence named here."
    origin = {"program": "cnitool", "version": version, "repository": REPOSITORY, "licence": "Apache-2.0"}
    return origin | {"note": note, "cases": {case.name: case.about for case in CASES}}


def _record(case: Case, scene: Scene, program: str) -> list[Seen]:
    steps = []
    for step in case.steps:
        scene.prepare(step)
        steps.append(_run(scene, step, program))
    return steps


def _run(scene: Scene, step: Step, program: str) -> Seen:
    cover = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _COVER]
    places = [str(scene.directory / "cache"), str(scene.directory)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CNI_")}
    for name, value in scene.environment(step).items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    done = subprocess.run(
        [*cover, *places, program, *scene.arguments(step)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return scene.seen(done.returncode, done.stdout, done.stderr)


def _data(seen: Seen) -> dict[str, object]:
    return seen._asdict() | {"runs": [run._asdict() for run in seen.runs]}


def _write(name: str, data: dict[str, object]) -> None:
    path = RECORDED / f"{name}.json"
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
