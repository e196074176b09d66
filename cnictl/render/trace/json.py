"""Plugin runs as JSON: ``cnictl.trace/1``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnictl.render.changes.json import changes_shape
from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.invoke.invocation import Exchange, Invocation
    from cnictl.render.paper import Paper
    from cnictl.runtime.changes import Changes


def render(
    exchanges: Sequence[Exchange],
    paper: Paper,
    *,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
    changes: Sequence[Changes] = (),
) -> None:
    """Writes the runs, and the result or error of the whole, as one document (``schemas/output/trace.schema.json``).

    Args:
        exchanges: The runs, in order.
        paper: Where to write.
        result: The result of ADD.
        error: The error object, when it failed.
        changes: What the runs changed, where somebody looked.
    """
    document = {"schema": "cnictl.trace/1", "exchanges": runs(exchanges, changes), "result": result, "error": error}
    write_json(document, paper.stream)


def runs(exchanges: Sequence[Exchange], changes: Sequence[Changes] = ()) -> list[dict[str, Any]]:
    """Each run as JSON data, with what it changed where somebody looked."""
    seen = {id(each.exchange): {"changes": changes_shape(each)} for each in changes}
    return [_run(exchange) | seen.get(id(exchange), {}) for exchange in exchanges]


def _run(exchange: Exchange) -> dict[str, Any]:
    return question(exchange.invocation) | {
        "stdout": _json_or_text(exchange.stdout),
        "stderr": exchange.stderr.decode(errors="replace"),
        "status": exchange.status,
        "signal": exchange.signal,
        "timedOut": exchange.timed_out,
        "truncated": exchange.truncated,
        "milliseconds": round(exchange.seconds * 1000, 1),
    }


def question(invocation: Invocation) -> dict[str, Any]:
    """What a plugin is asked."""
    return {
        "plugin": invocation.plugin,
        "path": str(invocation.path),
        "verb": invocation.verb,
        "environment": invocation.cni_environment,
        "stdin": _json_or_text(invocation.stdin),
    }


def _json_or_text(data: bytes) -> object:
    """What a stream held: its JSON value when it is one, or else its text."""
    text = data.decode(errors="replace")
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value
