"""Makes ``dist/cnictl_VERSION-1_ARCHITECTURE.deb``, with debhelper, for the Pythons of Debian and Ubuntu.

What cnictl needs comes with it: Debian's own packages of these libraries are others than those it is tested with.
``debian/`` says how it is packed; the changelog and the copyright file are written here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from email.utils import formatdate
from pathlib import Path

from cnictl import __version__
from docs.deploy.package.checksums import DIST, write_checksums
from docs.deploy.package.copyright import LICENCE_FILE, copyright_file
from docs.deploy.package.moment import PROJECT, moment
from docs.deploy.package.own import own_wheel
from docs.deploy.package.tree import Merged, read_wheels
from docs.deploy.package.wheels import INTERPRETERS, download

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
"""What the kernel calls Debian's architectures."""
REVISION = f"{__version__}-1"
STAGE = PROJECT / "build" / "deb"
DEBIAN = Path(__file__).with_name("debian")

# Isolated, and without `site`: neither variables of the environment nor other packages decide what is imported.
PROGRAM = """\
#!/usr/bin/python3 -IS
import sys

sys.path.insert(0, "/usr/lib/cnictl")
from cnictl.cli.entry import main

main()
"""
CHANGELOG = """\
cnictl ({revision}) unstable; urgency=medium

  * Version {version}: changelog.gz in this directory says what is new.

 -- {maintainer}  {date}
"""
COPIED = {
    "CHANGELOG.md": "CHANGELOG.md",
    "docs/examples": "examples",
    "docs/man": "man",
    "completions/cnictl.bash": "usr/share/bash-completion/completions/cnictl",
    "completions/_cnictl": "usr/share/zsh/vendor-completions/_cnictl",
    "completions/cnictl.fish": "usr/share/fish/vendor_completions.d/cnictl.fish",
}
"""What of the project goes where in the sources of the package."""


def main(architectures: list[str]) -> None:
    """Makes the packages.

    Args:
        architectures: Debian's names; all that there are when it is empty.
    """
    if shutil.which("dh") is None:
        raise SystemExit("cannot make Debian packages without debhelper: apt-get install debhelper")
    for architecture in architectures or list(MACHINES):
        stage = STAGE / architecture / f"cnictl-{__version__}"
        shutil.rmtree(stage.parent, ignore_errors=True)
        _fill(stage, MACHINES[architecture])
        _pack(stage, architecture)
        name = f"cnictl_{REVISION}_{architecture}.deb"
        _write(DIST / name, (stage.parent / name).read_bytes())
    write_checksums()


def _fill(stage: Path, machine: str) -> None:
    """Lays out the sources of the package."""
    _add_libraries(stage / "usr" / "lib" / "cnictl", machine)
    _write(stage / "usr" / "bin" / "cnictl", PROGRAM.encode(), mode=0o755)
    for source, target in COPIED.items():
        _copy(PROJECT / source, stage / target)
    _copy(DEBIAN, stage / "debian")
    (stage / "debian" / "rules").chmod(0o755)
    _write(stage / "debian" / "changelog", _changelog().encode())
    _write(stage / "debian" / "copyright", copyright_file().encode())


def _add_libraries(place: Path, machine: str) -> None:
    merged = Merged(download(tuple(one for one in INTERPRETERS if one.machine == machine)))
    for name, content in (merged.whole() | read_wheels([own_wheel()])).items():
        if not LICENCE_FILE.search(name):  # all of them stand in the copyright file
            _write(place / name, content)


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        for entry in source.iterdir():
            _copy(entry, target / entry.name)
    else:
        _write(target, source.read_bytes())


def _changelog() -> str:
    control = (DEBIAN / "control").read_text().splitlines()
    (maintainer,) = (line.removeprefix("Maintainer: ") for line in control if line.startswith("Maintainer: "))
    date = formatdate(moment()).replace("-0000", "+0000")
    return CHANGELOG.format(revision=REVISION, version=__version__, maintainer=maintainer, date=date)


def _pack(stage: Path, architecture: str) -> None:
    """Runs debhelper; what it says is shown when it fails."""
    settings = {"SOURCE_DATE_EPOCH": str(moment()), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    command = [
        "dpkg-buildpackage",
        "--build=binary",
        "--no-sign",
        "--no-check-builddeps",
        f"--host-arch={architecture}",
    ]
    log = stage.parent / "build.log"
    with log.open("w") as output:
        done = subprocess.run(command, cwd=stage, env=os.environ | settings, stdout=output, stderr=output, check=False)
    if done.returncode:
        raise SystemExit(f"{log.read_text()}\nthe package could not be made: the reason stands above")


if __name__ == "__main__":
    main(sys.argv[1:])
