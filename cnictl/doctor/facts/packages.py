"""Which version of a package is installed, by dpkg's database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.errors import SourceError

if TYPE_CHECKING:
    from cnictl.host.api import Host

STATUS = "/var/lib/dpkg/status"
"""dpkg's database. It is sorted by the packages' names, and may be larger than what is read of other files."""

_WINDOW = 32 * 1024
"""Bytes that are read at once; the longest entries have half of it."""
_PACKAGE = re.compile(rb"^Package: (\S+)$", re.MULTILINE)
_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


def installed_version(host: Host, *packages: str) -> str | None:
    """The version of the first of some packages that is installed; ``None`` when none is, or it cannot be told.

    Args:
        host: The node.
        packages: The names of packages.
    """
    return next((version for name in packages if (version := _version(host, name)) is not None), None)


def numbers(version: str | None) -> tuple[int, ...] | None:
    """The numbers in a version, such as ``(1, 6, 20)`` for ``1.6.20~ds1-1+b1``; ``None`` when it has none."""
    text = (version or "").partition(":")[2] or version or ""
    match = _NUMBERS.search(text)
    return tuple(int(number or 0) for number in match.groups()) if match else None


def _version(host: Host, package: str) -> str | None:
    try:
        entry = _entry(host, package.encode())
    except SourceError:
        return None
    fields = dict(re.findall(rb"^(Status|Version): (.*?)\r?$", entry, re.MULTILINE)) if entry else {}
    if not fields.get(b"Status", b"").endswith(b" installed") or b"Version" not in fields:
        return None
    return str(fields[b"Version"].decode(errors="replace"))


def _entry(host: Host, package: bytes) -> bytes | None:
    """The entry of a package, looked for by halves."""
    status = host.status(STATUS)
    low, high = 0, status.size if status else 0
    while low < high:
        middle = (low + high) // 2 if high - low > _WINDOW else low
        part = host.read_part(STATUS, middle, _WINDOW)
        names = [(match[1], match.start()) for match in _PACKAGE.finditer(part)]
        if not names or names[0][0] > package:
            if middle == low:
                return None
            high = middle
            continue
        found = dict(names).get(package)
        if found is not None:
            whole = host.read_part(STATUS, middle + found, _WINDOW)
            return whole.partition(b"\n\n")[0]
        if names[-1][0] > package:
            return None
        low = middle + max(names[-1][1], 1)
    return None
