"""What a Pod asks of its network, in the words of CNI.

A runtime derives the capability arguments ``portMappings`` and ``bandwidth`` and the ``K8S_POD_*`` pairs of
``CNI_ARGS`` from the Pod; this does the same from its manifest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cnictl.errors import InputError, UsageError
from cnictl.model.capability import bandwidth_limit, parse_quantity
from cnictl.text.source import read_source

if TYPE_CHECKING:
    from cnictl.text.source import Source

INGRESS = "kubernetes.io/ingress-bandwidth"
EGRESS = "kubernetes.io/egress-bandwidth"

_MIN_RATE = 10**3
_MAX_RATE = 10**15
"""The limits of the kubelet, in bits per second: 1k and 1P."""


class _Part(BaseModel):
    """Takes the keys that matter here and passes over all the others."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ContainerPort(_Part):
    """An entry of a container's ``ports``."""

    container_port: int = Field(alias="containerPort", ge=1, le=65535)
    host_port: int = Field(default=0, alias="hostPort", ge=0, le=65535)
    host_ip: str = Field(default="", alias="hostIP")
    protocol: str = "TCP"


class Container(_Part):
    """An entry of a Pod's ``containers`` or ``initContainers``."""

    name: str = ""
    restart_policy: str = Field(default="", alias="restartPolicy")
    ports: list[ContainerPort] = Field(default_factory=list)


class PodSpec(_Part):
    """A Pod's ``spec``."""

    containers: list[Container] = Field(default_factory=list)
    init_containers: list[Container] = Field(default_factory=list, alias="initContainers")
    host_network: bool = Field(default=False, alias="hostNetwork")


class ObjectMeta(_Part):
    """A Pod's ``metadata``."""

    name: str = ""
    namespace: str = "default"
    uid: str = ""
    annotations: dict[str, str] = Field(default_factory=dict)


class Pod(_Part):
    """A Pod manifest, as far as its network goes."""

    kind: str
    metadata: ObjectMeta = Field(default_factory=ObjectMeta)
    spec: PodSpec = Field(default_factory=PodSpec)

    def port_mappings(self) -> list[dict[str, Any]]:
        """The value of the capability ``portMappings``: every port with a ``hostPort``.

        Init containers count when they are sidecars, which keep running (``restartPolicy: Always``).
        """
        sidecars = [container for container in self.spec.init_containers if container.restart_policy == "Always"]
        ports = [port for container in (*self.spec.containers, *sidecars) for port in container.ports]
        return [_mapping(port) for port in ports if port.host_port]

    def bandwidth(self) -> dict[str, int]:
        """The value of the capability ``bandwidth``; empty without the annotations.

        Raises:
            UsageError: An annotation is no quantity, or outside what the kubelet takes.
        """
        limits: dict[str, int] = {}
        for direction, annotation in (("ingress", INGRESS), ("egress", EGRESS)):
            if annotation in self.metadata.annotations:
                limits |= bandwidth_limit(direction, self._rate(annotation))
        return limits

    def _rate(self, annotation: str) -> int:
        text = self.metadata.annotations[annotation]
        rate = parse_quantity(text)
        if not _MIN_RATE <= rate <= _MAX_RATE:
            message = f"the annotation {annotation} is {text}, and the kubelet takes 1k to 1P"
            raise UsageError(message, hint="the unit is bits per second: 10M is ten megabits")
        return rate

    def capability_args(self) -> dict[str, Any]:
        """All capability arguments that the Pod asks for."""
        wanted: dict[str, Any] = {"portMappings": self.port_mappings(), "bandwidth": self.bandwidth()}
        return {name: value for name, value in wanted.items() if value}

    def cni_args(self, container_id: str) -> tuple[tuple[str, str], ...]:
        """The pairs for ``CNI_ARGS``, in CRI-O's order.

        Args:
            container_id: The ID of the sandbox.
        """
        pairs = [
            ("IgnoreUnknown", "1"),
            ("K8S_POD_NAMESPACE", self.metadata.namespace),
            ("K8S_POD_NAME", self.metadata.name),
            ("K8S_POD_INFRA_CONTAINER_ID", container_id),
            ("K8S_POD_UID", self.metadata.uid),
        ]
        return tuple((key, value) for key, value in pairs if value)


def _mapping(port: ContainerPort) -> dict[str, Any]:
    mapping = {"hostPort": port.host_port, "containerPort": port.container_port, "protocol": port.protocol.lower()}
    return {**mapping, "hostIP": port.host_ip} if port.host_ip else mapping


def read_pod(path: str) -> Pod:
    """Reads the first Pod of a YAML or JSON manifest; ``-`` is standard input.

    Raises:
        SourceError: The file cannot be read.
        InputError: It holds no Pod, or one that the API server would refuse, or one on the host's network.
    """
    source = read_source(path)
    document = next((doc for doc in _documents(source) if isinstance(doc, dict) and doc.get("kind") == "Pod"), None)
    if document is None:
        message = f"{source.name}: holds no Pod"
        raise InputError(message, hint="give a manifest with `kind: Pod`")
    try:
        pod = Pod.model_validate(document)
    except ValidationError as error:
        raise _invalid(source, error) from error
    if pod.spec.host_network:
        message = f"{source.name}: the Pod is on the host's network, so no CNI plugin is ever run for it"
        raise InputError(message, hint="take `hostNetwork: true` out to try it with a network of its own")
    return pod


def _documents(source: Source) -> list[Any]:
    try:
        return list(yaml.safe_load_all(source.text))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "it cannot be read"
        message = f"{source.name}{place}: no valid YAML: {reason}"
        raise InputError(message) from error


def _invalid(source: Source, error: ValidationError) -> InputError:
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    return InputError(f"{source.name}: {place}: {first['msg'][:1].lower()}{first['msg'][1:]}")
