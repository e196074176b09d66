"""Makes ``dist/cnictl.pyz``: cnictl and all that it needs in one file, for CPython on Linux.

A start reads the list of the archive's files. There are only a few, because what is to be unpacked lies in archives of
its own: ``shared.zip`` for all interpreters, and one for each of them with its extension modules. ``start/`` is what
runs first.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from cnictl import __version__
from docs.deploy.package.archive import zipped
from docs.deploy.package.checksums import DIST, write_checksums
from docs.deploy.package.moment import moment
from docs.deploy.package.own import own_wheel
from docs.deploy.package.tree import Files, Merged, read_wheels
from docs.deploy.package.wheels import INTERPRETERS, download

OUTPUT = DIST / "cnictl.pyz"
START = Path(__file__).with_name("start")
SHEBANG = b"#!/usr/bin/env python3\n"


def main() -> None:
    """Writes the file."""
    when = moment()
    payload = _payload(when)
    outer = payload | _start(payload)
    DIST.mkdir(exist_ok=True)
    OUTPUT.write_bytes(zipped(outer, when, prefix=SHEBANG, compress=False))
    OUTPUT.chmod(0o755)
    write_checksums()


def _payload(when: int) -> Files:
    merged = Merged(download(INTERPRETERS))
    shared = merged.shared | read_wheels([own_wheel()])
    return {"shared.zip": zipped(shared, when)} | {f"{abi}.zip": zipped(own, when) for abi, own in merged.own.items()}


def _start(payload: Files) -> Files:
    digest = hashlib.sha256()
    for name in sorted(payload):
        digest.update(payload[name])
    build = f"{__version__}-{digest.hexdigest()[:12]}"
    files = {path.name: path.read_bytes() for path in START.glob("*.py")}
    return files | {"__main__.py": files["__main__.py"].replace(b"@BUILD@", build.encode())}


if __name__ == "__main__":
    main()
