"""Plugin runs as JSON: ``cnictl.trace/1``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.invoke.invocation import Exchange
    from cnictl.render.paper import Paper


def render(
    exchanges: Sequence[Exchange],
    paper: Paper,
    *,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
) -> None:
    """Writes the runs, and the result or error of the whole, as one document (``schemas/output/trace.schema.json``).

    Args:
        exchanges: The runs, in order.
        paper: Where to write.
        result: The result of ADD.
        error: The error object, when it failed.
    """
    runs = [_run(exchange) for exchange in exchanges]
    write_json({"schema": "cnictl.trace/1", "exchanges": runs, "result": result, "error": error}, paper.stream)


def _run(exchange: Exchange) -> dict[str, Any]:
    invocation = exchange.invocation
    return {
        "plugin": invocation.plugin,
        "path": str(invocation.path),
        "verb": invocation.verb,
        "environment": invocation.cni_environment,
        "stdin": _json_or_text(invocation.stdin),
        "stdout": _json_or_text(exchange.stdout),
        "stderr": exchange.stderr.decode(errors="replace"),
        "status": exchange.status,
        "signal": exchange.signal,
        "timedOut": exchange.timed_out,
        "truncated": exchange.truncated,
        "milliseconds": round(exchange.seconds * 1000, 1),
    }


def _json_or_text(data: bytes) -> object:
    """What a stream held: its JSON value when it is one, or else its text."""
    text = data.decode(errors="replace")
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value
