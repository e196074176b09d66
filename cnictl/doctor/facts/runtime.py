"""A container runtime of a node: where it looks for CNI, and how that is known."""

from __future__ import annotations

import fnmatch
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.cri.answers import Status, Version
from cnictl.doctor.facts.cri import Cri
from cnictl.doctor.facts.libcni import libcni_of
from cnictl.doctor.facts.packages import installed_version, numbers
from cnictl.foreign.containerd import read_containerd
from cnictl.foreign.containers_conf import DROP_INS as PODMAN_DROP_INS
from cnictl.foreign.containers_conf import FILES as PODMAN_FILES
from cnictl.foreign.containers_conf import ContainersConf
from cnictl.foreign.crio import DROP_INS as CRIO_DROP_INS
from cnictl.foreign.crio import CrioConfig
from cnictl.foreign.kubelet import arguments_of, flags_of
from cnictl.host.api import Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.kinds import Kind
    from cnictl.doctor.node import Node
    from cnictl.foreign.containerd import ContainerdConfig
    from cnictl.foreign.kubelet import Flag
    from cnictl.foreign.setting import Setting
    from cnictl.host.api import Process
    from cnictl.report.finding import Location
    from cnictl.text.source import Source

_FLAGS = {
    "conf_dir": ("cni-config-dir", "cni-conf-dir"),
    "bin_dirs": ("cni-plugin-dir", "cni-bin-dir"),
}
"""The flags of CRI-O and cri-dockerd."""
_RANCHERS = ("k3s", "RKE2")
"""Products that have a template of its own for containerd 2.x."""
_DRIVERS = {"true": "systemd", "false": "cgroupfs"}


class Known(NamedTuple):
    """Something that is known of a runtime.

    Attributes:
        value: It.
        origin: Where it is known from, in words: a file and line, a flag, the running daemon, or its default.
        location: The place to change it; ``None`` when there is none.
    """

    value: Any
    origin: str
    location: Location | None = None

    @property
    def is_default(self) -> bool:
        """Whether nobody has said it."""
        return self.origin == "the default"


def known(setting: Setting, value: object = None) -> Known:
    """A setting of a file as something known, with its own value or another one."""
    return Known(setting.value if value is None else value, setting.origin, setting.location)


