"""Runs networks: every verb over a chain of plugins (CNI spec 1.1.0, section 3)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.errors import (
    CacheDamaged,
    CacheError,
    ChainFailed,
    CNIError,
    GCFailed,
    UnsupportedVerb,
    UsageError,
)
from cnictl.invoke.decode import PluginInfo, plugin_info_of
from cnictl.invoke.executor import ProcessExecutor
from cnictl.invoke.find import WELL_KNOWN_DIRS, find_plugin
from cnictl.invoke.invocation import version_invocation
from cnictl.invoke.orphans import end_orphans
from cnictl.model.names import network_name_fault
from cnictl.model.version import VERB_SINCE
from cnictl.runtime import garbage
from cnictl.runtime.cache import DEFAULT_CACHE_DIR, CacheEntry, ResultCache
from cnictl.runtime.garbage import Collected
from cnictl.runtime.journal import Journal
from cnictl.runtime.load import kept_network
from cnictl.runtime.locks import DEFAULT_PATIENCE, Locks
from cnictl.runtime.operation import PREV_RESULT_ON_DEL, Operation, Step
from cnictl.runtime.versions import SpokenVersions

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence
    from threading import Event

    from cnictl.invoke.executor import Executor
    from cnictl.invoke.invocation import Invocation
    from cnictl.model.attachment import Attachment
    from cnictl.model.network import NetworkConfigList
    from cnictl.model.result import Result


def default_bin_dirs() -> list[Path]:
    """Where plugins are looked for when nobody says: ``/opt/cni/bin``, or else the distribution's directory."""
    return [next((path for path in WELL_KNOWN_DIRS if path.is_dir()), WELL_KNOWN_DIRS[0])]


