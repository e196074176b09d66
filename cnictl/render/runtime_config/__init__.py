"""What is told to plugins about a Pod, and the formats of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Told:
    """What is told about a Pod.

    Attributes:
        pod: Its namespace and name.
        network: The network's name; ``None`` when it is not known.
        capability_args: The capability arguments.
        args: The pairs of ``CNI_ARGS``.
        plugins: What each plugin is told, by its type and in order.
        unserved: What no plugin is told.
    """

    pod: str
    network: str | None
    capability_args: Mapping[str, Any]
    args: Sequence[tuple[str, str]]
    plugins: Sequence[tuple[str, Mapping[str, Any]]]
    unserved: Sequence[str]
