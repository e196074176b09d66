"""One verb over one chain for one container."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.errors import ChainFailed, CNIError, InternalError, PluginNotFound, ProtocolViolation
from cnictl.invoke.decode import require_success, result_of
from cnictl.invoke.executor import Recorder
from cnictl.invoke.invocation import Invocation, plugin_environment
from cnictl.model.result import BadResult, Result
from cnictl.model.version import SpecVersion
from cnictl.runtime.cache import cached_result
from cnictl.runtime.chain import plugin_stdin
from cnictl.runtime.quirks import known_defect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from threading import Event

    from cnictl.invoke.executor import Executor
    from cnictl.invoke.invocation import Exchange
    from cnictl.model.attachment import Attachment
    from cnictl.model.network import NetworkConfigList, PluginConfig
    from cnictl.runtime.cache import CacheEntry

PREV_RESULT_ON_DEL = SpecVersion.V0_4_0
"""Since this version DEL is given the result of ADD."""


class Step(NamedTuple):
    """One plugin of a chain."""

    place: int
    plugin: PluginConfig
    path: Path


class Operation:
    """Runs the plugins of a network and remembers every exchange.

    Args:
        network: The network.
        attachment: The container; ``None`` for GC and STATUS, which are about the network.
        steps: The plugins, in the order of ADD, each with its executable.
        bin_dirs: The plugin directories, for the environment.
        executor: What runs a plugin.
        timeout: Seconds for each plugin; the executor's own limit when ``None``.
        cancelled: Set by another thread when no further plugin is to be run.
    """

    def __init__(
        self,
        network: NetworkConfigList,
        attachment: Attachment | None,
        steps: Sequence[Step],
        bin_dirs: Sequence[Path],
        *,
        executor: Executor,
        timeout: float | None,
        cancelled: Event | None = None,
    ) -> None:
        self.network = network
        self.attachment = attachment
        self.steps = steps
        self.bin_dirs = bin_dirs
        self.timeout = timeout
        self.valid: Sequence[Attachment] | None = None
        self.cancelled = cancelled
        self.began = False
        self.overlooked: list[str] = []
        self.prev_result: Mapping[str, Any] | None = None
        self._recorder = Recorder(executor)

    @property
    def exchanges(self) -> list[Exchange]:
        """Every plugin run so far."""
        return self._recorder.exchanges

    @property
    def container(self) -> Attachment:
        """The container, for the verbs that are about one."""
        if self.attachment is None:
            message = "this operation is about a network"
            raise InternalError(message)
        return self.attachment

    def recall(self, entry: CacheEntry, *, with_result: bool) -> None:
        """Takes over what the cache knows of ADD: its result, and the arguments that the caller did not give.

        Raises:
            CacheDamaged: The result cannot be used.
        """
        if self.attachment is not None:
            self.attachment = replace(
                self.attachment,
                args=self.attachment.args or entry.args,
                capability_args=self.attachment.capability_args or entry.capability_args,
            )
        if with_result:
            self.prev_result = cached_result(entry, self.network.version)

    def add(self) -> Result:
        """Runs ADD over the chain; the result of each plugin is the ``prevResult`` of the next.

        Raises:
            ChainFailed: A plugin failed.
        """
        result = Result(self.network.version)
        for step in self.steps:
            self._go_on()
            try:
                exchange = self._run("ADD", step)
                result = result_of(exchange, self.network.version)
                self.prev_result = self._handed_on(result, exchange)
            except CNIError as error:
                raise self._failed("ADD", step, error) from error
        return result

    def each(self, verb: str, steps: Iterable[Step]) -> None:
        """Runs a verb that has no result; the first plugin that fails ends it.

        Failures that are known defects of a plugin are put into ``overlooked`` instead.

        Raises:
            ChainFailed: A plugin failed.
        """
        for step in steps:
            self._go_on()
            try:
                require_success(self._run(verb, step))
            except CNIError as error:
                defect = known_defect(step.plugin.type, verb, error, self.prev_result)
                if defect is None:
                    raise self._failed(verb, step, error) from error
                self.overlooked.append(defect)

    def every(self, verb: str, steps: Iterable[Step]) -> list[ChainFailed]:
        """Runs a verb that has no result; no plugin's failure keeps the others from their turn.

        Returns:
            What failed.
        """
        failures = []
        for step in steps:
            try:
                require_success(self._run(verb, step))
            except CNIError as error:
                failures.append(self._failed(verb, step, error))
        return failures

    def undo(self) -> list[str]:
        """Runs DEL over the whole chain in reverse, also for plugins that ADD did not reach.

        The spec wants this after a failed ADD (since 0.3.0).

        Returns:
            One line for each plugin that failed.
        """
        return [str(failure) for failure in self.every("DEL", reversed(self.steps))] if self.began else []

    def invocation(self, verb: str, step: Step) -> Invocation:
        """What a plugin would be asked now."""
        environment = plugin_environment(verb, self.bin_dirs, self.attachment)
        # Before 0.4.0 DEL has no prevResult, not even what a rollback knows of it.
        kept_back = verb == "DEL" and self.network.version < PREV_RESULT_ON_DEL
        prev_result = None if kept_back else self.prev_result
        stdin = plugin_stdin(self.network, step.plugin, self.attachment, prev_result, self.valid)
        return Invocation(step.plugin.type, step.path, verb, environment, stdin)

    def _handed_on(self, result: Result, exchange: Exchange) -> Mapping[str, Any]:
        """A result in the network's version."""
        try:
            return result.encode(self.network.version)
        except BadResult as error:
            raise ProtocolViolation(f"printed a result that cannot be used: {error}", exchange) from error

    def _go_on(self) -> None:
        """Does nothing unless another thread has called it off."""
        if self.cancelled is not None and self.cancelled.is_set():
            raise KeyboardInterrupt

    def _run(self, verb: str, step: Step) -> Exchange:
        before, self.began = self.began, True
        try:
            return self._recorder.run(self.invocation(verb, step), self.timeout)
        except PluginNotFound:
            self.began = before
            raise

    def _failed(self, verb: str, step: Step, cause: CNIError) -> ChainFailed:
        return ChainFailed(verb, step.place, step.plugin.type, cause, exchanges=self.exchanges)
