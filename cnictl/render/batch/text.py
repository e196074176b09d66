"""What became of many attachments, a line each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnictl.errors import CNIError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.invoke.invocation import Exchange
    from cnictl.model.attachment import Attachment
    from cnictl.render.paper import Paper


@dataclass
class Done:
    """What became of one attachment.

    Attributes:
        attachment: Whom it is about.
        exchanges: The plugin runs, when they are to be shown.
        answer: The result of ADD, or the outcome of a verb that has none; ``None`` when it failed.
        error: What went wrong, or ``None``.
        spoken: The spec's error object, or ``None``.
        seconds: How long it took.
    """

    attachment: Attachment
    exchanges: Sequence[Exchange] | None = None
    answer: dict[str, Any] | None = None
    error: BaseException | None = None
    spoken: dict[str, Any] | None = None
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    def fail(self, error: BaseException, spoken: dict[str, Any] | None) -> None:
        """Notes what went wrong."""
        self.error, self.spoken = error, spoken
        self.notes = list(getattr(error, "__notes__", ()))

    @property
    def message(self) -> str:
        """What went wrong, in one sentence."""
        return str(self.error) if isinstance(self.error, CNIError) else "interrupted"

    @property
    def exit_code(self) -> int:
        """The exit code that it would have had alone."""
        return int(self.error.exit_code) if isinstance(self.error, CNIError) else ExitCode.INTERRUPTED


def render(verb: str, network: str, done: Sequence[Done], paper: Paper) -> None:  # noqa: ARG001  # as the JSON form
    """Writes a line for each attachment, in the order in which they were named.

    Args:
        verb: The command.
        network: The network's name.
        done: What became of them.
        paper: Where to write.
    """
    for each in done:
        paper.line(f"{each.attachment.netns}  ", _state(verb, each))
        if each.exchanges is not None:
            from cnictl.render.trace.text import render as render_trace

            render_trace(each.exchanges, paper)


def _state(verb: str, done: Done) -> str | tuple[str, str]:
    if done.error is not None:
        return "failed", "fail"
    addresses = _addresses(done.answer or {}) if verb == "ADD" else []
    return ", ".join(addresses) or "ok"


def _addresses(result: dict[str, Any]) -> list[str]:
    pairs = [result[key]["ip"] for key in ("ip4", "ip6") if key in result]
    return [ip["address"] for ip in result.get("ips", [])] or pairs
