"""Writes archives whose bytes depend on nothing but the content of their files."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docs.deploy.package.tree import Files


def zipped(files: Files, moment: int, *, prefix: bytes = b"", compress: bool = True) -> bytes:
    """Makes a ZIP archive.

    Args:
        files: The content of the files by their name.
        moment: Seconds since 1970: the date that each file gets.
        prefix: What is to stand before the archive.
        compress: Whether the files are to be made smaller.

    Returns:
        The archive.
    """
    buffer = io.BytesIO()
    buffer.write(prefix)
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, datetime.fromtimestamp(moment, UTC).timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()