class CNI:
    """Runs networks.

    One object may serve many threads: operations on one container wait for each other, also those of other
    processes with the same cache directory, and those on different containers run side by side.

    Args:
        bin_dirs: Plugin directories, in order of search; `default_bin_dirs` when ``None``.
        cache_dir: Base directory of the result cache, which is shared with every libcni runtime.
        executor: What runs the plugins; processes when ``None``.
        timeout: Seconds that each plugin may run; the executor's own limit when ``None``.
        rollback: Whether a failed ADD is undone by DEL over the whole chain. libcni leaves that to its
            caller, and most callers forget it (CNI issue 775).
        lock_timeout: Seconds to wait for another operation on the same container, or for GC of the network.
        cancelled: Set it from another thread, and no further plugin is run: what works on a container ends with
            `KeyboardInterrupt`, and an ADD is undone.
    """

    def __init__(
        self,
        bin_dirs: Sequence[str | os.PathLike[str]] | None = None,
        *,
        cache_dir: str | os.PathLike[str] = DEFAULT_CACHE_DIR,
        executor: Executor | None = None,
        timeout: float | None = None,
        rollback: bool = True,
        lock_timeout: float = DEFAULT_PATIENCE,
        cancelled: Event | None = None,
    ) -> None:
        self.bin_dirs = default_bin_dirs() if bin_dirs is None else [Path(path) for path in bin_dirs]
        self.cache = ResultCache(Path(cache_dir))
        self.journal = Journal(Path(cache_dir))
        self.locks = Locks(Path(cache_dir), lock_timeout)
        self.executor = executor or ProcessExecutor()
        self.timeout = timeout
        self.rollback = rollback
        self.cancelled = cancelled
        self._versions = SpokenVersions(self.executor, timeout)

    def add(self, network: NetworkConfigList, attachment: Attachment) -> Result:
        """Attaches a container to a network.

        Before the first plugin runs, every plugin is found and asked whether it speaks the network's version, and the
        intent is journalled. What the last plugin reports is kept in the cache. When anything fails, Ctrl-C
        included, DEL is run over the whole chain in reverse, unless the container was attached before: then there
        is something that must not be taken away. The notes of the exception (``__notes__``) say what became of it.

        An earlier ADD or DEL of the same attachment that was cut short is brought to its end by DEL first.

        Returns:
            The last plugin's result.

        Raises:
            UsageError: A name is not allowed.
            PluginNotFound: A plugin is missing; nothing was run.
            IncompatibleVersion: A plugin does not speak the network's version; nothing was run.
            Busy: Another command works on the container.
            ChainFailed: A plugin failed.
            CacheError: The result cannot be kept, or another attachment's file is in its place.
        """
        operation = self._operation(network, attachment)
        self.cache.require_writable()
        self._versions.require(network.version, operation.steps)
        with self.locks.attachment(network.name, attachment.container_id):
            self._finish_interrupted(network, attachment)
            return self._added(operation, network, attachment)

    def _added(self, operation: Operation, network: NetworkConfigList, attachment: Attachment) -> Result:
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
                self._forget(network.name, attachment)
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

    def _forget(self, network: str, attachment: Attachment) -> None:
        """Forgets an attachment that was undone; it may have been written just before a Ctrl-C."""
        with suppress(CacheError):
            self.cache.remove(network, attachment)
            self.journal.end(network, attachment)

    def check(self, network: NetworkConfigList, attachment: Attachment) -> list[str]:
        """Asks every plugin whether the attachment is as ADD left it.

        Arguments that the attachment lacks are taken from the cache, because CHECK must get those of ADD.

        Returns:
            One sentence for each failure that was overlooked, because it is a known defect of the plugin and
            says nothing about the attachment (`cnictl.runtime.quirks`).

        Raises:
            UsageError: A name is not allowed.
            UnsupportedVerb: The config's version has no CHECK.
            CacheError: There is no usable result of ADD to compare with.
            PluginNotFound: A plugin is missing; nothing was run.
            Busy: Another command works on the container.
            ChainFailed: A plugin is not content.
        """
        operation = self._operation(network, attachment)
        if network.version < VERB_SINCE["CHECK"]:
            raise UnsupportedVerb("CHECK", str(network.version), str(VERB_SINCE["CHECK"]))
        if network.disable_check:
            return []
        with self.locks.attachment(network.name, attachment.container_id, needed=False):
            operation.recall(self._known(network, attachment), with_result=True)
            operation.each("CHECK", operation.steps)
        return operation.overlooked

    def _known(self, network: NetworkConfigList, attachment: Attachment) -> CacheEntry:
        entry = self.cache.read(network.name, attachment)
        if entry is None:
            message = f'"{attachment.container_id}" is not attached to the network "{network.name}"'
            hint = f"it was never added, or not with this cache directory ({self.cache.directory})"
            raise CacheError(message, hint=hint)
        return entry

    def delete(self, network: NetworkConfigList, attachment: Attachment) -> None:
        """Detaches a container from a network; doing so twice is fine.

        The plugins run in reverse. As in libcni the first that fails ends it, and the cache entry stays, so
        that it can be tried again. A damaged cache entry keeps nobody from deleting.

        Raises:
            UsageError: A name is not allowed.
            PluginNotFound: A plugin is missing; nothing was run.
            Busy: Another command works on the container.
            ChainFailed: A plugin failed.
            CacheError: The cache entry cannot be removed, or is another attachment's.
        """
        operation = self._operation(network, attachment)
        with self.locks.attachment(network.name, attachment.container_id, needed=False):
            self._prepare_del(operation, network, attachment)
            operation.each("DEL", reversed(operation.steps))
            self._detached(network.name, attachment)

    def _prepare_del(self, operation: Operation, network: NetworkConfigList, attachment: Attachment) -> None:
        """Recalls what is known of an attachment, and journals that it is going to be deleted."""
        intent = self.journal.intent(network.name, attachment)
        if intent is not None:
            operation.recall(intent, with_result=False)
        if self._recalled(operation, network, attachment) and intent is None:
            with suppress(CacheError):  # a full disk keeps nobody from deleting
                self.journal.begin("DEL", network, attachment)

    def _recalled(self, operation: Operation, network: NetworkConfigList, attachment: Attachment) -> bool:
        """Takes over what the cache knows; false when it does not know the attachment."""
        try:
            entry = self.cache.read(network.name, attachment)
            if entry is not None:
                operation.recall(entry, with_result=network.version >= PREV_RESULT_ON_DEL)
        except CacheDamaged:
            operation.prev_result = None
            return True
        return entry is not None

    def _detached(self, network: str, attachment: Attachment) -> None:
        """Forgets an attachment that is gone."""
        self.cache.remove(network, attachment)
        self.journal.end(network, attachment)

    def gc(self, network: NetworkConfigList, valid: Iterable[Attachment] | None = None) -> Collected:
        """Removes what is left of attachments that are not valid any more (CNI spec 1.1.0, section 2, "GC").

        Operations of cnictl that were cut short are brought to their end by DEL, and so is every cached attachment that
        is not valid, with the config that it was added with. Since 1.1.0 the plugins are then told what is valid, so
        that they can remove the rest. What fails keeps nothing else from its turn.

        With ``disableGC`` only what cnictl itself left unfinished is removed.

        Args:
            network: The network.
            valid: The attachments to leave alone; ``None`` for those whose network namespace is still there.

        Raises:
            UsageError: The network's name is not allowed.
            PluginNotFound: A plugin is missing.
            Busy: Another command works on the network.
            CacheError: The cache cannot be read.
            GCFailed: Something could not be removed; the rest was.
        """
        _require_names(network, None)
        wanted = None if valid is None else list(valid)
        with self.locks.network(network.name):
            plan = self.garbage(network, wanted)
            failures = [
                failure for entry in (*plan.interrupted, *plan.stale) if (failure := self._removed(entry, network))
            ]
            if network.version >= VERB_SINCE["GC"] and not network.disable_gc:
                operation = self._operation(network)
                operation.valid = [entry.attachment for entry in plan.kept] if wanted is None else wanted
                failures += operation.every("GC", operation.steps)
        collected = Collected(tuple(plan.interrupted), tuple(plan.stale), tuple(plan.kept), tuple(failures))
        if failures:
            raise GCFailed(network.name, failures, collected)
        return collected

    def garbage(self, network: NetworkConfigList, valid: Iterable[Attachment] | None = None) -> garbage.Plan:
        """What GC would remove; nothing is run or changed.

        Args:
            network: The network.
            valid: As for `gc`.

        Raises:
            CacheError: The cache cannot be read.
        """
        interrupted = self.journal.intents(network.name)
        entries = [entry for entry in self.cache.entries() if isinstance(entry, CacheEntry)]
        own = [entry for entry in entries if entry.network == network.name and entry.container_id and entry.ifname]
        if network.disable_gc:
            return garbage.Plan(interrupted, [], own)
        return garbage.plan(own, interrupted, valid)

    def _removed(self, entry: CacheEntry, network: NetworkConfigList) -> CNIError | None:
        """Deletes what GC has found; what went wrong."""
        try:
            with self.locks.container(entry.container_id):
                self._finish(entry, network)
        except CNIError as error:
            return error
        return None

    def _finish_interrupted(self, network: NetworkConfigList, attachment: Attachment) -> None:
        """Brings to its end what was begun with an attachment and cut short."""
        intent = self.journal.intent(network.name, attachment)
        if intent is None:
            return
        try:
            self._finish(intent, network)
        except CNIError as error:
            error.add_note(f"an earlier {intent.verb} was cut short, and what it left cannot be removed")
            raise

    def _finish(self, entry: CacheEntry, network: NetworkConfigList) -> None:
        """Deletes an attachment with the config that it was added with; every plugin gets its turn.

        Raises:
            CNIError: The first failure.
        """
        attachment = garbage.to_delete(entry)
        end_orphans(attachment)
        own = kept_network(entry) or network
        operation = self._operation(own, attachment)
        self._prepare_del(operation, own, attachment)
        failures = operation.every("DEL", reversed(operation.steps))
        if failures:
            raise failures[0]
        self._detached(entry.network, attachment)

    def status(self, network: NetworkConfigList) -> list[str]:
        """Asks every plugin whether it could serve ADD (CNI spec 1.1.0, section 2, "STATUS").

        Returns:
            The types of the plugins that were asked and could: none before 1.1.0, which has no STATUS.

        Raises:
            UsageError: The network's name is not allowed.
            PluginNotFound: A plugin is missing; nothing was run.
            ChainFailed: A plugin could not; ``cause`` is `PluginNotAvailable` or `LimitedConnectivity` when it says so.
        """
        _require_names(network, None)
        if network.version < VERB_SINCE["STATUS"]:
            return []
        operation = self._operation(network)
        operation.each("STATUS", operation.steps)
        return [step.plugin.type for step in operation.steps]

    def dry_run(
        self,
        verb: str,
        network: NetworkConfigList,
        attachment: Attachment | None = None,
        valid: Iterable[Attachment] | None = None,
    ) -> list[Invocation]:
        """What would be asked, plugin by plugin; nothing is run or changed.

        The ``prevResult`` that ADD hands from one plugin to the next is missing, because nobody can know it.

        Args:
            verb: ``ADD``, ``CHECK``, ``DEL``, ``GC`` or ``STATUS``.
            network: The network.
            attachment: The container; ``None`` for GC and STATUS.
            valid: What GC is told to leave alone.

        Raises:
            UsageError: A name is not allowed.
            PluginNotFound: A plugin is missing.
            CacheError: CHECK has no result of ADD to compare with.
        """
        operation = self._operation(network, attachment)
        operation.valid = None if valid is None else list(valid)
        if attachment is not None and verb == "CHECK":
            operation.recall(self._known(network, attachment), with_result=True)
        elif attachment is not None and verb == "DEL":
            self._recalled(operation, network, attachment)
        steps = reversed(operation.steps) if verb == "DEL" else operation.steps
        return [operation.invocation(verb, step) for step in steps]

    def plugin_info(self, plugin: str) -> PluginInfo:
        """What a plugin answers to VERSION.

        Args:
            plugin: Its ``type``.

        Raises:
            PluginNotFound: It is missing.
            CNIError: It failed, or its answer is no version object.
        """
        path = find_plugin(plugin, self.bin_dirs)
        return plugin_info_of(self.executor.run(version_invocation(plugin, path), self.timeout))

    def _operation(self, network: NetworkConfigList, attachment: Attachment | None = None) -> Operation:
        _require_names(network, attachment)
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

    def _is_known(self, network: NetworkConfigList, attachment: Attachment) -> bool:
        """Whether the container is attached already; what left a damaged entry may be alive too."""
        try:
            return self.cache.read(network.name, attachment) is not None
        except CacheDamaged:
            return True


def _require_names(network: NetworkConfigList, attachment: Attachment | None) -> None:
    """Refuses names that must not become parts of file names and environment variables."""
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
