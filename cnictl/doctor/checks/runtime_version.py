"""The container runtime's version, and what it was built with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cnictl.cri.answers import Status
from cnictl.doctor.checks.runtime_config import any_runtime
from cnictl.doctor.checks.runtime_socket import cri_runtime
from cnictl.doctor.facts.runtime import known
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.errors import CNIError
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cnictl.doctor.facts.runtime import Known, Runtime
    from cnictl.doctor.node import Node

_LOOPBACK_1_0_0 = (1, 6, 3)
"""The one containerd that runs its loopback list as 1.0.0; every other one has 0.3.1 there."""
_ENDED: Mapping[tuple[int, ...], str] = {
    (1, 0): "December 2018",
    (1, 1): "October 2019",
    (1, 2): "October 2020",
    (1, 3): "March 2021",
    (1, 4): "March 2022",
    (1, 5): "February 2023",
    (1, 6): "August 2025",
    (2, 1): "July 2026",
}
"""When containerd's own maintenance of a release ended."""
_DEPRECATIONS = "ContainerdHasNoDeprecationWarnings"
_AUTOMATIC = {"containerd": (2, 0), "cri-o": (1, 28)}
"""From which version on a runtime tells the kubelet its cgroup driver."""
_OLD_REGISTRIES = ("k8s.gcr.io/", "gcr.io/google_containers/", "gcr.io/google-containers/")
_NEW_REGISTRY = "registry.k8s.io/"


@check(
    "CNI829",
    "runtime-release",
    Severity.ERROR,
    "runtime",
    reads="the container runtime's version, the configs' cniVersion, and the loopback plugin",
    well="the container runtime's release has no known fault with CNI versions",
    leads_to=("add-fails", "del-fails"),
    symptoms=(
        r'incompatible CNI versions; config is \\?"1\.0\.0',
        r"the version is empty",
    ),
    tags=("dockershim",),
)
def runtime_release(node: Node) -> Iterator[Hit]:
    """The container runtime is of a release that has trouble with CNI versions, or is no longer maintained.

    Why:
        containerd 1.6.0 to 1.6.3 cannot remove a pod whose network config has no cniVersion: "invalid version "": the
        version is empty". 1.6.3 asks the loopback plugin for 1.0.0, which plugins before v1.0.0 do not speak: 'plugin
        type="loopback" failed (add): incompatible CNI versions; config is "1.0.0", plugin supports ["0.1.0" ...]'.
    Bad:
        containerd 1.6.3 with plugins v0.9.1
    Good:
        containerd 1.6.4 or newer
    Fix:
        Upgrade containerd to 1.6.4 or newer, and the CNI plugins to v1.0.0 or newer.
    Reference:
        Kubernetes documentation, "Troubleshooting CNI plugin-related errors"; containerd issue 6876 and "Versioning and
        release"
    """
    runtime = any_runtime(node)
    if runtime.name != "containerd" or runtime.numbers is None:
        message = (
            f"the version of {runtime.called} is not known" if runtime.name == "containerd" else "it is not containerd"
        )
        raise Skip(message)
    if (1, 6) <= runtime.numbers <= _LOOPBACK_1_0_0:
        yield from _early(node, runtime)
    ended = _ENDED.get(runtime.numbers[:2])
    if ended and node.has_kubelet:
        message = f"{runtime.release} is of a release that its authors have not maintained since {ended}"
        fix = Fix("upgrade it, unless your distribution still maintains it")
        yield Hit(Location(runtime.socket or runtime.config_file), message, fix, severity=Severity.NOTE)
    yield from _deprecations(runtime)


def _early(node: Node, runtime: Runtime) -> Iterator[Hit]:
    place = Location(runtime.socket or runtime.config_file)
    fix = Fix("upgrade containerd to 1.6.4 or newer; 1.6.39 is the last of this series")
    undeclared = [each.title for each in node.configs if (network := each.network) and not network.version_text]
    if undeclared:
        message = f'{runtime.release} cannot remove pods of the network "{undeclared[0]}", which has no cniVersion'
        yield Hit(place, message, fix)
    elif runtime.numbers == _LOOPBACK_1_0_0 and (old := _old_loopback(node)):
        message = f"{runtime.release} asks the loopback plugin for version 1.0.0, and that speaks only {', '.join(old)}"
        yield Hit(place, message, fix)
    else:
        message = f"{runtime.release} has faults in dealing with CNI versions, which 1.6.4 has not"
        yield Hit(place, message, fix, severity=Severity.WARNING)


def _old_loopback(node: Node) -> tuple[str, ...]:
    """What the loopback plugin speaks when 1.0.0 is not among it; nothing when it is, or that is not known."""
    try:
        spoken = node.spoken.of("loopback")
    except Skip:
        return ()
    return spoken if spoken and not isinstance(spoken, CNIError) and "1.0.0" not in spoken else ()


def _deprecations(runtime: Runtime) -> Iterator[Hit]:
    condition = runtime.status.condition(_DEPRECATIONS) if isinstance(runtime.status, Status) else None
    if condition is None or condition.status:
        return
    try:
        listed = json.loads(condition.message)
    except (ValueError, RecursionError):
        listed = {}
    for name, text in sorted(listed.items()) if isinstance(listed, dict) else ():
        message = f"containerd says of its config: {str(text).rstrip('.')} ({name.rpartition('/')[2]})"
        fix = Fix("change it before the next upgrade of containerd")
        yield Hit(Location(runtime.config_file), message, fix, {"id": name}, Severity.NOTE)


