"""What the steps of a trial work with: the node, the network, its pods, and what the plugins were asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_interface
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnictl.errors import ChainFailed
from cnictl.invoke.executor import DEFAULT_TIMEOUT, ProcessExecutor, Recorder
from cnictl.model.attachment import DEFAULT_IFNAME, Attachment
from cnictl.netns.handle import RUN_DIR, create_netns
from cnictl.report.finding import Location
from cnictl.runtime.cni import CNI
from cnictl.text.parser import parse
from cnictl.throwaway.look import look
from cnictl.throwaway.mounts import STATE
from cnictl.throwaway.node import Node, plugin_objects
from cnictl.throwaway.samples import samples
from cnictl.throwaway.step import Flaw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnictl.errors import CNIError
    from cnictl.invoke.invocation import Exchange
    from cnictl.model.network import NetworkConfigList
    from cnictl.model.result import IPConfig, Result
    from cnictl.netns.snapshot import Snapshot
    from cnictl.netns.survey import Survey
    from cnictl.text.document import Document
    from cnictl.text.source import Source

AT_UPLINK = frozenset({"macvlan", "ipvlan", "vlan", "host-device", "ipoib", "sriov", "bond"})
"""Plugins that put pods into the network of an uplink: their gateway is not the node but a machine outside."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be tried.

    Attributes:
        source: The config.
        directory: Where it lies, for its drop-in directory; ``None`` when it comes from standard input.
        bin_dirs: The plugin directories.
        args: Pairs for ``CNI_ARGS``.
        capability_args: What a runtime would hand to the plugins; what is missing is made up.
        pods: How many pods to add at once.
        sysctls: Kernel settings that are to be other than on most nodes.
        timeout: Seconds for each plugin run.
    """

    source: Source
    directory: str | None
    bin_dirs: Sequence[Path]
    args: tuple[tuple[str, str], ...] = ()
    capability_args: Mapping[str, Any] = field(default_factory=dict)
    pods: int = 4
    sysctls: Mapping[str, str] = field(default_factory=dict)
    timeout: float = DEFAULT_TIMEOUT


class Pod:
    """A pod of the trial.

    Attributes:
        attachment: What is handed to the plugins.
        netns: Its network namespace.
        result: What ADD reported; ``None`` before it, and when it failed.
    """

    def __init__(self, attachment: Attachment) -> None:
        self.attachment = attachment
        self.netns = Path(attachment.netns)
        self.result: Result | None = None

    @property
    def ips(self) -> list[IPConfig]:
        """Its addresses, but for those that every namespace has."""
        found = self.result.ips if self.result else ()
        return [ip for ip in found if not ip_interface(ip.address).is_loopback]

    def address(self, family: int) -> str | None:
        """Its first address of an IP version, without the prefix length."""
        return next((ip.address.partition("/")[0] for ip in self.ips if ip.family == family), None)

    @property
    def families(self) -> list[int]:
        """The IP versions that it has addresses of."""
        return sorted({ip.family for ip in self.ips})

    def survey(self) -> Survey:
        """What its namespace has."""
        return look(self.netns)


class Bench:
    """What steps work with.

    Args:
        request: What is to be tried.
        node: The throwaway node.

    Attributes:
        network: The network; set by the first step.
        added: How many pods have been attached since the node was remembered as empty.
        pods: The two pods that most steps are about.
        empty: What the node was like when the pods had been deleted; set by the step that deletes them.
    """

    network: NetworkConfigList

    def __init__(self, request: Request, node: Node) -> None:
        self.request = request
        self.node = node
        self.document: Document = parse(request.source)
        self.recorder = Recorder(ProcessExecutor())
        self.cni = CNI(request.bin_dirs, cache_dir=STATE, executor=self.recorder, timeout=request.timeout)
        self.pods: list[Pod] = []
        self.empty: Snapshot | None = None
        self.added = 0

    @property
    def pod(self) -> Pod:
        """The pod that has the host ports."""
        return self.pods[0]

    @property
    def config(self) -> object:
        """The config as plain data."""
        return self.document.root.value if self.document.root is not None else None

    def types(self) -> list[str]:
        """The types of the plugins, in the order of ADD."""
        return [plugin.type for plugin in self.network.plugins]

    def plugin(self, *types: str) -> Mapping[str, Any] | None:
        """The first plugin of one of some types, as plain data."""
        return next((plugin.data for plugin in self.network.plugins if plugin.type in types), None)

    def ipam(self, kind: str) -> tuple[str, Mapping[str, Any]] | None:
        """The type of the first plugin that has addresses from an IPAM plugin of a type, and its ``ipam`` object."""
        for plugin in self.network.plugins:
            ipam = plugin.data.get("ipam")
            if isinstance(ipam, dict) and ipam.get("type") == kind:
                return plugin.type, ipam
        return None

    def declares(self, capability: str) -> bool:
        """Whether a plugin of the network takes a capability argument."""
        return any(capability in plugin.capabilities for plugin in self.network.plugins)

    @property
    def at_uplink(self) -> bool:
        """Whether pods are put into the network of an uplink."""
        return bool(AT_UPLINK.intersection(self.types()))

    @cached_property
    def capability_args(self) -> dict[str, Any]:
        """What the first pod gets: what was asked for, and samples of what nobody has said anything about."""
        given = {name: value for name, value in self.request.capability_args.items() if value}
        declared = {name for plugin in self.network.plugins for name in plugin.capabilities}
        return {**self.request.capability_args, **samples(declared), **given}

    def new_pod(self, name: str, *, alone: bool = True) -> Pod:
        """A pod with a network namespace of its own, not attached yet.

        Args:
            name: Its name.
            alone: Whether it goes without host ports, because these are another pod's.

        Raises:
            NamespaceError: The namespace cannot be made.
        """
        netns = RUN_DIR / name
        create_netns(netns)
        values = {key: value for key, value in self.capability_args.items() if not alone or key != "portMappings"}
        return Pod(Attachment(name, str(netns), DEFAULT_IFNAME, self.request.args, values))

    def add(self, pod: Pod) -> None:
        """Attaches a pod.

        Raises:
            CNIError: A plugin failed.
        """
        self.added += 1
        pod.result = self.cni.add(self.network, pod.attachment)

    def last_words(self) -> str:
        """What the plugin that ran last wrote to stderr."""
        last: Exchange | None = self.recorder.exchanges[-1] if self.recorder.exchanges else None
        return last.stderr.decode(errors="replace").strip() if last else ""

    def place(self, flaw: Flaw) -> Location:
        """Where in the config the cause of a flaw is: the value, or what should hold it."""
        root = self.document.root
        if root is None:
            return Location(self.request.source.name)
        path: list[str | int] = []
        if flaw.plugin:
            types = [plugin.get("type") for plugin in plugin_objects(self.config)]
            if flaw.plugin in types and isinstance(self.config, dict) and "plugins" in self.config:
                path = ["plugins", types.index(flaw.plugin)]
        return Location.of(self.request.source, root.at([*path, *flaw.keys]).label)

    def failure(self, error: CNIError) -> Flaw:
        """The flaw that an error of a plugin, or of the runtime, is."""
        return failure(self, error)


def failure(bench: Bench, error: CNIError, message: str = "") -> Flaw:
    """The flaw that an error of a plugin, or of the runtime, is.

    Args:
        bench: Where it happened.
        error: The error.
        message: What was tried, before what went wrong.
    """
    plugin = error.plugin if isinstance(error, ChainFailed) else ""
    evidence: dict[str, object] = {"stderr": bench.last_words()} if bench.last_words() else {}
    return Flaw(f"{message}{error}", error.hint or "`cnictl exec --trace` shows every plugin run", plugin, (), evidence)
