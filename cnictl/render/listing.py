"""Lists of names that stay short."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def some(names: Sequence[str], most: int | None) -> str:
    """Names in a sentence, and how many are left out.

    Args:
        names: The names.
        most: How many of them are written; ``None`` for all.

    >>> some(["a", "b", "c", "d"], 2), some(["a", "b"], 2)
    ('a, b and 2 more', 'a, b')
    """
    if most is None or len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
