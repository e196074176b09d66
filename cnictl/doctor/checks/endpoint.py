"""The runtime that the kubelet talks to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.facts.kinds import kinds_at, plain_socket
from cnictl.doctor.facts.kubelet import CONFIG, FLAG_FILES, INSTANCE_CONFIG
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.action import WriteFile
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.runtime import Known, Runtime
    from cnictl.doctor.node import Node

_CRICTL = "/etc/crictl.yaml"
_DEAD = "/run/dockershim.sock"
_EXAMPLE = "unix:///run/containerd/containerd.sock"


def _other(node: Node) -> Runtime | None:
    """A runtime of which there is a trace, for Kubernetes."""
    return next((each for each in node.all_runtimes.all if each.name != "podman"), None)


def _url(node: Node) -> str:
    other = _other(node)
    return f"unix://{other.socket}" if other and other.socket else _EXAMPLE


@check(
    "CNI812",
    "kubelet-endpoint",
    Severity.ERROR,
    "kubelet",
    reads="the kubelet's --container-runtime-endpoint, its config, and traces of runtimes",
    well="the kubelet talks to a container runtime that is installed",
    leads_to=("kubelet-down",),
    symptoms=(
        r"dockershim\.sock: connect: no such file or directory",
        r"unable to determine runtime API version",
        r"container runtime endpoint address was not specified or empty",
        r"CRI v1 runtime API is not implemented for endpoint",
    ),
    tags=("dockershim",),
)
def kubelet_endpoint(node: Node) -> Iterator[Hit]:
    """The kubelet does not know which container runtime to talk to, or knows one that is not there.

    Why:
        The runtime is the program that starts containers, such as containerd; the kubelet talks to it through a socket.
        Kubernetes 1.24 removed dockershim, which had been the default. The kubelet ends with "the container runtime
        endpoint address was not specified or empty", or "unable to determine runtime API version: ...
        dockershim.sock: connect: no such file or directory": `journalctl -u kubelet` shows it.
    Bad: config.yaml
        containerRuntimeEndpoint: unix:///var/run/dockershim.sock
    Good: config.yaml
        containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
    Fix:
        Write the socket of the runtime where the finding says, and restart the kubelet.
    Reference:
        Kubernetes documentation, "Changing the Container Runtime on a Node from Docker Engine to containerd"
    """
    if not node.has_kubelet:
        message = "there is no trace of a kubelet"
        raise Skip(message)
    endpoint = node.kubelet.endpoint
    if endpoint is None:
        yield from _none(node)
    else:
        yield from _at(node, endpoint)


def _none(node: Node) -> Iterator[Hit]:
    kubelet = node.kubelet
    own = kubelet.configs or kubelet.command
    if not own or kubelet.is_from(1, 24) is not True or kubelet.running is not None:
        return
    version = ".".join(map(str, kubelet.numbers or ()))
    message = (
        f"nothing tells the kubelet which runtime to talk to, and from 1.24 on it has no default (it is {version})"
    )
    place = Location(CONFIG if kubelet.configs else kubelet.command[0].source.path)
    yield Hit(place, message, Fix(f"{_how_to_tell(node)}, then `systemctl restart kubelet`"))


def _how_to_tell(node: Node) -> str:
    """How to tell the kubelet its runtime; its config has a key for that from 1.27 on."""
    if node.kubelet.is_from(1, 27):
        return f'write "containerRuntimeEndpoint: {_url(node)}" into {CONFIG}'
    return f"write --container-runtime-endpoint={_url(node)} into KUBELET_KUBEADM_ARGS of {FLAG_FILES[0]}"


def _at(node: Node, endpoint: Known) -> Iterator[Hit]:
    place = endpoint.location or Location(CONFIG)
    written = str(endpoint.value)
    change = f"write {_url(node)} as the endpoint in {place.file}"
    fix = Fix(f"{change}, then {node.kubelet.restart(place.file)}", Applicable.UNSAFE)
    if plain_socket(written) == _DEAD:
        if node.kubelet.is_from(1, 24) is not False:
            message = (
                f"the kubelet is told to talk to {written}, the socket of dockershim, which Kubernetes 1.24 removed"
            )
            yield Hit(place, message, fix, {"endpoint": written})
        return
    names = {kind.name for kind in kinds_at(written)}
    other = _other(node)
    if names and other is not None and names.isdisjoint(each.name for each in node.all_runtimes.all):
        message = f"the kubelet is told to talk to {written}, and {other.called} is installed here, not {min(names)}"
        # What is not installed as usual shows only while it runs.
        yield Hit(place, message, fix, {"endpoint": written}, None if node.host.live else Severity.WARNING)
    elif written.startswith("/"):
        message = f"the kubelet's endpoint is {written}, without the scheme unix:// in front"
        yield Hit(
            place, message, Fix(f"write unix://{written} in {place.file}", Applicable.UNSAFE), severity=Severity.WARNING
        )


@check(
    "CNI813",
    "stale-endpoint",
    Severity.WARNING,
    "dockershim",
    reads=f"{_CRICTL}, and the files in which kubeadm keeps the kubelet's endpoint",
    well="crictl and kubeadm know the same runtime as the kubelet",
    symptoms=(r"(?:crictl|CRI_CONFIG_FILE|/etc/crictl\.yaml).*dockershim\.sock",),
)
def stale_endpoint(node: Node) -> Iterator[Hit]:
    """A tool still has the socket of the runtime that was there before.

    Why:
        crictl answers "dockershim.sock: no such file or directory" when it is needed most, and kubeadm writes the
        old socket into the kubelet's flags again at the next upgrade.
    Bad: crictl.yaml
        runtime-endpoint: unix:///var/run/dockershim.sock
    Good: crictl.yaml
        runtime-endpoint: unix:///run/containerd/containerd.sock
    Fix:
        Write the runtime's socket there. For kubeadm, see to the annotation
        kubeadm.alpha.kubernetes.io/cri-socket of the Node object as well.
    Reference:
        Kubernetes documentation, "Migrate Docker Engine nodes from dockershim to cri-dockerd"; crictl documentation
    """
    found = [*_crictl(node), *_kubeadm(node)]
    yield from found
    if not found and node.text(_CRICTL) is None and not node.has_kubelet:
        message = "there is neither a kubelet nor a config of crictl"
        raise Skip(message)


def _crictl(node: Node) -> Iterator[Hit]:
    from cnictl.foreign.kubelet import KubeletConfig

    source = node.source(_CRICTL)
    if source is None:
        return
    config = KubeletConfig(source)
    right = node.runtime.socket if node.runtime else None
    settings = [each for key in ("runtime-endpoint", "image-endpoint") if (each := config.get(key)) and each.text]
    for setting in settings:
        path = plain_socket(setting.text)
        gone = path == _DEAD or (node.host.live and not node.host.status(path))
        if setting.location and gone and (path == _DEAD or path != right):
            message = f"crictl is set to talk to {setting.text}, which is not there"
            yield Hit(setting.location, message, _rewrite(source.text, right))
            return


def _rewrite(text: str, socket: str | None) -> Fix:
    if socket is None:
        return Fix(f"write the runtime's socket into {_CRICTL}, such as runtime-endpoint: {_EXAMPLE}")
    fresh = {key: f"{key}: unix://{socket}" for key in ("runtime-endpoint", "image-endpoint")}
    others = [line for line in text.splitlines() if line.partition(":")[0].strip() not in fresh]
    content = "\n".join([*fresh.values(), *others]) + "\n"
    return Fix(
        f"write unix://{socket} as runtime-endpoint and image-endpoint into {_CRICTL}",
        Applicable.SAFE,
        actions=(WriteFile(_CRICTL, content, replacing=text),),
    )


def _kubeadm(node: Node) -> Iterator[Hit]:
    """Where kubeadm's file and the kubelet's flag disagree: kubeadm keeps the first, and the second counts."""
    told, instance = node.kubelet.flag("container-runtime-endpoint"), None
    for config in node.kubelet.configs:
        if config.source.path == INSTANCE_CONFIG:
            instance = config.get("containerRuntimeEndpoint")
    if told is None or instance is None or not told.value or not instance.location:
        return
    if plain_socket(str(told.value)) != plain_socket(instance.text):
        message = f"kubeadm keeps {instance.text} as this node's runtime, and the kubelet's flag says {told.value}"
        yield Hit(
            instance.location, message, Fix(f"write the right one into both files; the kubelet follows {told.origin}")
        )
