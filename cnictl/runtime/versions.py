"""Asks the plugins of a chain whether they speak its version, before the first one runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.errors import CNIError, IncompatibleVersion
from cnictl.invoke.decode import plugin_info_of
from cnictl.invoke.invocation import version_invocation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cnictl.invoke.executor import Executor
    from cnictl.model.version import SpecVersion
    from cnictl.runtime.operation import Step

_PATIENCE = 5.0
"""Seconds for an answer. Plugins give it in milliseconds; what takes longer does not know the question."""


class SpokenVersions:
    """What executables answered to VERSION, asked once for each file as it lies there.

    Args:
        executor: What runs the plugins.
        timeout: Seconds that a plugin may run at all; ``None`` when it does not matter.
    """

    def __init__(self, executor: Executor, timeout: float | None = None) -> None:
        self.executor = executor
        self.timeout = min(_PATIENCE, timeout or _PATIENCE)
        self._answers: dict[tuple[str, int, int, int], tuple[str, ...] | None] = {}

    def require(self, version: SpecVersion, steps: Iterable[Step]) -> None:
        """Does nothing when no plugin denies that it speaks a version.

        A plugin whose answer cannot be understood gets its chance: scripts often take every command for ADD.

        Raises:
            IncompatibleVersion: A plugin names its versions, and this is not among them.
        """
        for step in steps:
            spoken = self._spoken(step.plugin.type, step.path)
            if spoken is not None and str(version) not in spoken:
                raise IncompatibleVersion(step.plugin.type, str(version), spoken)

    def _spoken(self, plugin: str, path: Path) -> tuple[str, ...] | None:
        status = path.stat()
        key = (str(path), status.st_ino, status.st_mtime_ns, status.st_size)
        if key not in self._answers:
            self._answers[key] = self._ask(plugin, path)
        return self._answers[key]

    def _ask(self, plugin: str, path: Path) -> tuple[str, ...] | None:
        try:
            return plugin_info_of(self.executor.run(version_invocation(plugin, path), self.timeout)).versions
        except CNIError:
            return None
