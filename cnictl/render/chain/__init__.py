"""The chain of plugins of a config, and the formats of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Link:
    """A plugin of a chain.

    Attributes:
        type: Its type; ``?`` when it has none.
        capabilities: The capabilities that it declares.
        ipam: The type of its IPAM plugin; ``None`` without one.
    """

    type: str
    capabilities: Sequence[str]
    ipam: str | None


@dataclass(frozen=True)
class Chain:
    """The chain of a config.

    Attributes:
        network: The network's name; ``None`` when it has none.
        within: The Kubernetes object that the config stands in; ``None`` for a file of its own.
        plugins: The plugins, in the order of ADD.
    """

    network: str | None
    within: str | None
    plugins: Sequence[Link]


@dataclass(frozen=True)
class ChainAnswer:
    """What ``cnictl chain`` found or did.

    Attributes:
        file: The file.
        chains: Its chains; after an edit that of the edited config.
        message: What was done, in words; ``None`` when the chains are only shown.
        changed: Whether the file had to be changed.
        findings: What is wrong afterwards and was not before: codes and messages.
    """

    file: str
    chains: Sequence[Chain]
    message: str | None = None
    changed: bool = False
    findings: Sequence[tuple[str, str]] = ()
