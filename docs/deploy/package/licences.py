"""The licences of what cnictl needs at run time, as a page of the manual and for the packages that carry it.

``python -m docs.deploy.package.licences`` writes the page anew.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import NamedTuple

from docs.deploy.package.moment import PROJECT
from docs.deploy.package.wheels import LOCK

PAGE = PROJECT / "docs" / "reference" / "licences.md"
COMPATIBLE = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "PSF-2.0"}
"""What may be given away with cnictl, whose own licence is Apache-2.0."""

_SPDX = {"MIT License": "MIT", "ISC License (ISCL)": "ISC"}
_HEAD = """\
# Licences

cnictl itself is under Apache-2.0. These are the packages that it needs when it runs, directly or because one of them
needs another, in the versions of `requirements.lock`. `cnictl.pyz` and the Debian package carry them; the wheel does
not. Where two licences are offered, Apache-2.0 is the one that is taken.

| Package | Version | Licence |
|---|---|---|
"""
_FOOT = """
What is compiled in pydantic-core and rpds-py contains Rust crates. They and their licences are listed in the `sboms`
directory of each of the two packages, which every installation has. typer contains click (BSD-3-Clause).
"""


class Licence(NamedTuple):
    """What a package says about itself.

    Attributes:
        name: The package.
        version: Its version.
        spdx: The licence as an SPDX expression.
        homepage: Where it comes from.
        text: The licence's text.
    """

    name: str
    version: str
    spdx: str
    homepage: str
    text: str

    @property
    def taken(self) -> str:
        """The one of the licences on offer under which it is used here."""
        offered = set(self.spdx.split(" OR ")) & COMPATIBLE
        if not offered:
            raise ValueError(f"{self.name} is under {self.spdx}: may it be given away with cnictl?")
        return min(offered)


def licences() -> list[Licence]:
    """Asks what is installed beside the program that runs this."""
    names = locked()
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--with-urls", "--with-license-file"]
    done = subprocess.run([*command, "--no-license-path", "--packages", *names], check=True, capture_output=True)
    found = sorted((_licence(entry) for entry in json.loads(done.stdout)), key=lambda one: one.name.lower())
    missing = set(names) - {one.name for one in found}
    if missing:
        raise ValueError(f"in {LOCK.name} and not installed here: {', '.join(sorted(missing))}")
    return found


def locked() -> list[str]:
    """The names of the packages in ``requirements.lock`` that Linux needs."""
    found = re.findall(r"^([\w.-]+)==\S+(.*)", LOCK.read_text(), re.MULTILINE)
    return [name for name, marker in found if "win32" not in marker]


def _licence(entry: dict[str, str]) -> Licence:
    name = re.sub(r"[-_.]+", "-", entry["Name"]).lower()
    spdx = _SPDX.get(entry["License"], entry["License"])
    return Licence(name, entry["Version"], spdx, entry["URL"], entry["LicenseText"])


def page() -> str:
    """The page of the manual."""
    rows = [f"| [{one.name}]({one.homepage}) | {one.version} | {one.spdx} |\n" for one in licences() if one.taken]
    return _HEAD + "".join(rows) + _FOOT


if __name__ == "__main__":
    PAGE.write_text(page())
