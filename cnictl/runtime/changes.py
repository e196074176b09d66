"""Notes what each run of a plugin changed in the pod's network namespace and in the host's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.errors import PluginNotFound
from cnictl.invoke.tools import show
from cnictl.netns.difference import Change, compare
from cnictl.netns.snapshot import Snapshot, take
from cnictl.netns.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from cnictl.invoke.executor import Executor
    from cnictl.invoke.invocation import Exchange, Invocation

__all__ = ["Change", "Changes", "Watching"]

POD, HOST = "pod", "host"
_LOOKS_ONLY = frozenset({"VERSION"})
"""Verbs that have to do with no container and change nothing."""


class Changes(NamedTuple):
    """What a run changed.

    Attributes:
        exchange: The run.
        where: For each namespace, ``pod`` and ``host``, what changed in it; a namespace that could not be looked at
            is missing.
    """

    exchange: Exchange
    where: Mapping[str, list[Change]]


class Watching:
    """An executor that notes what each run of another one changed.

    What others change at the same time is noted too: from outside, nobody can tell it apart.

    Args:
        executor: The executor that does the work.
        netns: The pod's network namespace, which may not exist. The host's is that of this process.

    Attributes:
        changes: What was changed, one for each run, in order.
        unseen: One line for each thing that could not be looked at.
    """

    def __init__(self, executor: Executor, netns: Path | None) -> None:
        self.executor = executor
        self.netns = netns
        self.changes: list[Changes] = []
        self.unseen: list[str] = []
        self._last: dict[str, Snapshot] | None = None

    def run(self, invocation: Invocation, timeout: float | None = None) -> Exchange:
        """Runs a plugin to its end and notes what it changed; see `cnictl.invoke.executor.Executor`."""
        if invocation.verb in _LOOKS_ONLY:
            exchange = self.executor.run(invocation, timeout)
            self.changes.append(Changes(exchange, {}))
            return exchange
        before = self._look({}) if self._last is None else self._last
        self._last = None  # a run that raises may have changed something
        try:
            exchange = self.executor.run(invocation, timeout)
        except PluginNotFound:
            self._last = before
            raise
        self._last = self._look(before)
        where = {name: compare(before[name], shot) for name, shot in self._last.items() if name in before}
        self.changes.append(Changes(exchange, where))
        return exchange

    def _look(self, previous: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
        """Looks into both namespaces at once."""
        visits = {POD: self._visit(self.netns, previous.get(POD))} if self._has_pod() else {}
        visits[HOST] = self._visit(None, previous.get(HOST))
        shots = {}
        for name, visit in visits.items():
            try:
                shots[name] = visit.result()
            except OSError as error:
                self._tell(f"{name}: {(error.strerror or str(error)).lower()}")
                continue
            for reason in shots[name].unseen.values():
                self._tell(f"{name}: {reason}")
        return shots

    def _visit(self, netns: Path | None, previous: Snapshot | None) -> Visit[Snapshot]:
        return Visit(netns, _taker(previous))

    def _has_pod(self) -> bool:
        """Whether there is a namespace of the pod's own; one that shares the host's is looked at once."""
        if self.netns is None:
            return False
        try:
            return not self.netns.samefile("/proc/thread-self/ns/net")
        except OSError:
            return False

    def _tell(self, line: str) -> None:
        if line not in self.unseen:
            self.unseen.append(line)


def _taker(previous: Snapshot | None) -> Callable[[], Snapshot]:
    return lambda: take(show, previous)
