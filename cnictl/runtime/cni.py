"""Runs networks: every verb over a chain of plugins (CNI spec 1.1.0, section 3)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.errors import (
    CNIError,
    GCFailed,
    UnsupportedVerb,
)
from cnictl.invoke.decode import PluginInfo, plugin_info_of
from cnictl.invoke.executor import ProcessExecutor
from cnictl.invoke.find import default_bin_dirs, find_plugin
from cnictl.invoke.invocation import version_invocation
from cnictl.model.files import DEFAULT_CACHE_DIR
from cnictl.model.version import VERB_SINCE
from cnictl.runtime import garbage
from cnictl.runtime.cache import CacheEntry
from cnictl.runtime.garbage import Collected
from cnictl.runtime.lifecycle import Lifecycle, require_names
from cnictl.runtime.locks import DEFAULT_PATIENCE, Locks
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
        self.locks = Locks(Path(cache_dir), lock_timeout)
        self._life = Lifecycle(
            self.bin_dirs,
            Path(cache_dir),
            executor=executor or ProcessExecutor(),
            timeout=timeout,
            rollback=rollback,
            cancelled=cancelled,
        )
        self.cache, self.journal = self._life.cache, self._life.journal
        self._versions = SpokenVersions(self.executor, timeout)

    @property
    def executor(self) -> Executor:
        """What runs the plugins."""
        return self._life.executor

    @property
    def timeout(self) -> float | None:
        """Seconds that each plugin may run; ``None`` for the executor's own limit."""
        return self._life.timeout

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
        operation = self._life.operation(network, attachment)
        self.cache.require_writable()
        self._versions.require(network.version, operation.steps)
        with self.locks.attachment(network.name, attachment.container_id):
            self._life.finish_interrupted(network, attachment)
            return self._life.add(operation)

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
        operation = self._life.operation(network, attachment)
        if not _asks("CHECK", network):
            return []
        with self.locks.attachment(network.name, attachment.container_id, needed=False):
            operation.recall(self._life.known(network, attachment), with_result=True)
            operation.each("CHECK", operation.steps)
        return operation.overlooked

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
        operation = self._life.operation(network, attachment)
        with self.locks.attachment(network.name, attachment.container_id, needed=False):
            self._life.delete(operation)

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
        require_names(network)
        wanted = None if valid is None else list(valid)
        with self.locks.network(network.name):
            plan = self.garbage(network, wanted)
            failures = [
                failure for entry in (*plan.interrupted, *plan.stale) if (failure := self._removed(entry, network))
            ]
            if _asks("GC", network):
                operation = self._life.operation(network)
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
        entries = (entry for entry in self.cache.entries() if isinstance(entry, CacheEntry))
        own = [entry for entry in entries if entry.network == network.name]
        if network.disable_gc:
            return garbage.Plan(interrupted, [], own)
        return garbage.plan(own, interrupted, valid)

    def _removed(self, entry: CacheEntry, network: NetworkConfigList) -> CNIError | None:
        """Deletes what GC has found; what went wrong."""
        try:
            with self.locks.container(entry.container_id):
                self._life.finish(entry, network)
        except CNIError as error:
            return error
        return None

    def status(self, network: NetworkConfigList) -> list[str]:
        """Asks every plugin whether it could serve ADD (CNI spec 1.1.0, section 2, "STATUS").

        Returns:
            The types of the plugins that were asked and could. There are none before 1.1.0, which has no STATUS.

        Raises:
            UsageError: The network's name is not allowed.
            PluginNotFound: A plugin is missing; nothing was run.
            ChainFailed: A plugin could not; ``cause`` is `PluginNotAvailable` or `LimitedConnectivity` when it says so.
        """
        require_names(network)
        if not _asks("STATUS", network):
            return []
        operation = self._life.operation(network)
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

        The ``prevResult`` that ADD hands from one plugin to the next is missing, because nobody can know it. Where the
        network's version or its config has a verb do nothing, nothing would be asked.

        Args:
            verb: ``ADD``, ``CHECK``, ``DEL``, ``GC`` or ``STATUS``.
            network: The network.
            attachment: The container; ``None`` for GC and STATUS.
            valid: What GC is told to leave alone.

        Raises:
            UsageError: A name is not allowed.
            UnsupportedVerb: The config's version has no CHECK.
            PluginNotFound: A plugin is missing.
            CacheError: CHECK has no result of ADD to compare with.
        """
        require_names(network, attachment)
        if not _asks(verb, network):
            return []
        operation = self._life.operation(network, attachment)
        operation.valid = None if valid is None else list(valid)
        if attachment is not None and verb == "CHECK":
            operation.recall(self._life.known(network, attachment), with_result=True)
        elif attachment is not None and verb == "DEL":
            self._life.recall(operation)
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


def _asks(verb: str, network: NetworkConfigList) -> bool:
    """Whether the plugins of a network are asked a verb; GC and STATUS do nothing where they do not exist.

    Raises:
        UnsupportedVerb: The config's version has no CHECK.
    """
    exists = network.version >= VERB_SINCE.get(verb, network.version)
    if verb == "CHECK" and not exists:
        raise UnsupportedVerb(verb, str(network.version), str(VERB_SINCE[verb]))
    disabled = {"CHECK": network.disable_check, "GC": network.disable_gc}
    return exists and not disabled.get(verb, False)
