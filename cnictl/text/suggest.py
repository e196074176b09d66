"""Did you mean ...?"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CUTOFF = 0.72
"""Below this likeness a suggestion is more often wrong than right."""


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``word`` was most likely meant to be, or ``None``.

    Letter case does not count: ``ISGATEWAY`` is as near to ``isGateway`` as can be.

    >>> closest("isGatway", ["isGateway", "ipMasq"])
    'isGateway'
    """
    folded = {candidate.casefold(): candidate for candidate in candidates}
    match = get_close_matches(word.casefold(), folded, n=1, cutoff=_CUTOFF)
    return folded[match[0]] if match else None
