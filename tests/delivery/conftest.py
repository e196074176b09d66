"""What tests of the packages share: each is made once, away from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.delivery.workshop import Workshop, copied, copy, unpack, unpacked
from tests.support.skips import PACKAGES, cannot_test

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = {"dh": "debhelper", "lintian": "lintian", "mmdebstrap": "mmdebstrap", "pipx": "pipx", "man": "man-db"}
MIRROR = "http://deb.debian.org/debian"


def obstacle() -> str | None:
    """Why no packages can be made and installed here; ``None`` when they can."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    return f"needs {', '.join(missing)}: `CI=1 .ci/packages` installs what is missing" if missing else None


@pytest.fixture(scope="session")
def share(share):
    """Makes something once for all processes, where packages can be made and installed."""
    if reason := obstacle():
        cannot_test(PACKAGES, reason)
    return share


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
            cannot_test(PACKAGES, "needs PyPI, from which wheels are downloaded")

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
            cannot_test(PACKAGES, f"needs Debian's packages: {done.stderr.strip().rpartition(chr(10))[2]}")

    return share("root", make)
