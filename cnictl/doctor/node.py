"""The node under examination: what several checks want to know, each thing asked once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cnictl.doctor.facts.traces import has_kubelet, runtimes_of
from cnictl.doctor.layout import OTHERS, USUAL, Layout
from cnictl.doctor.registry import Skip
from cnictl.errors import SourceError, SourceNotFound
from cnictl.foreign.sysctl_d import path_of
from cnictl.model.files import config_names
from cnictl.report.finding import Severity
from cnictl.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnictl.doctor.facts.boot import Boot
    from cnictl.doctor.facts.choice import Choice
    from cnictl.doctor.facts.configs import Configs, NodeConfig
    from cnictl.doctor.facts.host_ports import HostPorts
    from cnictl.doctor.facts.installed import Installed
    from cnictl.doctor.facts.kernel import Kernel
    from cnictl.doctor.facts.kubelet import Kubelet
    from cnictl.doctor.facts.mounts import Mounts
    from cnictl.doctor.facts.networks import Networks
    from cnictl.doctor.facts.placement import Placements
    from cnictl.doctor.facts.pods import Pods
    from cnictl.doctor.facts.programs import Programs
    from cnictl.doctor.facts.ranges import Ranges
    from cnictl.doctor.facts.rules import Rules
    from cnictl.doctor.facts.runtime import Runtime
    from cnictl.doctor.facts.runtimes import Runtimes
    from cnictl.doctor.facts.services import Services
    from cnictl.doctor.facts.spoken import Spoken
    from cnictl.doctor.facts.state import State
    from cnictl.doctor.facts.uses import Uses
    from cnictl.errors import CNIError
    from cnictl.host.api import Host
    from cnictl.invoke.executor import Executor
    from cnictl.model.view import NetworkView, PluginView
    from cnictl.netns.survey import Survey


class Node:
    """A node.

    Args:
        host: How to ask it.
        executor: What runs its plugins to ask for their versions; ``None`` where nothing may be run.
        conf_dir: Its config directory; when ``None`` that of its runtime, or else the usual one, or that of a product
            that has its own.
        bin_dirs: Its plugin directories; likewise.
        runtime: The runtime that gives pods their network, one of `cnictl.doctor.facts.runtimes.CHOICES`.
        cri_socket: The socket of that runtime.
    """

    def __init__(
        self,
        host: Host,
        executor: Executor | None = None,
        *,
        conf_dir: str | None = None,
        bin_dirs: list[str] | None = None,
        runtime: str = "auto",
        cri_socket: str | None = None,
    ) -> None:
        self.host = host
        self.executor = executor
        self._given = (conf_dir, bin_dirs)
        self._wanted = (runtime, cri_socket)

    @cached_property
    def conf_dir(self) -> str:
        """The config directory."""
        known = self.runtime.conf_dir if self.runtime else None
        return self._given[0] or (known.value if known else self._layout.conf_dir)

    @cached_property
    def bin_dirs(self) -> list[str]:
        """The plugin directories, in the order in which they are searched."""
        if self._given[1]:
            return self._given[1]
        known = self.runtime.bin_dirs if self.runtime else None
        if known and known.is_default and len(known.value) > 1:  # podman looks in many places, most of them not there
            known = known._replace(value=[path for path in known.value if self.is_dir(path)])
        return known.value if known and known.value else self._bin_dirs(self._layout)

    @cached_property
    def _layout(self) -> Layout:
        """The kind of node that this is: the one whose config directory has configs, the usual one first."""
        return next((layout for layout in (USUAL, *OTHERS) if self._has_configs(layout.conf_dir)), USUAL)

    def _has_configs(self, directory: str) -> bool:
        try:
            return bool(config_names(self.host.list_dir(directory)))
        except SourceError:
            return False

    def _bin_dirs(self, layout: Layout) -> list[str]:
        there = [path for path in layout.bin_dirs if self.is_dir(path)] or [layout.bin_dirs[0]]
        return there[:1] if layout is USUAL else there

    @cached_property
    def _configs(self) -> Configs:
        from cnictl.doctor.facts.configs import Configs

        return Configs(self)

    @property
    def configs(self) -> list[NodeConfig]:
        """The files in the config directory that runtimes read, in their order.

        Raises:
            Skip: The directory cannot be read.
        """
        return self._configs.all

    def milder_for(self, config: NodeConfig) -> Severity | None:
        """``WARNING`` for a config that the node's pods do not get, ``None`` for the others.

        The runtimes of Kubernetes take the first config that can be loaded and leave the others alone: often they are
        of a product that was there before, or are meant for single containers.
        """
        first = self.choice.first_loadable if self.has_kubelet else None
        counts = first is None or config is first or config is self.choice.wrapped
        return None if counts else Severity.WARNING

    def networks(self) -> Iterator[tuple[NodeConfig, NetworkView]]:
        """The configs that can be understood.

        Raises:
            Skip: There are none.
        """
        return self._configs.understood()

    def plugins(self) -> Iterator[tuple[NodeConfig, PluginView]]:
        """The plugins of all those configs.

        Raises:
            Skip: There are no configs.
        """
        for config, network in self.networks():
            for plugin in network.plugins:
                yield config, plugin

    @cached_property
    def _installed(self) -> Installed:
        from cnictl.doctor.facts.installed import Installed

        return Installed(self)

    def plugin_path(self, plugin: str) -> str | None:
        """Where the executable of a plugin type lies on the node; ``None`` when it is missing."""
        return self._installed.path_of(plugin)

    def plugin_versions(self, plugin: str) -> tuple[str, ...] | CNIError | None:
        """The spec versions that an installed plugin speaks, or why it does not say; ``None`` when it is missing.

        Raises:
            Skip: Plugins of this node cannot be run here.
        """
        return self._installed.versions_of(plugin)

    @cached_property
    def runtimes(self) -> list[str]:
        """The container runtimes of which there is a trace."""
        return runtimes_of(self.host)

    @cached_property
    def has_kubelet(self) -> bool:
        """Whether there is a trace of Kubernetes."""
        return has_kubelet(self.host)

    def sysctl(self, name: str) -> str | None:
        """The value of a kernel setting, such as ``net.ipv4.ip_forward``; ``None`` when the kernel has none.

        A dot in an interface's name is written as a slash, as in ``sysctl.d(5)``.

        Raises:
            Skip: The kernel of this node cannot be asked.
        """
        if not self.is_dir("/proc/sys/net"):
            message = "there is no /proc/sys here, so the kernel's settings cannot be seen"
            raise Skip(message)
        if not self.host.same_netns():
            message = (
                "/proc/sys shows the settings of another network namespace; run with the host's (hostNetwork: true)"
            )
            raise Skip(message)
        try:
            return self.host.read_bytes(path_of(name)).decode(errors="replace").strip()
        except SourceNotFound:
            return None
        except SourceError as error:
            raise Skip(str(error)) from error

    @cached_property
    def survey(self) -> Survey:
        """The links, addresses and routes of the node.

        Raises:
            Unanswered: They cannot be known here.
        """
        return self.host.survey()

    @cached_property
    def rulesets(self) -> Mapping[str, str]:
        """The rules of the packet filter, by the tool that shows them; see `cnictl.host.api.Host.rulesets`.

        Raises:
            Unanswered: They cannot be known here.
        """
        return self.host.rulesets()

    def is_dir(self, path: str) -> bool:
        """Whether there is a directory at a path."""
        status = self.host.status(path)
        return status is not None and status.is_dir

    def text(self, path: str) -> str | None:
        """The text of a file; ``None`` when there is none that can be read."""
        try:
            return self.host.read_bytes(path).decode(errors="replace")
        except SourceError:
            return None

    def source(self, path: str) -> Source | None:
        """A file with its path; ``None`` when there is none that can be read."""
        try:
            return Source(path, self.host.read_bytes(path))
        except SourceError:
            return None

    def names_in(self, path: str) -> list[str]:
        """The names in a directory; none when it cannot be read."""
        try:
            return self.host.list_dir(path)
        except SourceError:
            return []

    @property
    def hostname(self) -> str:
        """The node's name; empty when it is not known."""
        known = self.text("/proc/sys/kernel/hostname") if self.host.live else None
        return (known or self.text("/etc/hostname") or "").strip()

    def facts(self) -> dict[str, object]:
        """What the node is, for the report."""
        try:
            configs = [config.path for config in self.configs]
        except Skip:
            configs = []
        return {
            "hostname": self.hostname,
            "live": self.host.live,
            "confDir": self.conf_dir,
            "configs": configs,
            "binDirs": self.bin_dirs,
            "runtimes": self.runtimes,
            "runtime": self.runtime.release if self.runtime else None,
            "kubelet": self.has_kubelet,
            "kubeletVersion": self.kubelet.version.value if self.kubelet.version else None,
        }

    @cached_property
    def all_runtimes(self) -> Runtimes:
        """The runtimes, and which of them counts."""
        from cnictl.doctor.facts.runtimes import Runtimes

        return Runtimes(self, *self._wanted)

    @property
    def runtime(self) -> Runtime | None:
        """The runtime that gives pods their network; ``None`` when there is none, or none can be told."""
        return self.all_runtimes.counting

    @cached_property
    def kubelet(self) -> Kubelet:
        """How the kubelet is started, and what it is told."""
        from cnictl.doctor.facts.kubelet import Kubelet

        return Kubelet(self)

    @cached_property
    def services(self) -> Services:
        """The services of systemd."""
        from cnictl.doctor.facts.services import Services

        return Services(self)

    @cached_property
    def state(self) -> State:
        """What is kept of attachments: leases and caches."""
        from cnictl.doctor.facts.state import State

        return State(self)

    @cached_property
    def pods(self) -> Pods:
        """Which containers there are, and which are certainly gone."""
        from cnictl.doctor.facts.pods import Pods

        return Pods(self)

    @cached_property
    def choice(self) -> Choice:
        """Which config the pods get."""
        from cnictl.doctor.facts.choice import Choice

        return Choice(self)

    @cached_property
    def uses(self) -> Uses:
        """Which plugins the networks use.

        Raises:
            Skip: There are no configs.
        """
        from cnictl.doctor.facts.uses import Uses

        return Uses(self)

    @cached_property
    def programs(self) -> Programs:
        """What the plugins' files are."""
        from cnictl.doctor.facts.programs import Programs

        return Programs(self)

    @cached_property
    def promised(self) -> Networks:
        """What the configs promise of bridges and subnets."""
        from cnictl.doctor.facts.networks import Networks

        return Networks(self)

    @cached_property
    def spoken(self) -> Spoken:
        """Which spec versions the plugins speak."""
        from cnictl.doctor.facts.spoken import Spoken

        return Spoken(self)

    @cached_property
    def ranges(self) -> Ranges:
        """How full the ranges of pods' addresses are."""
        from cnictl.doctor.facts.ranges import Ranges

        return Ranges(self)

    @cached_property
    def kernel(self) -> Kernel:
        """The running kernel."""
        from cnictl.doctor.facts.kernel import Kernel

        return Kernel(self)

    @cached_property
    def boot(self) -> Boot:
        """What the node will do at its next boot."""
        from cnictl.doctor.facts.boot import Boot

        return Boot(self)

    @cached_property
    def rules(self) -> Rules:
        """The rules of the packet filter."""
        from cnictl.doctor.facts.rules import Rules

        return Rules(self)

    @cached_property
    def placements(self) -> Placements:
        """Where the pods are on the node."""
        from cnictl.doctor.facts.placement import Placements

        return Placements(self)

    @cached_property
    def host_ports(self) -> HostPorts:
        """The hostPorts that portmap has opened."""
        from cnictl.doctor.facts.host_ports import HostPorts

        return HostPorts(self)

    @cached_property
    def mounts(self) -> Mounts:
        """What is mounted where."""
        from cnictl.doctor.facts.mounts import Mounts

        return Mounts(self)
