"""What the node will do at its next boot: settings of the kernel, and modules."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from cnictl.errors import SourceError
from cnictl.foreign.sysctl_d import settings_in
from cnictl.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.sysctl_d import Setting

_PLACES = ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib")
"""Where directories of drop-ins are, the one that counts most first."""
_SYSTEMD = ("/usr/lib/systemd/systemd-sysctl", "/lib/systemd/systemd-sysctl")
_SYSCTL_CONF = "/etc/sysctl.conf"
_UFW = "/etc/ufw/ufw.conf"
_MODULES_FILES = ("/etc/modules", "/etc/modules-load.conf")


class Boot:
    """It.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """All settings, in the order in which they are made."""
        return tuple(setting for source in self._sysctl_files() for setting in settings_in(source))

    def setting_of(self, name: str) -> Setting | None:
        """The line that decides what a setting is after boot; ``None`` when the kernel's own default stays.

        The last one that names it; where none does, the last one with wildcards that is for it (``sysctl.d(5)``).

        Args:
            name: Such as ``net.ipv4.ip_forward``.
        """
        named = [each for each in self.settings if not each.is_glob and each.name == name]
        if named:
            return next((each for each in reversed(named) if each.value is not None), None)
        globs = (each for each in reversed(self.settings) if each.is_glob and each.value is not None)
        return next((each for each in globs if fnmatchcase(name, each.name)), None)

    def value_of(self, name: str) -> str | None:
        """What a setting is after boot; ``None`` when the kernel's own default stays."""
        setting = self.setting_of(name)
        return setting.value if setting else None

    def _sysctl_files(self) -> Iterator[Source]:
        for path in self._drop_ins("sysctl.d"):
            yield from self._source(path)
        # systemd reads it through a link among the drop-ins, where the distribution has made one; others read it last.
        if not any(map(self.node.host.status, _SYSTEMD)):
            yield from self._source(_SYSCTL_CONF)
        if "ENABLED=yes" in (self.node.text(_UFW) or ""):
            yield from self._source("/etc/ufw/sysctl.conf")  # ufw makes its own settings when it starts

    def _drop_ins(self, directory: str) -> Iterator[str]:
        """The files in the directories of that name: of several with one name the first counts, in the names' order."""
        paths: dict[str, str] = {}
        for place in _PLACES:
            for name in self.node.names_in(f"{place}/{directory}"):
                if name.endswith(".conf"):
                    paths.setdefault(name, f"{place}/{directory}/{name}")
        for name in sorted(paths):
            if self.node.host.link_target(paths[name]) != "/dev/null":
                yield paths[name]

    def _source(self, path: str) -> Iterator[Source]:
        try:
            yield Source(path, self.node.host.read_bytes(path))
        except SourceError:
            return

    @cached_property
    def modules(self) -> frozenset[str]:
        """The modules that are loaded at boot because a file says so, with underscores."""
        paths = (*self._drop_ins("modules-load.d"), *_MODULES_FILES)
        lines = (line.strip() for path in paths for line in (self.node.text(path) or "").splitlines())
        return frozenset(line.split()[0].replace("-", "_") for line in lines if line and line[0] not in "#;")
