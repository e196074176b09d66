"""Commands that users paste from a fix: whole ones, in backticks, whatever the names in them are."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_FEW = 3
"""So many things one command does away with; of more, each has its place in the finding's evidence."""


def for_each(command: str, names: Sequence[str], *, at_once: bool = True) -> str:
    """A command for a few of many things, and where the others are listed.

    Args:
        command: What stands before the names, such as ``rm``.
        names: The names, the evidence of the finding having all of them.
        at_once: Whether the command takes several names.

    >>> for_each("ip link del", ["bwp1", "bwp2"], at_once=False)
    '`ip link del bwp1 && ip link del bwp2`'
    """
    few = [shlex.quote(name) for name in names[:_FEW]]
    text = f"{command} {' '.join(few)}" if at_once else " && ".join(f"{command} {name}" for name in few)
    more = len(names) - len(few)
    return f"`{text}`" + (f", and likewise {more} more, which `--format json` lists" if more else "")
