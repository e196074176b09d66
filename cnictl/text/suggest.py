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


def is_one_edit(word: str, other: str) -> bool:
    """Whether one letter was left out, put in, replaced, or swapped with the next.

    >>> is_one_edit("brigde", "bridge"), is_one_edit("bridge", "bridge"), is_one_edit("brdige0", "bridge")
    (True, False, False)
    """
    start = next((at for at, (one, two) in enumerate(zip(word, other, strict=False)) if one != two), None)
    if start is None:
        return abs(len(word) - len(other)) == 1
    rest, wanted = word[start:], other[start:]
    swapped = rest[1::-1] + rest[2:]
    return wanted in (rest[1:], swapped) or rest == wanted[1:] or rest[1:] == wanted[1:]


def certain(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that a word can only have been meant to be: the one that is one edit away, of long words.

    Args:
        word: What was written.
        candidates: What it can have been.
    """
    near = [candidate for candidate in candidates if is_one_edit(word, candidate)]
    return near[0] if len(near) == 1 and len(near[0]) >= _LONG else None


_LONG = 6
"""Shorter words are one edit away from too many others."""
