"""Runs networks: ADD, CHECK and DEL over a chain of plugins (CNI spec 1.1.0, section 3)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.errors import CacheDamaged, CacheError, ChainFailed, UnsupportedVerb, UsageError
from cnictl.invoke.decode import PluginInfo, plugin_info_of
from cnictl.invoke.executor import ProcessExecutor
from cnictl.invoke.find import WELL_KNOWN_DIRS, find_plugin
from cnictl.invoke.invocation import version_invocation
from cnictl.model.names import network_name_fault
from cnictl.model.version import VERB_SINCE
from cnictl.runtime.cache import DEFAULT_CACHE_DIR, ResultCache
from cnictl.runtime.operation import PREV_RESULT_ON_DEL, Operation, Step

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from cnictl.invoke.executor import Executor
    from cnictl.model.attachment import Attachment
    from cnictl.model.network import NetworkConfigList
    from cnictl.model.result import Result


def default_bin_dirs() -> list[Path]:
    """Where plugins are looked for when nobody says: ``/opt/cni/bin``, or else the distribution's directory."""
    return [next((path for path in WELL_KNOWN_DIRS if path.is_dir()), WELL_KNOWN_DIRS[0])]


class CNI:
    """Runs networks.

    It keeps no state of its own: one object may serve many threads, as long as no two of them work on the
    same container.

    Args:
        bin_dirs: Plugin directories, in order of search; `default_bin_dirs` when ``None``.
        cache_dir: Base directory of the result cache, which is shared with every libcni runtime.
        executor: What runs the plugins; processes when ``None``.
        timeout: Seconds that each plugin may run; the executor's own limit when ``None``.
        rollback: Whether a failed ADD is undone by DEL over the whole chain. libcni leaves that to its
            caller, and most callers forget it (CNI issue 775).
    """

    def __init__(
        self,
        bin_dirs: Sequence[str | os.PathLike[str]] | None = None,
        *,
        cache_dir: str | os.PathLike[str] = DEFAULT_CACHE_DIR,
        executor: Executor | None = None,
        timeout: float | None = None,
        rollback: bool = True,
    ) -> None:
        self.bin_dirs = default_bin_dirs() if bin_dirs is None else [Path(path) for path in bin_dirs]
        self.cache = ResultCache(Path(cache_dir))
        self.executor = executor or ProcessExecutor()
        self.timeout = timeout
        self.rollback = rollback

    def add(self, network: NetworkConfigList, attachment: Attachment) -> Result:
        """Attaches a container to a network.

        Every plugin is found before the first one runs. What the last plugin reports is kept in the cache. When
        anything fails, Ctrl-C included, DEL is run over the whole chain in reverse, unless the container was
        attached before: then there is something that must not be taken away. The notes of the exception
        (``__notes__``) say what became of it.

        Returns:
            The last plugin's result.

        Raises:
            UsageError: A name is not allowed.
            PluginNotFound: A plugin is missing; nothing was run.
            ChainFailed: A plugin failed.
            CacheError: The result cannot be kept, or another attachment's file is in its place.
        """
        operation = self._operation(network, attachment)
        self.cache.require_writable()
        attached_before = self._is_known(network, attachment)
        try:
            result = operation.add()
            self.cache.write(network, attachment, result.encode(network.version))
        except BaseException as error:
            undone = operation.undo() if self.rollback and not attached_before else None
            if undone == []:
                with suppress(CacheError):  # it may have been written just before a Ctrl-C
                    self.cache.remove(network.name, attachment)
            _note_rollback(error, undone, operation, attached_before=attached_before)
            raise
        return result

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
            ChainFailed: A plugin is not content.
        """
        operation = self._operation(network, attachment)
        if network.version < VERB_SINCE["CHECK"]:
            raise UnsupportedVerb("CHECK", str(network.version), str(VERB_SINCE["CHECK"]))
        if network.disable_check:
            return []
        entry = self.cache.read(network.name, attachment)
        if entry is None:
            message = f'"{attachment.container_id}" is not attached to the network "{network.name}"'
            hint = f"it was never added, or not with this cache directory ({self.cache.directory})"
            raise CacheError(message, hint=hint)
        operation.recall(entry, with_result=True)
        operation.each("CHECK", operation.steps)
        return operation.overlooked

    def delete(self, network: NetworkConfigList, attachment: Attachment) -> None:
        """Detaches a container from a network; doing so twice is fine.

        The plugins run in reverse. As in libcni the first that fails ends it, and the cache entry stays, so
        that it can be tried again. A damaged cache entry keeps nobody from deleting.

        Raises:
            UsageError: A name is not allowed.
            PluginNotFound: A plugin is missing; nothing was run.
            ChainFailed: A plugin failed.
            CacheError: The cache entry cannot be removed, or is another attachment's.
        """
        operation = self._operation(network, attachment)
        try:
            entry = self.cache.read(network.name, attachment)
            if entry is not None:
                operation.recall(entry, with_result=network.version >= PREV_RESULT_ON_DEL)
        except CacheDamaged:
            operation.prev_result = None
        operation.each("DEL", reversed(operation.steps))
        self.cache.remove(network.name, attachment)

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

    def _operation(self, network: NetworkConfigList, attachment: Attachment) -> Operation:
        fault = network_name_fault(network.name) or attachment.fault()
        if fault:
            raise UsageError(fault)
        steps = [
            Step(place, plugin, find_plugin(plugin.type, self.bin_dirs)) for place, plugin in enumerate(network.plugins)
        ]
        return Operation(network, attachment, steps, self.bin_dirs, executor=self.executor, timeout=self.timeout)

    def _is_known(self, network: NetworkConfigList, attachment: Attachment) -> bool:
        """Whether the container is attached already; what left a damaged entry may be alive too."""
        try:
            return self.cache.read(network.name, attachment) is not None
        except CacheDamaged:
            return True


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
