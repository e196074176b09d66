"""The running kernel: what it has built in, what is loaded, and what could be."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from cnictl.errors import SourceError
from cnictl.foreign.kernel_build import build_options, module_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnictl.doctor.node import Node

_MODULE_PLACES = ("/lib/modules", "/usr/lib/modules", "/run/booted-system/kernel-modules/lib/modules")

_IN_A_CONTAINER = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")


class Presence(StrEnum):
    """Whether the kernel has a feature."""

    THERE = "there"
    """Built in, or its module is loaded."""
    LOADABLE = "loadable"
    LOST = "lost"
    """It is a module, and the modules of the running kernel are not on the disk any more."""
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Kernel:
    """It.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def release(self) -> str | None:
        """What ``uname -r`` says; ``None`` when no kernel runs here."""
        text = self.node.text("/proc/sys/kernel/osrelease")
        return text.strip() or None if text else None

    @cached_property
    def modules_dir(self) -> str | None:
        """Where the modules of the running kernel lie; ``None`` when there are none."""
        paths = (f"{place}/{self.release}" for place in _MODULE_PLACES) if self.release else ()
        return next((path for path in paths if self.node.host.status(path)), None)

    @cached_property
    def loaded(self) -> frozenset[str]:
        """The modules that are loaded."""
        lines = (self.node.text("/proc/modules") or "").splitlines()
        return frozenset(line.split(" ", 1)[0] for line in lines)

    @cached_property
    def options(self) -> Mapping[str, str]:
        """How the kernel was built; empty when that cannot be told."""
        paths = ("/proc/config.gz", f"/boot/config-{self.release}", f"{self.modules_dir}/config")
        for path in paths if self.release else ():
            try:
                return build_options(self.node.host.read_bytes(path))
            except SourceError:
                continue
        return {}

    @cached_property
    def _builtin(self) -> frozenset[str]:
        return self._listed("modules.builtin")

    @cached_property
    def _loadable(self) -> frozenset[str]:
        return self._listed("modules.dep")

    def _listed(self, name: str) -> frozenset[str]:
        text = self.node.text(f"{self.modules_dir}/{name}") if self.modules_dir else None
        return module_names((text or "").splitlines())

    @property
    def may_load(self) -> bool:
        """Whether modules may still be loaded: that can be switched off until the next boot."""
        return (self.node.text("/proc/sys/kernel/modules_disabled") or "").strip() != "1"

    def has(self, module: str, option: str) -> Presence:
        """Whether the kernel has a feature.

        Args:
            module: The name of its module, with underscores.
            option: The option that it is built with, such as ``CONFIG_MACVLAN``.
        """
        if module in self.loaded or module in self._builtin or self.options.get(option) == "y":
            return Presence.THERE
        if self.node.host.status(f"/sys/module/{module}") is not None:
            return Presence.THERE
        if module in self._loadable:
            return Presence.LOADABLE
        return self._without_files(option)

    def _without_files(self, option: str) -> Presence:
        """The same for a feature that is in no list."""
        built = self.options.get(option)
        if built == "m":
            return Presence.LOST if self.lost_modules else Presence.ABSENT if self._loadable else Presence.UNKNOWN
        return Presence.ABSENT if built == "n" or (self._loadable and self._builtin) else Presence.UNKNOWN

    @property
    def lost_modules(self) -> bool:
        """Whether the kernel has modules, and those that are not loaded are not on the disk any more."""
        if self.release is None or not self.loaded or self.modules_dir is not None:
            return False
        return not any(map(self.node.host.status, _IN_A_CONTAINER))  # which has the kernel of its host, and no modules
