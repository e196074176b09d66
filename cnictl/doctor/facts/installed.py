"""The plugins that are installed on a node, and what they say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.registry import Skip
from cnictl.errors import CNIError
from cnictl.invoke.decode import plugin_info_of
from cnictl.invoke.invocation import version_invocation
from cnictl.model.names import plugin_type_fault

if TYPE_CHECKING:
    from cnictl.doctor.node import Node
    from cnictl.invoke.executor import Executor

_VERSION_TIMEOUT = 5.0
"""Seconds that a plugin may take to tell its versions."""


class Installed:
    """They, each asked once.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self._versions: dict[str, tuple[str, ...] | CNIError] = {}

    def path_of(self, plugin: str) -> str | None:
        """Where the executable of a plugin type lies on the node; ``None`` when it is missing.

        A type that is a path leads to no plugin: runtimes refuse it, and what it leads to must not be run.
        """
        if plugin_type_fault(plugin):
            return None
        for directory in self.node.bin_dirs:
            path = f"{directory.rstrip('/')}/{plugin}"
            status = self.node.host.status(path)
            if status is not None and status.is_file:
                return path
        return None

    def versions_of(self, plugin: str) -> tuple[str, ...] | CNIError | None:
        """The spec versions that an installed plugin speaks, or why it does not say; ``None`` when it is missing.

        Raises:
            Skip: Plugins of this node cannot be run here.
        """
        if self.node.executor is None:
            message = "the plugins of a node that is only mounted are not run, so they cannot be asked"
            raise Skip(message)
        path = self.path_of(plugin)
        if path is None:
            return None
        if plugin not in self._versions:
            self._versions[plugin] = self._ask(self.node.executor, plugin, path)
        return self._versions[plugin]

    def _ask(self, executor: Executor, plugin: str, path: str) -> tuple[str, ...] | CNIError:
        invocation = version_invocation(plugin, self.node.host.where(path))
        try:
            return plugin_info_of(executor.run(invocation, _VERSION_TIMEOUT)).versions
        except CNIError as error:
            return error
