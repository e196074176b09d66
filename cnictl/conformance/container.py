"""Containers of a test, and what there is on the node beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.throwaway.look import look

if TYPE_CHECKING:
    from cnictl.invoke.invocation import Exchange
    from cnictl.model.attachment import Attachment
    from cnictl.netns.snapshot import Snapshot
    from cnictl.netns.survey import Survey


@dataclass
class Container:
    """A container of the test.

    Attributes:
        attachment: What is handed to the plugins.
        before: What the plugin in front of the tested one answered; ``None`` when there is none.
        result: What the tested plugin answered to ADD; ``None`` before it, and when it failed.
        answer: The run of the tested plugin that did it.
    """

    attachment: Attachment
    before: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    answer: Exchange | None = None

    @property
    def netns(self) -> Path:
        """Its network namespace."""
        return Path(self.attachment.netns)

    @property
    def ifname(self) -> str:
        """The name of its interface."""
        return self.attachment.ifname

    def survey(self) -> Survey:
        """What its namespace has."""
        return look(self.netns)


@dataclass(frozen=True)
class State:
    """What there is on the node.

    Attributes:
        snapshot: In its network.
        files: Of what plugins keep.
    """

    snapshot: Snapshot
    files: frozenset[Path] = field(default_factory=frozenset)


def prev_result(verb: str, container: Container | None) -> dict[str, Any] | None:
    """What a plugin is told of what was before: by ADD what is in front of it, and later what the last one said."""
    if container is None:
        return None
    return container.before if verb == "ADD" else container.result or container.before
