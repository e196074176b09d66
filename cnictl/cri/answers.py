"""What a container runtime answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnictl.cri.details import dig, dig_list
from cnictl.cri.record import Record


@dataclass(frozen=True)
class Version(Record):
    """Which runtime it is.

    Attributes:
        service: The version of CRI in which it was asked, one of `cnictl.cri.messages.SERVICES`.
        name: Its name, such as ``containerd``, ``cri-o`` or ``docker``.
        version: Its own version.
        api_version: The version of CRI that it names.
    """

    service: str
    name: str
    version: str
    api_version: str


@dataclass(frozen=True)
class Condition(Record):
    """A condition of the runtime.

    Attributes:
        type: Such as ``NetworkReady``.
        status: Whether it holds.
        reason: Why not, in one word.
        message: Why not, in the runtime's words.
    """

    type: str
    status: bool
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class LoadedNetwork(Record):
    """A network that the runtime holds in memory.

    Attributes:
        name: Its name.
        cni_version: Its spec version.
        ifname: The interface that it makes in a pod.
        source: The very text of the file that it was read from, as that was then.
    """

    name: str
    cni_version: str
    ifname: str
    source: str


@dataclass(frozen=True)
class Status(Record):
    """How the runtime is.

    Attributes:
        conditions: Its conditions, in no certain order.
        info: What it tells beyond that; each runtime has keys of its own, and JSON in its values is parsed.
        runtime_handlers: The names of its handlers; older ones do not tell them.
    """

    conditions: tuple[Condition, ...]
    info: dict[str, Any] = field(default_factory=dict)
    runtime_handlers: tuple[str, ...] = ()

    def condition(self, kind: str) -> Condition | None:
        """The condition of a type; ``None`` when the runtime does not tell it."""
        return next((condition for condition in self.conditions if condition.type == kind), None)

    @property
    def networks(self) -> tuple[LoadedNetwork, ...] | None:
        """The networks that it holds in memory, containerd's ``cni-loopback`` too; ``None`` when it does not tell."""
        if not isinstance(dig(self.info, "cniconfig"), dict):
            return None
        return tuple(
            LoadedNetwork(
                dig(network, "Config", "Name", kind=str),
                dig(network, "Config", "CNIVersion", kind=str),
                dig(network, "IFName", kind=str),
                dig(network, "Config", "Source", kind=str),
            )
            for network in dig_list(self.info, "cniconfig", "Networks")
        )

    @property
    def load_results(self) -> dict[str, str]:
        """How the last loading of the CNI configs went, by handler; the default one's name is empty."""
        prefix = "lastCNILoadStatus"
        return {
            key.removeprefix(prefix).removeprefix("."): str(value)
            for key, value in self.info.items()
            if key == prefix or key.startswith(f"{prefix}.")
        }


@dataclass(frozen=True)
class Sandbox(Record):
    """A pod's sandbox.

    Attributes:
        id: Its ID, which is the container ID for CNI.
        name: The pod's name.
        namespace: The pod's namespace.
        uid: The pod's UID.
        state: ``ready``, ``not ready`` or ``unknown``.
        created_at: Nanoseconds since 1970.
        annotations: The pod's annotations.
        runtime_handler: The handler that runs it; empty for the default one.
    """

    id: str
    name: str
    namespace: str
    uid: str
    state: str
    created_at: int
    annotations: dict[str, str] = field(default_factory=dict)
    runtime_handler: str = ""


@dataclass(frozen=True)
class PortMapping(Record):
    """A port of the node that leads to a pod.

    Attributes:
        host_port: The port of the node.
        container_port: The port in the pod.
        protocol: ``tcp``, ``udp`` or ``sctp``.
        host_ip: The address of the node; empty for all.
    """

    host_port: int
    container_port: int
    protocol: str = "tcp"
    host_ip: str = ""


@dataclass(frozen=True)
class SandboxStatus(Sandbox):
    """A pod's sandbox, with its network.

    Attributes:
        ips: Its addresses, the first one in front; none when it has no network, or the node's.
        host_network: Whether it has the node's network.
        netns: The path of its network namespace; ``None`` when the runtime does not tell.
        pid: Its process; ``None`` likewise.
        port_mappings: Its host ports; ``None`` likewise.
    """

    ips: tuple[str, ...] = ()
    host_network: bool = False
    netns: str | None = None
    pid: int | None = None
    port_mappings: tuple[PortMapping, ...] | None = None


@dataclass(frozen=True)
class Container(Record):
    """A container.

    Attributes:
        id: Its ID.
        sandbox_id: The sandbox that it is in.
        name: Its name in the pod.
        attempt: How many were there before it under this name.
        image: The image, as the pod names it.
        image_ref: The image that this turned out to be.
        state: ``created``, ``running``, ``exited`` or ``unknown``.
        created_at: Nanoseconds since 1970.
    """

    id: str
    sandbox_id: str
    name: str
    attempt: int
    image: str
    image_ref: str
    state: str
    created_at: int
