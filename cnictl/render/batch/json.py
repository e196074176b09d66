"""What became of many attachments as JSON: ``cnictl.batch/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render.shape import write_json
from cnictl.render.trace.json import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.render.batch.text import Done
    from cnictl.render.paper import Paper


def render(verb: str, network: str, done: Sequence[Done], paper: Paper) -> None:
    """Writes one document (``schemas/output/batch.schema.json``).

    Args:
        verb: The command.
        network: The network's name.
        done: What became of the attachments, in the order in which they were named.
        paper: Where to write.
    """
    failed = sum(each.error is not None for each in done)
    document = {
        "schema": "cnictl.batch/1",
        "verb": verb,
        "network": network,
        "attachments": [_attachment(each) for each in done],
        "summary": {"done": len(done) - failed, "failed": failed},
    }
    write_json(document, paper.stream)


def _attachment(done: Done) -> dict[str, Any]:
    attachment = done.attachment
    facts = {
        "netns": attachment.netns,
        "containerId": attachment.container_id,
        "ifname": attachment.ifname,
        "result": done.answer,
        "error": done.spoken,
        "message": done.message if done.error is not None else "",
        "notes": done.notes,
        "milliseconds": round(done.seconds * 1000, 1),
    }
    return facts if done.exchanges is None else facts | {"exchanges": runs(done.exchanges)}
