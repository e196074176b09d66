"""What tests with real runtimes share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.containerd import Containerd
from tests.e2e.image import busybox
from tests.e2e.machine import Machine, remove_groups
from tests.e2e.podman import Podman
from tests.support.skips import REAL_RUNTIMES, cannot_test

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("containerd", "ctr", "runc", "podman", "conmon", "busybox")
GROUPS = (Path("/sys/fs/cgroup/cgroup.procs"), Path("/sys/fs/cgroup/pids"))


def obstacle() -> str | None:
    """Why no containers can be run here; ``None`` when they can."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"needs {', '.join(missing)}: `CI=1 .ci/packages` installs them"
    if b"/ld-" in busybox().read_bytes()[:4096]:  # the name of its loader stands at the head of a program
        return "needs a busybox without libraries: `apt-get install busybox-static` installs it"
    if not any(os.access(path, os.W_OK) for path in GROUPS):
        return "needs control groups that can be written, in /sys/fs/cgroup"
    return None


@pytest.fixture
def runtimes() -> None:
    """Skips a test where no containers can be run; with ``CI`` set it fails instead."""
    if reason := obstacle():
        cannot_test(REAL_RUNTIMES, reason)


@pytest.fixture
def machine(tmp_path: Path, runtimes: None) -> Iterator[Machine]:
    """A throwaway machine with the network ``pods``."""
    with Machine(tmp_path) as machine:
        yield machine
    remove_groups()


@pytest.fixture
def containerd(machine: Machine) -> Iterator[Containerd]:
    """containerd in the machine."""
    with Containerd(machine) as containerd:
        yield containerd


@pytest.fixture(params=["containerd", "podman"])
def runtime(request: pytest.FixtureRequest, machine: Machine) -> Containerd | Podman:
    """Each of the runtimes in turn."""
    found: Containerd | Podman = Podman(machine) if request.param == "podman" else request.getfixturevalue("containerd")
    return found
