"""What a Pod asks of its network, in the words of CNI.

A runtime derives the capability arguments ``portMappings`` and ``bandwidth`` and the ``K8S_POD_*`` pairs of
``CNI_ARGS`` from the Pod; this does the same from its manifest.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cnictl.errors import InputError, UsageError
from cnictl.model.address import parse_ip
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
    """Takes the keys that matter here and passes over all the others.

    As in the API server, nothing is converted (``hostPort: "80"`` is refused), and null means absent.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


class ContainerPort(_Part):
    """An entry of a container's ``ports``."""

    container_port: int = Field(alias="containerPort", ge=1, le=65535)
    host_port: int = Field(default=0, alias="hostPort", ge=0, le=65535)
    host_ip: str = Field(default="", alias="hostIP")
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"

    @field_validator("host_ip")
    @classmethod
    def _is_an_address(cls, text: str) -> str:
        if text:
            parse_ip(text)
        return text


class Container(_Part):
    """An entry of a Pod's ``containers`` or ``initContainers``."""

    name: str = ""
    restart_policy: str = Field(default="", alias="restartPolicy")
    ports: list[ContainerPort] = Field(default_factory=list)


class DnsOption(_Part):
    """An entry of ``options`` in a Pod's ``dnsConfig``."""

    name: str = ""
    value: str | None = None

    @property
    def text(self) -> str:
        """It as ``resolv.conf`` has it."""
        return self.name if self.value is None else f"{self.name}:{self.value}"


class DnsConfig(_Part):
    """A Pod's ``dnsConfig``."""

    nameservers: list[str] = Field(default_factory=list)
    searches: list[str] = Field(default_factory=list)
    options: list[DnsOption] = Field(default_factory=list)


class PodSpec(_Part):
    """A Pod's ``spec``."""

    containers: list[Container] = Field(default_factory=list)
    init_containers: list[Container] = Field(default_factory=list, alias="initContainers")
    host_network: bool = Field(default=False, alias="hostNetwork")
    dns_policy: str = Field(default="ClusterFirst", alias="dnsPolicy")
    dns_config: DnsConfig = Field(default_factory=DnsConfig, alias="dnsConfig")


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

    def host_ports(self) -> list[tuple[str, ContainerPort]]:
        """Every port with a ``hostPort``, and the name of its container.

        Init containers count when they are sidecars, which keep running (``restartPolicy: Always``).
        """
        sidecars = [container for container in self.spec.init_containers if container.restart_policy == "Always"]
        containers = (*self.spec.containers, *sidecars)
        return [(container.name, port) for container in containers for port in container.ports if port.host_port]

    def port_mappings(self) -> list[dict[str, Any]]:
        """The value of the capability ``portMappings``: every port with a ``hostPort``."""
        return [_mapping(port) for _, port in self.host_ports()]

    def dns(self) -> dict[str, list[str]]:
        """The value of the capability ``dns``; empty unless the Pod brings all of it, as other policies need the node.

        Its keys are not those of a result's ``dns``.
        """
        if self.spec.dns_policy != "None":
            return {}
        config = self.spec.dns_config
        parts = {"servers": config.nameservers, "searches": config.searches}
        options = [option.text for option in config.options]
        return {key: value for key, value in {**parts, "options": options}.items() if value}

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
        try:
            rate = parse_quantity(text)
        except UsageError as error:
            message = f"the annotation {annotation}: {error}"
            raise UsageError(message, hint=error.hint) from error
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
        pod.bandwidth()
    except ValidationError as error:
        raise _invalid(source, error) from error
    except UsageError as error:
        message = f"{source.name}: {error}"
        raise InputError(message, hint=error.hint) from error
    if pod.spec.host_network:
        message = f"{source.name}: the Pod is on the host's network, so no CNI plugin is ever run for it"
        raise InputError(message, hint="take `hostNetwork: true` out to try it with a network of its own")
    return pod


def _documents(source: Source) -> list[Any]:
    with suppress(ValueError, RecursionError):
        return [json.loads(source.text)]  # JSON may be indented with tabs, which YAML does not allow
    try:
        return list(yaml.safe_load_all(source.text))
    # The last three come from tags, as in `!!bool maybe`, and from dates that are none.
    except (yaml.YAMLError, RecursionError, ValueError, KeyError, AttributeError) as error:
        message = f"{source.name}{_place(source, error)}: no valid YAML: {_reason(error)}"
        raise InputError(message) from error


def _place(source: Source, error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f":{error.problem_mark.line + 1}:{error.problem_mark.column + 1}"
    if isinstance(error, yaml.reader.ReaderError):
        position = source.position(error.position)
        return f":{position.line}:{position.column}"
    return ""


def _reason(error: Exception) -> str:
    return getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"


def _invalid(source: Source, error: ValidationError) -> InputError:
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    # What pydantic says of its own is left out: the names of classes, and that an error is one.
    message = first["msg"].removeprefix("Value error, ").partition(" or instance of ")[0]
    return InputError(f"{source.name}: {place}: {message[:1].lower()}{message[1:]}")
