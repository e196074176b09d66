"""What tests of the packages share: each is made once, away from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.delivery.workshop import Workshop, copied, copy, once, unpack, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROGRAMS = {"dh": "debhelper", "lintian": "lintian", "mmdebstrap": "mmdebstrap", "pipx": "pipx", "man": "man-db"}
MIRROR = "http://deb.debian.org/debian"
_skipped: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what was not tested, and why."""
    for reason in _skipped[:1]:
        terminalreporter.write_line(f"NOT TESTED whether packages can be made and installed: {reason}")


def obstacle() -> str | None:
    """Why no packages can be made and installed here; ``None`` when they can."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    return f"needs {', '.join(missing)}: `CI=1 .ci/packages` installs what is missing" if missing else None


def give_up(reason: str) -> None:
    """Skips a test; with ``CI`` set it fails instead."""
    if os.environ.get("CI"):
        pytest.fail(f"CI is set, so this must not be skipped: {reason}", pytrace=False)
    _skipped.append(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Makes something once for all processes, in a directory of the name that it is given."""
    if reason := obstacle():
        give_up(reason)
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return lambda name, make: once(base / f"delivery-{name}", make)


@pytest.fixture(scope="session")
def workshop(share) -> Workshop:
    """A copy of the project."""
    return copied(share("project", copy))


@pytest.fixture(scope="session")
def wheel(share, workshop):
    share("dist", lambda _: workshop.make("dist"))
    return workshop.made("*.whl")


@pytest.fixture(scope="session")
def archive(wheel, workshop):
    """The archive of the sources, which is made together with the wheel."""
    return workshop.made("*.tar.gz")


@pytest.fixture(scope="session")
def pyz(share, workshop, wheel):
    def make(_: Path) -> None:
        try:
            workshop.make("zipapp")
        except subprocess.CalledProcessError:
            give_up("needs PyPI, from which wheels are downloaded")

    share("zipapp", make)
    return workshop.made("*.pyz")


@pytest.fixture(scope="session")
def architecture() -> str:
    """What Debian calls this machine."""
    return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="session")
def deb(share, workshop, pyz, architecture):
    share("deb", lambda _: workshop.make("deb", architecture))
    return workshop.made("*.deb")


@pytest.fixture(scope="session")
def second(share, workshop, archive, deb, architecture) -> Workshop:
    """A workshop in which everything was made a second time, from the archive of the sources alone."""

    def make(place: Path) -> None:
        unpack(archive, place)
        shutil.copytree(workshop.place / "build" / "wheels", place / "build" / "wheels")
        for arguments in (["dist"], ["zipapp"], ["deb", architecture]):
            unpacked(place).make(*arguments)

    return unpacked(share("second", make))


@pytest.fixture(scope="session")
def root(share):
    """A root file system with Debian's essential packages and Python."""

    def make(place: Path) -> None:
        options = ["--variant=essential", "--format=directory", "--include=python3", "--dpkgopt=force-unsafe-io"]
        command = ["mmdebstrap", "--quiet", *options, "bookworm", str(place), MIRROR]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            give_up(f"needs Debian's packages: {done.stderr.strip().rpartition(chr(10))[2]}")

    return share("root", make)
