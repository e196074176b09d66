"""What the kubelet and a container runtime tell the plugins about a Pod.

The kubelet hands the Pod's ports and annotations to the runtime, the runtime makes capability arguments of them, and
libcni gives each plugin those that it declares (CNI conventions, "Dynamic Plugin specific fields").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnictl.errors import UsageError
from cnictl.foreign.pod import EGRESS, INGRESS
from cnictl.model.attachment import Attachment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.foreign.pod import Pod
    from cnictl.model.network import NetworkConfigList

_ANNOTATIONS = "io.kubernetes.cri.pod-annotations"
_FORWARD_THEMSELVES = ("cilium-cni",)
"""Plugins whose agent forwards host ports by itself, without being told by the runtime."""


@dataclass(frozen=True)
class RuntimeConfig:
    """What is told about a Pod.

    Attributes:
        capability_args: The capability arguments, by the capability's name.
        args: The pairs of ``CNI_ARGS``, in order.
        told: What each plugin of the network is told of the capability arguments, by its type and in order.
        unserved: What the Pod asks for and no plugin of the network is told, one sentence each.
    """

    capability_args: dict[str, Any]
    args: tuple[tuple[str, str], ...]
    told: tuple[tuple[str, dict[str, Any]], ...] = ()
    unserved: tuple[str, ...] = ()


def runtime_config(pod: Pod, network: NetworkConfigList | None = None, container_id: str = "") -> RuntimeConfig:
    """What the kubelet and the runtime tell the plugins about a Pod.

    Args:
        pod: The Pod, as `cnictl.foreign.pod.read_pod` reads it.
        network: The network that it is attached to; ``None`` when that is not known.
        container_id: The ID of its sandbox, which the runtime makes up; empty to leave it out.

    Raises:
        UsageError: A name cannot be handed over in ``CNI_ARGS``.
    """
    values = {**pod.capability_args(), "dns": pod.dns(), _ANNOTATIONS: dict(pod.metadata.annotations)}
    capability_args = {name: value for name, value in values.items() if value}
    args = pod.cni_args(container_id)
    fault = Attachment(container_id=container_id or pod.kind, netns="", args=args).fault()
    if fault:
        raise UsageError(fault)
    if network is None:
        return RuntimeConfig(capability_args, args)
    told = tuple((plugin.type, _told(plugin.capabilities, capability_args)) for plugin in network.plugins)
    return RuntimeConfig(capability_args, args, told, tuple(_unserved(pod, network)))


def _told(declared: frozenset[str], capability_args: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in capability_args.items() if name in declared}


def _unserved(pod: Pod, network: NetworkConfigList) -> Iterator[str]:
    """What would silently have no effect."""
    declared = frozenset().union(*(plugin.capabilities for plugin in network.plugins))
    types = [plugin.type for plugin in network.plugins]
    if "portMappings" not in declared and not any(each in _FORWARD_THEMSELVES for each in types):
        for container, port in pod.host_ports():
            what = f'hostPort {port.host_port}/{port.protocol.lower()} of the container "{container}"'
            yield f"{what} leads nowhere: {_why(types, 'portmap', 'portMappings', network.name)}"
    if "bandwidth" not in declared:
        for annotation in (INGRESS, EGRESS):
            if annotation in pod.metadata.annotations:
                limit = pod.metadata.annotations[annotation]
                why = _why(types, "bandwidth", "bandwidth", network.name)
                yield f"the limit {limit} of {annotation} is not kept: {why}"


def _why(types: list[str], plugin: str, capability: str, network: str) -> str:
    if plugin in types:
        return f'{plugin} in the network "{network}" does not declare the capability {capability}'
    return f'the network "{network}" has no {plugin} in its chain, only {", ".join(types)}'
