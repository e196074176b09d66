"""What plugin runs changed, as JSON: ``cnictl.changes/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.render.paper import Paper
    from cnictl.runtime.changes import Change, Changes


def render(
    changes: Sequence[Changes],
    paper: Paper,
    *,
    unseen: Sequence[str] = (),
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
) -> None:
    """Writes what each run changed, and what the whole came to, as one document (``schemas/output/changes``).

    Args:
        changes: The runs, in order.
        paper: Where to write.
        unseen: One line for each thing that could not be looked at.
        result: The result of ADD, or the outcome of another verb.
        error: The error object, when it failed.
    """
    runs = [_run(run) for run in changes]
    outcome = {"result": result, "error": error}
    write_json({"schema": "cnictl.changes/1", "runs": runs, "unseen": list(unseen), **outcome}, paper.stream)


def _run(run: Changes) -> dict[str, Any]:
    invocation = run.exchange.invocation
    return {"plugin": invocation.plugin, "verb": invocation.verb, "changes": changes_shape(run)}


def changes_shape(run: Changes) -> dict[str, list[dict[str, Any]]]:
    """What one run changed, by namespace (``$defs/changes`` of ``schemas/output/changes.schema.json``)."""
    return {where: [_shape(change) for change in found] for where, found in run.where.items()}


def _shape(change: Change) -> dict[str, Any]:
    before, after = (None if details is None else dict(details) for details in (change.before, change.after))
    return {"kind": change.kind, "what": change.what, "before": before, "after": after}
