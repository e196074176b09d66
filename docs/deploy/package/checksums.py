"""``dist/SHA256SUMS``: with it, everyone can see whether a file has arrived as it was made."""

from __future__ import annotations

import hashlib

from docs.deploy.package.moment import PROJECT

DIST = PROJECT / "dist"


def write_checksums() -> None:
    """Writes the list of what lies in ``dist/``, as ``sha256sum --check`` reads it, and shows the files."""
    made = sorted(path for path in DIST.iterdir() if path.name.startswith("cnictl"))
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made]
    (DIST / "SHA256SUMS").write_text("".join(lines))
    for path in made:
        print(f"{path.stat().st_size / 1e6:6.1f} MB  dist/{path.name}")