@check(
    "CNI831",
    "cgroup-driver-mismatch",
    Severity.WARNING,
    "runtime",
    reads="cgroupDriver in the kubelet's config, and the container runtime's config",
    well="the kubelet and its runtime manage control groups in the same way",
    symptoms=(r"SandboxChanged", r"Pod sandbox changed, it will be killed and re-created"),
)
def cgroup_driver_mismatch(node: Node) -> Iterator[Hit]:
    """The kubelet and its runtime manage control groups (cgroups) in different ways.

    Why:
        Control groups limit what pods use. Two managers of one tree disturb each other: pods are killed and created
        again with "Pod sandbox changed, it will be killed and re-created", which looks like a network that comes and
        goes.
    Bad: config.toml
        version = 2
        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
          SystemdCgroup = false
    Good: config.toml
        version = 2
        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
          SystemdCgroup = true
    Fix:
        Set the same in both; systemd on nodes that systemd has started.
    Reference:
        Kubernetes documentation, "Container Runtimes", section "Cgroup drivers"
    """
    runtime, kubelet = cri_runtime(node), node.kubelet
    own, theirs = kubelet.setting("cgroupDriver"), runtime.cgroup_driver
    if own is None or own.location is None or theirs is None:
        message = "the kubelet's config or that of its runtime does not tell how it manages control groups"
        raise Skip(message)
    automatic = runtime.name in _AUTOMATIC and (runtime.numbers or ()) >= _AUTOMATIC[runtime.name]
    if own.text == theirs.value or (automatic and kubelet.is_from(1, 31) is not False):
        return
    message = f"the kubelet has cgroupDriver {own.text} ({own.origin}), and {runtime.called} has {theirs.value}"
    yield Hit(theirs.location or own.location, message, _same_driver(runtime, own.text, theirs))


def _same_driver(runtime: Runtime, wanted: str, now: Known) -> Fix:
    if runtime.containerd:
        table = ".".join(("plugins", f'"{runtime.containerd.cri_table}"', *runtime.containerd.runtime_options))
        value = "true" if wanted == "systemd" else "false"
        change = f"write SystemdCgroup = {value} into [{table}] of {runtime.to_edit(runtime.config_file)}"
    else:
        file = now.location.file if now.location else runtime.config_file
        change = f'write cgroup_manager = "{wanted}" into [crio.runtime] of {file}'
    return Fix(f"drain the node, {change}, then {runtime.kind.restart}")


@check(
    "CNI832",
    "pause-image-registry",
    Severity.WARNING,
    "runtime",
    reads="the pause image in the container runtime's config and the kubelet's flags",
    well="the pause image comes from a registry that is maintained",
    leads_to=("add-fails",),
    symptoms=(r"failed to get sandbox image \S*(?:k8s\.gcr\.io|gcr\.io/google)",),
)
def pause_image_registry(node: Node) -> Iterator[Hit]:
    """The image of the pause container comes from a registry that gets no new images.

    Why:
        k8s.gcr.io was frozen in April 2023 and only leads elsewhere by now. A node that may reach only what is on a
        list, or a mirror that has no longer a copy, says 'failed to get sandbox image "k8s.gcr.io/pause:3.5"', and no
        pod gets as far as its network.
    Bad: config.toml
        version = 2
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "k8s.gcr.io/pause:3.5"
    Good: config.toml
        version = 2
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "registry.k8s.io/pause:3.9"
    Fix:
        Write registry.k8s.io in its place, and restart the runtime.
    Reference:
        Kubernetes blog, "k8s.gcr.io Image Registry Will Be Frozen From the 3rd of April 2023"
    """
    runtime = cri_runtime(node)
    for image in _images(runtime):
        message = f"{runtime.called}'s pause image is {image.value}, from a registry that gets no new images"
        yield from _frozen(image, message, runtime.kind.restart, runtime.to_edit)
    told = node.kubelet.flag("pod-infra-container-image")
    if told is not None and told.location is not None:
        message = f"the pause image that the kubelet keeps is {told.value}, from a registry that gets no new images"
        for hit in _frozen(told, message, node.kubelet.restart(told.location.file)):
            yield hit._replace(severity=Severity.NOTE)  # it is not pulled from there, only kept


def _frozen(image: Known, message: str, restart: str, edit: Callable[[str], str] = str) -> Iterator[Hit]:
    old = next((registry for registry in _OLD_REGISTRIES if str(image.value).startswith(registry)), None)
    if old and image.location:
        right = _NEW_REGISTRY + str(image.value).removeprefix(old)
        fix = Fix(f"write {right} in {edit(image.location.file)}, then {restart}", Applicable.UNSAFE)
        yield Hit(image.location, message, fix, {"image": image.value})


def _images(runtime: Runtime) -> Iterator[Known]:
    if runtime.containerd:
        yield known(runtime.containerd.sandbox_image)
    if runtime.crio:
        yield known(runtime.crio.pause_image)
    if runtime.name == "cri-dockerd" and "pod-infra-container-image" in runtime.flags:
        yield runtime.flags["pod-infra-container-image"]
