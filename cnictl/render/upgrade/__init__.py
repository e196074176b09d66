"""What becomes of a config in another version of the spec, and the formats of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class UpgradeAnswer:
    """What ``cnictl upgrade`` did, or would do.

    Attributes:
        file: The file.
        path: What it is called afterwards.
        network: The network's name; ``None`` when it has none.
        version: The version that it had; ``None`` when that is none that was published.
        target: The version that it has afterwards.
        notes: What comes of it: ``changed``, ``note`` or ``lost``, and a sentence.
        changed: Whether there is anything to change.
        written: Whether it was changed.
    """

    file: str
    path: str
    network: str | None
    version: str | None
    target: str
    notes: Sequence[tuple[str, str]]
    changed: bool
    written: bool
