"""The plugin runs of a command: what runs them, and how they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.render import renderer

if TYPE_CHECKING:
    from pathlib import Path

    from cnictl.cli.exec.options import RunOptions
    from cnictl.invoke.executor import Executor
    from cnictl.runtime.changes import Watching

Answer = dict[str, Any]
"""A JSON document: the result of ADD, or an outcome for verbs that have no result."""


class Runs:
    """The plugin runs of one verb.

    Args:
        options: What the user asked for.
        netns: The container's network namespace, which may not exist; ``None`` for verbs about the network.
    """

    def __init__(self, options: RunOptions, netns: Path | None) -> None:
        self.options = options
        self.recorder = options.recorder()
        self._watching = self._watch(netns) if options.changes else None

    def _watch(self, netns: Path | None) -> Watching:
        from cnictl.runtime.changes import Watching

        return Watching(self.recorder, netns)

    @property
    def executor(self) -> Executor:
        """What runs the plugins."""
        return self._watching or self.recorder

    def show(self, answer: Answer | None, error: Answer | None) -> bool:
        """Shows the runs, if they are to be shown.

        Args:
            answer: What the verb came to, or ``None``.
            error: The error object, or ``None``.

        Returns:
            Whether stdout has its document with this.
        """
        outcome = {"result": answer, "error": error}
        if self.options.format == "json":
            return self._show_json(outcome)
        if self.options.trace:
            renderer("trace", "text")(self.recorder.exchanges, self.options.err)
        if self._watching is not None:
            watched = self._watching
            renderer("changes", "text")(watched.changes, self.options.err, unseen=watched.unseen)
        return False

    def _show_json(self, outcome: dict[str, Answer | None]) -> bool:
        out, watched = self.options.out, self._watching
        if self.options.trace:
            changes = watched.changes if watched is not None else ()
            renderer("trace", "json")(self.recorder.exchanges, out, **outcome, changes=changes)
        elif watched is not None:
            renderer("changes", "json")(watched.changes, out, **outcome, unseen=watched.unseen)
        return self.options.trace or watched is not None
