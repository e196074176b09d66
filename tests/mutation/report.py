"""How many of the broken configs are found out, as a table: ``python -m tests.mutation.report [KIND]``.

With the name of a kind, the broken configs of it that are not found out, and those with more errors than causes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.mutation.registry import Kind, Outcome, all_kinds, outcomes

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Score:
    """How well the broken configs of a kind are found out.

    Attributes:
        name: The kind.
        tried: How many there are.
        caught: How many have a finding at the place that was broken.
        loud: Errors and warnings in all of them.
        right: Those of them that are at the place that was broken.
        crowded: How many have more errors than causes.
    """

    name: str
    tried: int
    caught: int
    loud: int
    right: int
    crowded: int

    @property
    def recall(self) -> float:
        return self.caught / self.tried if self.tried else 0.0

    @property
    def precision(self) -> float:
        return self.right / self.loud if self.loud else 1.0


def missed(which: Kind) -> list[Outcome]:
    """The broken configs that are not found out."""
    return [outcome for outcome in outcomes(which) if not outcome.hits]


def crowded(which: Kind) -> list[Outcome]:
    """The broken configs with more errors than causes."""
    return [outcome for outcome in outcomes(which) if len(outcome.errors) > which.errors]


def score(which: Kind) -> Score:
    """The figures of one kind."""
    every = outcomes(which)
    loud = sum(len(outcome.loud) for outcome in every)
    right = sum(len([one for one in outcome.placed if one in outcome.loud]) for outcome in every)
    return Score(which.name, len(every), len(every) - len(missed(which)), loud, right, len(crowded(which)))


def total(scores: Sequence[Score]) -> Score:
    """The figures of several kinds together."""
    sums = [sum(getattr(one, key) for one in scores) for key in ("tried", "caught", "loud", "right", "crowded")]
    return Score(f"all {len(scores)} kinds", *sums)


def report() -> str:
    """The table, the worst first."""
    scores = sorted(map(score, all_kinds()), key=lambda one: (one.recall, one.precision, one.name))
    width = max(len(one.name) for one in scores)
    rows = [
        f"{one.name:{width}}  {one.tried:5}  {one.recall:6.1%}  {one.precision:9.1%}  {one.crowded:7}"
        for one in (*scores, total(scores))
    ]
    return "\n".join([f"{'kind':{width}}  tried  recall  precision  crowded", *rows])


def details(name: str) -> str:
    """What goes wrong in one kind."""
    which = next(one for one in all_kinds() if one.name == name)
    lines = ["not found out:", *(f"  {outcome}" for outcome in missed(which))]
    return "\n".join([*lines, "more errors than causes:", *(f"  {outcome}" for outcome in crowded(which))])


if __name__ == "__main__":
    sys.stdout.write((details(sys.argv[1]) if sys.argv[1:] else report()) + "\n")