class Runtime:
    """A container runtime.

    Args:
        node: The node.
        kind: How it is installed.
        socket: Its socket, when that is not where it usually is.

    Attributes:
        kind: How it is installed.
        name: ``containerd``, ``cri-o``, ``cri-dockerd`` or ``podman``.
        called: What to call it in sentences.
    """

    def __init__(self, node: Node, kind: Kind, socket: str | None = None) -> None:
        self.node = node
        self.kind = kind
        self.name = kind.name
        self.called = kind.called
        self._socket = socket

    @cached_property
    def socket(self) -> str | None:
        """The path of its socket, whether it is there or not; ``None`` for podman."""
        if self._socket:
            return self._socket
        there = (path for path in self.kind.sockets if self.node.host.status(path) is not None)
        return next(there, next(iter(self.kind.sockets), None))

    @cached_property
    def cri(self) -> Cri | None:
        """What it says of itself; ``None`` when there is no socket."""
        return Cri(self.node.host, self.socket) if self.socket else None

    @cached_property
    def status(self) -> Status | None:
        """How it says that it is; ``None`` when it cannot be asked, or does not answer."""
        try:
            answer = self.cri.status if self.cri and self._is_there else None
        except Unanswered:
            return None
        return answer if isinstance(answer, Status) else None

    @property
    def _is_there(self) -> bool:
        return self.socket is not None and self.node.host.status(self.socket) is not None

    @cached_property
    def version(self) -> Known | None:
        """Its version, as a text; ``None`` when it cannot be told."""
        try:
            answer = self.cri.version if self.cri and self._is_there else None
        except Unanswered:
            answer = None
        if isinstance(answer, Version) and numbers(answer.version) and self.name == answer.name:  # or it is docker's
            return Known(answer.version, "the running daemon")
        installed = installed_version(self.node.host, *self.kind.packages) if self.kind.packages else None
        return Known(installed, "the installed package") if installed else None

    @property
    def numbers(self) -> tuple[int, ...] | None:
        """The numbers of its version; ``None`` when it cannot be told."""
        return numbers(self.version.value) if self.version else None

    @property
    def release(self) -> str:
        """Its name and version, for people."""
        return f"{self.called} {'.'.join(map(str, self.numbers))}" if self.numbers else self.called

    @property
    def libcni(self) -> tuple[int, ...] | None:
        """The libcni inside it; ``None`` when it is not known."""
        return libcni_of(self.name, self.numbers)

    @cached_property
    def processes(self) -> list[Process]:
        """It, where it runs.

        Raises:
            Unanswered: That cannot be known.
        """
        return self.node.host.processes(self.kind.programs) if self.kind.programs else []

    @property
    def runs(self) -> bool:
        """Whether it certainly runs."""
        try:
            return bool(self.processes)
        except Unanswered:
            return False

    @cached_property
    def flags(self) -> dict[str, Known]:
        """The flags that it is started with: those of the running one, or else those of its service."""
        if self.runs:
            found = arguments_of(self.processes[0].arguments[1:])
            return {name: Known(value, f"its flag --{name}") for name, value in found.items()}
        words = self.node.services.command(self.kind.unit) if self.kind.unit else []
        return {flag.name: _of_flag(flag) for flag in flags_of(words)}

    @cached_property
    def config_file(self) -> str:
        """Its config file."""
        told = self.flags.get("config") or self.flags.get("c") if not self.kind.product else None
        return told.value if told and str(told.value).startswith("/") else self.kind.config

    def to_edit(self, path: str) -> str:
        """The file in which to change what stands in one: some products write it anew from a template at each start.

        Args:
            path: The file in which it stands.
        """
        name = self.kind.template
        if not name or path != self.kind.config:
            return path
        if self.kind.product in _RANCHERS and self.containerd and self.containerd.version.value not in (1, 2):
            name = "config-v3.toml.tmpl"
        return (
            f"{path.rpartition('/')[0]}/{name} (from which {self.kind.product} writes {path}; if not there, copy that)"
        )

    @cached_property
    def containerd(self) -> ContainerdConfig | None:
        """containerd's config; ``None`` when it is another runtime, or has no file that can be read."""
        if self.name != "containerd":
            return None
        return read_containerd(self.config_file, self.node.source, self._expand, self.numbers)

    def _expand(self, pattern: str) -> list[str]:
        """The paths that match a glob whose directories may have stars too."""
        found = [""]
        for part in pattern.strip("/").split("/"):
            found = list(self._matching(found, part))
        return sorted(path for path in found if self.node.host.status(path) is not None)

    def _matching(self, directories: list[str], part: str) -> Iterator[str]:
        for directory in directories:
            if "*" not in part:
                yield f"{directory}/{part}"
            else:
                names = self.node.names_in(directory or "/")
                yield from (f"{directory}/{name}" for name in names if fnmatch.fnmatchcase(name, part))

    @cached_property
    def crio(self) -> CrioConfig | None:
        """CRI-O's config; ``None`` when it is another runtime."""
        return CrioConfig(self._sources(self.config_file, *self.drop_ins)) if self.name == "cri-o" else None

    @cached_property
    def drop_ins(self) -> list[str]:
        """The files of CRI-O's drop-in directory, with those in directories of it, in their order."""
        found: list[str] = []
        waiting = [CRIO_DROP_INS]
        while waiting:
            path = waiting.pop()
            names = self.node.names_in(path)
            found += [] if names or path == CRIO_DROP_INS else [path]
            waiting += [f"{path}/{name}" for name in reversed(names)]
        return [path for path in found if (status := self.node.host.status(path)) and status.is_file]

    @cached_property
    def podman(self) -> ContainersConf | None:
        """podman's config; ``None`` when it is another runtime."""
        if self.name != "podman":
            return None
        names = (name for name in self.node.names_in(PODMAN_DROP_INS) if name.endswith(".conf"))
        return ContainersConf(self._sources(*PODMAN_FILES, *(f"{PODMAN_DROP_INS}/{name}" for name in names)))

    def _sources(self, *paths: str) -> Iterator[Source]:
        yield from (source for path in paths if (source := self.node.source(path)) is not None)

    def told(self, *path: str) -> Any:  # noqa: ANN401  # a JSON value
        """What the running containerd says of its CRI config; ``None`` when it does not say it."""
        value: Any = self.status.info.get("config") if self.status else None
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    @cached_property
    def conf_dir(self) -> Known | None:
        """The config directory; ``None`` when it is not known."""
        found = self._conf_dir()
        return found._replace(value=str(found.value).rstrip("/") or "/") if found else None

    def _conf_dir(self) -> Known | None:
        told = self.told("cni", "confDir")
        if isinstance(told, str) and told:
            return self._running(told, self.filed_conf_dir)
        return self._flag("conf_dir") or self.filed_conf_dir

    @property
    def filed_conf_dir(self) -> Known | None:
        """The config directory by its files alone; ``None`` when there is no file."""
        if self.containerd:
            return known(self.containerd.cni("conf_dir"))
        if self.crio and self.crio.files:
            return known(self.crio.network_dir)
        return known(self.podman.config_dir) if self.podman and self.podman.files else None

    @cached_property
    def bin_dirs(self) -> Known | None:
        """The plugin directories, a list; ``None`` when they are not known."""
        found = self._bin_dirs()
        return found._replace(value=[path.rstrip("/") or "/" for path in found.value]) if found else None

    def _bin_dirs(self) -> Known | None:
        told = self.told("cni", "binDirs") or self.told("cni", "binDir")
        if told:
            told = [told] if isinstance(told, str) else [each for each in told if isinstance(each, str)]
            return self._running(told, self.filed_bin_dirs)
        flag = self._flag("bin_dirs")
        return flag._replace(value=str(flag.value).split(",")) if flag else self.filed_bin_dirs

    @property
    def filed_bin_dirs(self) -> Known | None:
        """The plugin directories by its files alone; ``None`` when there is no file."""
        if self.containerd:
            setting = self.containerd.cni("bin_dirs")
        elif self.crio and self.crio.files:
            setting = self.crio.plugin_dirs
        elif self.podman:
            setting = self.podman.plugin_dirs
        else:
            return None
        return known(setting, value=list(setting.texts))

    def _flag(self, which: str) -> Known | None:
        if self.name not in ("cri-o", "cri-dockerd"):
            return None
        return next((self.flags[name] for name in _FLAGS[which] if name in self.flags and self.flags[name].value), None)

    def _running(self, told: Any, filed: Known | None) -> Known:  # noqa: ANN401  # a path or paths
        """What the daemon says; where it stands, when that is in a file."""
        return filed if filed is not None and filed.value == told else Known(told, "the running daemon")

    @cached_property
    def cgroup_driver(self) -> Known | None:
        """``systemd`` or ``cgroupfs``; ``None`` when it is not known."""
        if self.containerd:
            setting = self.containerd.systemd_cgroup
            return known(setting, value=_DRIVERS.get(str(setting.value).lower(), "cgroupfs"))
        return known(self.crio.cgroup_manager) if self.crio and self.crio.files else None


def _of_flag(flag: Flag) -> Known:
    return Known(flag.value, f"{flag.location.file}:{flag.location.line}", flag.location)
