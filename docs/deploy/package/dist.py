"""Makes the wheel and the archive of the sources in ``dist/``, and checks what PyPI will say to them."""

from __future__ import annotations

import os
import subprocess
import sys

from docs.deploy.package.checksums import DIST, write_checksums
from docs.deploy.package.moment import PROJECT, moment


def main() -> None:
    """Builds both with the locked build backend: another version of it might write other bytes."""
    for old in [*DIST.glob("*.whl"), *DIST.glob("*.tar.gz")]:
        old.unlink()
    _run("build", "--no-isolation", "--outdir", str(DIST), str(PROJECT))
    made = sorted(str(path) for path in [*DIST.glob("*.whl"), *DIST.glob("*.tar.gz")])
    _run("twine", "check", "--strict", *made)
    write_checksums()


def _run(module: str, *arguments: str) -> None:
    """Runs a module; what it says is shown when it fails."""
    settings = {"SOURCE_DATE_EPOCH": str(moment())}
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{done.stdout}{done.stderr}\n{module} failed: the reason stands above")


if __name__ == "__main__":
    main()
