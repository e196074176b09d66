"""What a deviation is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.interop.adapt import Adapt


class Deviation(NamedTuple):
    """One thing that cnictl does otherwise; the texts are those of a row in ``docs/reference/compatibility.md``.

    Attributes:
        what: What it is about.
        libcni: What libcni does, or cnitool.
        cnictl: What cnictl does.
        reason: Why.
        cases: What is to be seen in cnitool's place, by the name of the case.
        everywhere: What is to be seen in every case, besides.
    """

    what: str
    libcni: str
    cnictl: str
    reason: str
    cases: Mapping[str, Adapt]
    everywhere: Adapt | None = None


def same(adapt: Adapt, *cases: str) -> dict[str, Adapt]:
    """The same is to be seen in each of these cases."""
    return dict.fromkeys(cases, adapt)
