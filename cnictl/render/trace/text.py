"""Plugin runs for people: what was asked and what came back, run by run."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.invoke.invocation import Exchange, Invocation
    from cnictl.render.paper import Paper

_LIMIT = 4000
"""Characters of a plugin's output that are shown; the JSON form has all of it."""


def render(exchanges: Sequence[Exchange], paper: Paper) -> None:
    """Writes every run with its environment, stdin, stdout, stderr, exit status and time."""
    for exchange in exchanges:
        invocation = exchange.invocation
        paper.line(
            (f"{invocation.plugin} {invocation.verb}", "bold"), f"  {outcome(exchange)}, {milliseconds(exchange)}"
        )
        show_question(invocation, paper)
        _stream("stdout  ", exchange.stdout, paper)
        _stream("stderr  ", exchange.stderr, paper)
        paper.blank()


def show_question(invocation: Invocation, paper: Paper) -> None:
    """Writes what a plugin is asked: its executable, its environment and its stdin."""
    paper.paragraph(("path    ", "dim"), str(invocation.path), indent=2)
    for name, value in invocation.cni_environment.items():
        paper.paragraph(("env     ", "dim"), f"{name}={value}", indent=2)
    _stream("stdin   ", invocation.stdin, paper)


def outcome(exchange: Exchange) -> str:
    """How a run ended, in words."""
    if exchange.timed_out:
        return f"stopped after {exchange.limit:g} s"
    return f"exit {exchange.status}" if exchange.signal is None else f"ended by signal {exchange.signal}"


def milliseconds(exchange: Exchange) -> str:
    """How long a run took."""
    return f"{exchange.seconds * 1000:.0f} ms"


def _stream(head: str, data: bytes, paper: Paper) -> None:
    text = data.decode(errors="replace").strip()
    if not text:
        return
    with suppress(ValueError, RecursionError):  # what is no JSON is shown as it is
        text = json.dumps(json.loads(text), ensure_ascii=False)
    if len(text) > _LIMIT:
        text = f"{text[:_LIMIT]}... ({len(text)} characters)"
    for number, line in enumerate(text.split("\n")):
        paper.paragraph((head if number == 0 else " " * len(head), "dim"), line, indent=2)
