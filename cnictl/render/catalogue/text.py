"""The list of codes for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.render.paper import Paper
    from cnictl.report.explanation import Explanation


def render(explanations: Sequence[Explanation], paper: Paper) -> None:
    """Writes a line or two for each code."""
    for explanation in explanations:
        head = f"{explanation.code}  {explanation.severity.value:<7}  "
        paper.paragraph((head, explanation.severity.value), f"{explanation.name}: {explanation.summary}")
