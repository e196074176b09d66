"""What would be run as JSON: ``cnictl.plan/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render.plan.text import result_of_whom
from cnictl.render.shape import write_json
from cnictl.render.trace.json import question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.invoke.invocation import Invocation
    from cnictl.render.paper import Paper
    from cnictl.runtime.cache import CacheEntry
    from cnictl.runtime.garbage import Plan


def render(verb: str, network: str, asked: Sequence[Invocation], paper: Paper, *, garbage: Plan | None = None) -> None:
    """Writes what would be run as one document (``schemas/output/plan.schema.json``).

    Args:
        verb: The command.
        network: The network's name.
        asked: What each plugin would be asked, in order.
        paper: Where to write.
        garbage: What GC would remove first.
    """
    runs = [question(each) | {"prevResultOf": result_of_whom(asked, place)} for place, each in enumerate(asked)]
    document: dict[str, Any] = {
        "schema": "cnictl.plan/1",
        "verb": verb,
        "network": network,
        "plugins": runs,
        "garbage": None,
    }
    if garbage is not None:
        document["garbage"] = {
            "finish": [_attachment(intent) | {"verb": intent.verb} for intent in garbage.interrupted],
            "delete": [_attachment(entry) for entry in garbage.stale],
            "keep": [_attachment(entry) for entry in garbage.kept],
        }
    write_json(document, paper.stream)


def _attachment(entry: CacheEntry) -> dict[str, Any]:
    return {"containerId": entry.container_id, "ifname": entry.ifname, "netns": entry.netns}
