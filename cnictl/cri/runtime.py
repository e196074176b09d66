"""The questions that a container runtime is asked over CRI, and its answers as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.cri.answers import Condition, Container, PortMapping, Sandbox, SandboxStatus, Status, Version
from cnictl.cri.client import Client
from cnictl.cri.details import netns_of, parsed, pid_of, ports_of
from cnictl.cri.messages import LIST_CONTAINERS, LIST_SANDBOXES, SANDBOX_STATUS, SERVICES, STATUS, VERSION
from cnictl.cri.sockets import DEFAULT_LIMIT, DEFAULT_TIMEOUT, Deadline
from cnictl.cri.wire import decode, encode
from cnictl.errors import CriFailed, CriGarbled

if TYPE_CHECKING:
    from cnictl.cri.messages import Method

UNIMPLEMENTED = 12
"""gRPC's code for a service or method that is not there. containerd without its CRI plugin answers so."""

_SANDBOX_STATES = ("ready", "not ready")
_CONTAINER_STATES = ("created", "running", "exited")
_NODE = 2
"""The network of a pod that has the node's (CRI's ``NamespaceMode``)."""


class Runtime:
    """A container runtime. Nothing is asked before a method is called, and nothing stays open behind it.

    Every method raises what `cnictl.cri.client.Client.call` raises, and ``CriGarbled`` too when an answer is not the
    message that CRI says.

    Args:
        socket: The path of its socket.
        timeout: Seconds for each question.
        limit: The largest answer that is taken, in bytes.
    """

    def __init__(self, socket: str, *, timeout: float = DEFAULT_TIMEOUT, limit: int = DEFAULT_LIMIT) -> None:
        self._client = Client(socket, timeout=timeout, limit=limit)
        self._service: str | None = None

    def version(self) -> Version:
        """Which runtime it is, and which version of CRI it speaks."""
        answer = self._ask(VERSION)
        return Version(
            self._service or "", answer["runtime_name"], answer["runtime_version"], answer["runtime_api_version"]
        )

    def status(self) -> Status:
        """How it is, with all that it tells beyond that."""
        answer = self._ask(STATUS, verbose=True)
        return Status(
            tuple(Condition(**condition) for condition in answer["status"]["conditions"]),
            parsed(answer["info"]),
            tuple(handler["name"] for handler in answer["runtime_handlers"]),
        )

    def sandboxes(self) -> tuple[Sandbox, ...]:
        """Every sandbox that it knows, the stopped ones too."""
        return tuple(Sandbox(**_sandbox(item)) for item in self._ask(LIST_SANDBOXES)["items"])

    def sandbox(self, sandbox_id: str) -> SandboxStatus:
        """One sandbox, with its network.

        Args:
            sandbox_id: Its ID. One that is not known is answered with gRPC's code 5.
        """
        answer = self._ask(SANDBOX_STATUS, id=sandbox_id, verbose=True)
        status, info = answer["status"], parsed(answer["info"])
        network, ports = status["network"], ports_of(info)
        ips = (network["ip"], *(each["ip"] for each in network["additional_ips"]))
        return SandboxStatus(
            **_sandbox(status),
            ips=tuple(filter(None, ips)),
            host_network=status["linux"]["namespaces"]["options"]["network"] == _NODE,
            netns=netns_of(info),
            pid=pid_of(info),
            port_mappings=None if ports is None else tuple(PortMapping(**port._asdict()) for port in ports),
        )

    def containers(self) -> tuple[Container, ...]:
        """Every container that it knows, the ended ones too."""
        return tuple(_container(item) for item in self._ask(LIST_CONTAINERS)["containers"])

    def _ask(self, method: Method, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # what the method's table says
        """Asks in the newest version of CRI that the runtime speaks; all attempts share the time of one question."""
        message = encode(request, method.request)
        deadline = Deadline.after(self._client.timeout)
        refusals: list[CriFailed] = []
        for service in (self._service,) if self._service else SERVICES:
            try:
                data = self._client.call(method.path(service), message, deadline)
            except CriFailed as error:
                if error.code != UNIMPLEMENTED:
                    raise
                refusals.append(error)
            else:
                self._service = service
                return self._decoded(data, method)
        raise refusals[0]

    def _decoded(self, data: bytes, method: Method) -> dict[str, Any]:
        try:
            return decode(data, method.response)
        except ValueError as error:
            raise CriGarbled(self._client.socket, f"the answer to {method.name} cannot be read: {error}") from error


def _sandbox(item: dict[str, Any]) -> dict[str, Any]:
    metadata = item["metadata"]
    return {
        "id": item["id"],
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "uid": metadata["uid"],
        "state": _state(item["state"], _SANDBOX_STATES),
        "created_at": item["created_at"],
        "annotations": item["annotations"],
        "runtime_handler": item["runtime_handler"],
    }


def _container(item: dict[str, Any]) -> Container:
    return Container(
        item["id"],
        item["sandbox_id"],
        item["metadata"]["name"],
        item["metadata"]["attempt"],
        item["image"]["image"],
        item["image_ref"],
        _state(item["state"], _CONTAINER_STATES),
        item["created_at"],
    )


def _state(number: int, names: tuple[str, ...]) -> str:
    return names[number] if 0 <= number < len(names) else "unknown"
