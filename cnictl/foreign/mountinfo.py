"""The kernel's table of mounts: ``/proc/PID/mountinfo``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEFORE_TAGS, _AFTER_DASH = 6, 3
"""How many fields stand before the optional ones, and how many behind the dash that ends those."""
_ESCAPED = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """A mount.

    Attributes:
        root: What of its file system is mounted; for a namespace its kind and number, such as ``net:[4026532281]``.
        target: Where.
        options: Those of the mount, such as ``ro`` and ``noexec``.
        tags: How mounts below it spread, such as ``shared:12`` and ``master:3``.
        kind: The kind of file system, such as ``ext4``, ``tmpfs`` or ``nsfs``.
        source: What is mounted, such as a device.
        super_options: The options of the file system, such as ``ro``.
    """

    root: str
    target: str
    options: frozenset[str]
    tags: tuple[str, ...]
    kind: str
    source: str
    super_options: frozenset[str] = frozenset()


def mounts_in(text: str) -> Iterator[Mount]:
    """The mounts in a table, in its order: of two at one place the later one counts. What is no line of it is left out.

    Args:
        text: The content of the file.
    """
    for line in text.splitlines():
        fields = line.split(" ")
        dash = fields.index("-", _BEFORE_TAGS) if "-" in fields[_BEFORE_TAGS:] else len(fields)
        rest = fields[dash + 1 :]
        if len(rest) >= _AFTER_DASH:
            yield Mount(
                _unescaped(fields[3]),
                _unescaped(fields[4]),
                frozenset(fields[5].split(",")),
                tuple(fields[_BEFORE_TAGS:dash]),
                rest[0],
                _unescaped(rest[1]),
                frozenset(rest[2].split(",")),
            )


def _unescaped(field: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), field)
