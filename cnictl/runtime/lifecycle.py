"""ADD and DEL with all that has to be kept, and undone when it fails."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from cnictl.errors import CacheDamaged, CacheError, ChainFailed, CNIError, UsageError
from cnictl.invoke.find import find_plugin
from cnictl.invoke.orphans import end_orphans
from cnictl.model.names import network_name_fault
from cnictl.runtime import garbage
from cnictl.runtime.cache import CacheEntry, ResultCache
from cnictl.runtime.journal import Intent, Journal
from cnictl.runtime.load import kept_network
from cnictl.runtime.operation import PREV_RESULT_ON_DEL, Operation, Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from threading import Event

    from cnictl.invoke.executor import Executor
    from cnictl.model.attachment import Attachment
    from cnictl.model.network import NetworkConfigList
    from cnictl.model.result import Result


class Lifecycle:
    """The life of attachments between ADD and DEL. Who calls it holds the locks.

    Args:
        bin_dirs: Plugin directories, in order of search.
        cache_dir: Base directory of the result cache.
        executor: What runs the plugins.
        timeout: Seconds that each plugin may run; the executor's own limit when ``None``.
        rollback: Whether a failed ADD is undone.
        cancelled: Set by another thread when no further plugin is to be run.
    """

    def __init__(
        self,
        bin_dirs: Sequence[Path],
        cache_dir: Path,
        *,
        executor: Executor,
        timeout: float | None,
        rollback: bool,
        cancelled: Event | None,
    ) -> None:
        self.bin_dirs = bin_dirs
        self.cache = ResultCache(cache_dir)
        self.journal = Journal(cache_dir)
        self.executor = executor
        self.timeout = timeout
        self.rollback = rollback
        self.cancelled = cancelled

    def operation(self, network: NetworkConfigList, attachment: Attachment | None = None) -> Operation:
        """A chain whose plugins have all been found.

        Args:
            network: The network.
            attachment: The container; ``None`` for GC and STATUS.

        Raises:
            UsageError: A name is not allowed.
            PluginNotFound: A plugin is missing.
        """
        require_names(network, attachment)
        steps = [
            Step(place, plugin, find_plugin(plugin.type, self.bin_dirs)) for place, plugin in enumerate(network.plugins)
        ]
        return Operation(
            network,
            attachment,
            steps,
            self.bin_dirs,
            executor=self.executor,
            timeout=self.timeout,
            cancelled=self.cancelled,
        )

    def add(self, operation: Operation) -> Result:
        """Runs ADD, keeps its result, and undoes it when anything fails; see `cnictl.runtime.cni.CNI.add`."""
        network, attachment = operation.network, operation.container
        attached_before = self._is_known(network, attachment)
        try:
            if not attached_before:
                self.journal.begin("ADD", network, attachment)
            result = operation.add()
            self.cache.write(network, attachment, result.encode(network.version))
            if not attached_before:
                self.journal.end(network.name, attachment)
        except BaseException as error:
            undone = self._undone(operation, error) if self.rollback and not attached_before else None
            if undone == []:
                with suppress(CacheError):  # it may have been written just before a Ctrl-C
                    self._forget(operation)
            _note_rollback(error, undone, operation, attached_before=attached_before)
            raise
        return result

    def _undone(self, operation: Operation, error: BaseException) -> list[str]:
        """Undoes an ADD; what could not be undone."""
        try:
            return operation.undo()
        except BaseException:  # noqa: BLE001  # Ctrl-C a second time; what went wrong at first is raised
            name = operation.network.name
            error.add_note(f"the rollback was interrupted: `cnictl exec gc {name}` removes what is left")
            raise error from None

    def _is_known(self, network: NetworkConfigList, attachment: Attachment) -> bool:
        """Whether the container is attached already; what left a damaged entry may be alive too."""
        try:
            return self.cache.read(network.name, attachment) is not None
        except CacheDamaged:
            return True

    def known(self, network: NetworkConfigList, attachment: Attachment) -> CacheEntry:
        """What the cache knows of an attachment.

        Raises:
            CacheError: Nothing that could be used.
        """
        entry = self.cache.read(network.name, attachment)
        if entry is None:
            message = f'"{attachment.container_id}" is not attached to the network "{network.name}"'
            hint = f"it was never added, or not with this cache directory ({self.cache.directory})"
            raise CacheError(message, hint=hint)
        return entry

    def delete(self, operation: Operation) -> None:
        """Runs DEL until a plugin fails, and forgets the attachment when none did.

        Raises:
            ChainFailed: A plugin failed.
            CacheError: The attachment cannot be forgotten.
        """
        self._prepare_del(operation)
        operation.each("DEL", reversed(operation.steps))
        self._forget(operation)

    def _prepare_del(self, operation: Operation) -> None:
        """Recalls what is known of an attachment, and journals that it is going to be deleted."""
        network, attachment = operation.network, operation.container
        intent = self.journal.intent(network.name, attachment)
        if intent is not None:
            operation.recall(intent, with_result=False)
        if self.recall(operation) and intent is None:
            with suppress(CacheError):  # a full disk keeps nobody from deleting
                self.journal.begin("DEL", network, attachment)

    def recall(self, operation: Operation) -> bool:
        """Takes over what the cache knows for DEL; false when it does not know the attachment."""
        try:
            entry = self.cache.read(operation.network.name, operation.container)
            if entry is not None:
                operation.recall(entry, with_result=operation.network.version >= PREV_RESULT_ON_DEL)
        except CacheDamaged:
            operation.prev_result = None
            return True
        return entry is not None

    def _forget(self, operation: Operation) -> None:
        """Forgets an attachment that is gone."""
        self.cache.remove(operation.network.name, operation.container)
        self.journal.end(operation.network.name, operation.container)

    def finish_interrupted(self, network: NetworkConfigList, attachment: Attachment) -> None:
        """Brings to its end, by DEL, what was begun with an attachment and cut short.

        Raises:
            CNIError: It cannot be.
        """
        intent = self.journal.intent(network.name, attachment)
        if intent is None:
            return
        try:
            self.finish(intent, network)
        except CNIError as error:
            error.add_note(f"an earlier {intent.verb} was cut short, and what it left cannot be removed")
            error.add_note("if a plugin refuses what ADD gave it, give `cnictl exec del` something else: --cap, --args")
            raise

    def finish(self, entry: CacheEntry, network: NetworkConfigList) -> None:
        """Deletes an attachment with the config that it was added with; every plugin gets its turn.

        Raises:
            CNIError: The first failure.
        """
        attachment = garbage.to_delete(entry)
        if isinstance(entry, Intent):  # what another runtime began, that one ends
            end_orphans(attachment)
        operation = self.operation(kept_network(entry) or network, attachment)
        self._prepare_del(operation)
        failures = operation.every("DEL", reversed(operation.steps))
        if failures:
            raise failures[0]
        self._forget(operation)


def require_names(network: NetworkConfigList, attachment: Attachment | None = None) -> None:
    """Refuses names that must not become parts of file names and environment variables.

    Args:
        network: The network.
        attachment: The container; ``None`` for GC and STATUS.

    Raises:
        UsageError: A name is not allowed.
    """
    fault = network_name_fault(network.name) or (attachment.fault() if attachment else None)
    if fault:
        raise UsageError(fault)


def _note_rollback(
    error: BaseException, undone: list[str] | None, operation: Operation, *, attached_before: bool
) -> None:
    """Tells with the error what became of the rollback."""
    if isinstance(error, ChainFailed):
        error.exchanges = tuple(operation.exchanges)
        error.rollback = None if undone is None else tuple(undone)
    if not operation.began:
        return
    if undone is None:
        reason = "the container was attached to this network before" if attached_before else "as asked"
        error.add_note(f"nothing was rolled back: {reason}")
    elif undone:
        for line in undone:
            error.add_note(f"not undone: {line}")
    else:
        error.add_note("everything was undone: DEL succeeded for every plugin of the chain")
