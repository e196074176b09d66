"""What is done to a machine about a finding, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnictl.report.action import Action


class RepairStatus(StrEnum):
    """What became of a repair."""

    PLANNED = "planned"
    """It would be done; nothing was."""
    DONE = "done"
    FAILED = "failed"
    """An action failed, and those after it were not tried."""
    UNDONE = "undone"
    STAYS = "stays"
    """It was not undone; the trouble says why."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair.

    Attributes:
        code: The code of the finding that it mends.
        message: What was found.
        actions: What is done, in this order.
        status: What became of it.
        trouble: Why it failed or stays; empty when it did not.
    """

    code: str
    message: str
    actions: tuple[Action, ...]
    status: RepairStatus = RepairStatus.PLANNED
    trouble: str = ""
