"""Looks into network namespaces. What speaks to the kernel is heavy, and loaded when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.invoke.tools import show
from cnictl.netns.visit import Visit

if TYPE_CHECKING:
    from pathlib import Path

    from cnictl.netns.difference import Change
    from cnictl.netns.snapshot import Snapshot
    from cnictl.netns.survey import Survey


def look(netns: Path | None = None) -> Survey:
    """The links, addresses and routes of a namespace.

    Args:
        netns: The namespace; ``None`` for the node itself.

    Raises:
        OSError: It cannot be entered, or the kernel refuses.
    """
    from cnictl.netns.survey import take_survey

    return Visit(netns, take_survey).result()


def remember() -> Snapshot:
    """All that there is in the node."""
    from cnictl.netns.snapshot import take

    return take(show)


def changes_since(before: Snapshot) -> list[Change]:
    """What is different in the node from what it was.

    Args:
        before: What it was.
    """
    from cnictl.netns.difference import compare

    return compare(before, remember())
