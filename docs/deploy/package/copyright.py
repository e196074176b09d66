"""Debian's copyright file: who wrote what is in the package, and the text of every licence."""

from __future__ import annotations

import re
from importlib.metadata import PackagePath, distribution

from docs.deploy.package.licences import Licence, licences

LICENCE_FILE = re.compile(r"\.dist-info/(licenses/)?(LICEN[CS]E|COPYING|AUTHORS)[^/]*$")

_HEAD = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: cnictl
Comment:
 usr/lib/cnictl holds what cnictl needs, as its makers have released it. What is compiled in pydantic-core and rpds-py
 contains Rust crates; usr/lib/cnictl/*.dist-info/sboms lists them and their licences. typer contains click, whose
 licence is usr/lib/cnictl/typer/_click/LICENSE.txt.

Files: *
Copyright: the cnictl authors
License: Apache-2.0

License: Apache-2.0
 Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance with
 the License.
 .
 On Debian systems, the complete text of the License is in /usr/share/common-licenses/Apache-2.0.
"""


def copyright_file() -> str:
    """Writes the copyright file for what is installed beside the program that runs this."""
    return _HEAD + "".join(f"\n{_paragraph(one)}" for one in licences())


def _paragraph(licence: Licence) -> str:
    files = [file for file in distribution(licence.name).files or [] if file.parts[0] != ".."]
    text = "\n".join(file.read_text() for file in files if LICENCE_FILE.search(str(file)) and "GPL" not in file.name)
    holders = re.findall(r"^\s*Copyright (?:\(c\) )?(\S.*\d{4}.*|\d{4}.*)", text, re.MULTILINE)
    head = f"Files: {_places(files)}\nCopyright: {f'{chr(10)}           '.join(holders)}\n"
    if licence.taken == "Apache-2.0":
        return f"{head}License: Apache-2.0\n"
    # The texts differ in who is named in them, so each package has a licence of its own.
    return f"{head}License: {licence.taken}-{licence.name}\n{_indented(text)}"


def _places(files: list[PackagePath]) -> str:
    tops = {f"usr/lib/cnictl/{file.parts[0]}{'/*' if len(file.parts) > 1 else ''}" for file in files}
    return " ".join(sorted(top for top in tops if "__pycache__" not in top))


def _indented(text: str) -> str:
    return "".join(f" {line.rstrip() or '.'}\n" for line in text.strip().splitlines())
