"""Writes the pages of the reference that come from the code.

They are made when the manual is built and are not kept, so they cannot grow stale. The man pages are made of the same
pages, and are kept in ``docs/man``; a test compares them with the code.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from docs.generating import checks, codes, commands, documents, environment, exits, formats, python

if TYPE_CHECKING:
    from pathlib import Path


def write_reference(directory: Path) -> None:
    """Writes all pages.

    Args:
        directory: ``docs/reference``.
    """
    for name in ("codes", "commands", "parts"):
        shutil.rmtree(directory / name, ignore_errors=True)
    write_pages(directory / "codes", codes.pages())
    write_pages(directory / "commands", commands.pages())
    write_pages(directory, documents.pages())
    for module in (exits, environment, formats, checks, python):
        write_pages(directory / "parts", module.parts())


def write_pages(directory: Path, pages: dict[str, str]) -> None:
    """Writes pages, and the directory where it is not there.

    Args:
        directory: Where they lie.
        pages: Their texts by their names without ``.md``.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (directory / f"{name}.md").write_text(text, encoding="utf-8")
