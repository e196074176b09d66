"""The plugins that are to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.invoke.find import REFERENCE_PLUGINS, WELL_KNOWN_DIRS
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.uses import Use
    from cnictl.doctor.node import Node


@check(
    "CNI803",
    "plugin-missing",
    Severity.ERROR,
    "plugins",
    reads="every config, and the plugin directories",
    well="every plugin that a config names is installed",
    leads_to=("add-fails", "del-fails", "wrong-network"),
    follows=("looks-elsewhere",),
    symptoms=(r'failed to find plugin "(?!loopback")[^"]+" in path',),
)
def plugin_missing(node: Node) -> Iterator[Hit]:
    """A config names a plugin that is not installed.

    Why:
        Runtimes look for the executable only when a pod starts: the node is Ready, and every pod fails with "failed to
        find plugin ... in path". Deleting pods fails as well. `ls /opt/cni/bin` shows what is installed, `kubectl
        describe pod` the error.
    Bad:
        /etc/cni/net.d/10-pods.conflist names "portmap", and /opt/cni/bin has no portmap
    Good:
        /opt/cni/bin/portmap is there and executable
    Fix:
        Install the package or the product that brings the plugin, or take the plugin out of the config when nothing
        needs it.
    Reference:
        containerd documentation, "CRI plugin config guide"; CNI spec 1.1.0, section 2
    """
    for use in node.uses.all:
        if node.plugin_path(use.type) is None and not _elsewhere(node, use):
            implied = use.place.value != use.type
            runs = f", and {use.plugin.type} runs it" if implied else ""
            message = f'the plugin "{use.type}" is not in {", ".join(node.bin_dirs)}{runs}{_instead(node, use.type)}'
            place = use.config.location(use.place.label)
            yield Hit(place, message, Fix(_how_to_get(node, use.type, use)), severity=use.severity)


def _elsewhere(node: Node, use: Use) -> bool:
    """Whether a plugin of a config that pods do not get lies where podman and others look: it may be theirs."""
    return use.severity is not None and any(node.host.status(f"{path}/{use.type}") for path in _DIRS_OF_OTHERS)


def _instead(node: Node, plugin: str) -> str:
    """What is there of the plugin's name although it is no file."""
    for directory in node.bin_dirs:
        path = f"{directory.rstrip('/')}/{plugin}"
        status = node.host.status(path)
        if status is not None and status.is_dir:
            return f": {path} is a directory"
        target = node.host.link_target(path)
        if status is None and target is not None:
            return f": {path} is a link to {target}, which is not there"
    return ""


_DIRS_OF_OTHERS = (
    *map(str, WELL_KNOWN_DIRS),
    "/usr/local/libexec/cni",
    "/usr/local/lib/cni",
)
"""The plugin directories of podman and nerdctl (containers.conf(5))."""
_BROUGHT_BY = {
    "calico": "the init container install-cni of calico-node",
    "calico-ipam": "the init container install-cni of calico-node",
    "cilium-cni": "the init container install-cni-binaries of cilium",
    "aws-cni": "the init container aws-vpc-cni-init of aws-node",
    "multus": "the pod of multus",
    "multus-shim": "the pod of multus",
    "whereabouts": "the pod of whereabouts",
}
"""What installs plugins of products."""
_PRODUCT_DIRS = {"/var/lib/rancher/k3s/": "k3s", "/var/snap/microk8s/": "microk8s"}
"""Where products have plugins of their own."""
_ADDED_BY_MESHES = {"istio-cni": "Istio", "linkerd-cni": "Linkerd", "kuma-cni": "Kuma"}
"""Plugins that products add to the list of another one, and sometimes leave there when they go."""


def _how_to_get(node: Node, plugin: str, use: Use | None = None) -> str:
    for directory in map(str, WELL_KNOWN_DIRS):
        status = node.host.status(f"{directory}/{plugin}")
        if status is not None and status.is_file:
            link = f"`ln -s {directory}/{plugin} {node.bin_dirs[0]}/`"
            return f"it is in {directory}: {link}, or have the runtime look there"
    if plugin in REFERENCE_PLUGINS:
        return _reference_plugins(node)
    if plugin == "flannel":
        return (
            "see why the init container install-cni-plugin of kube-flannel has not installed it on this node "
            "(`kubectl get pods -A -o wide`); the reference plugins have no flannel since v1.0.0"
        )
    if plugin in _ADDED_BY_MESHES and use is not None:
        return (
            f"take the entry out of {use.config.path} if {_ADDED_BY_MESHES[plugin]} was removed, or else see whether "
            f"its CNI pod runs on this node (`kubectl get pods -A -o wide`)"
        )
    if plugin in _BROUGHT_BY:
        return f"see why {_BROUGHT_BY[plugin]} has not installed it on this node: `kubectl get pods -A -o wide`"
    return f"see whether the pod of the product that brings {plugin} runs on this node: `kubectl get pods -A -o wide`"


def _reference_plugins(node: Node) -> str:
    directory = node.bin_dirs[0]
    product = next((name for start, name in _PRODUCT_DIRS.items() if directory.startswith(start)), None)
    if product:
        return f"{product} brings its plugins itself: install it again, or correct the plugin's name"
    package = "containernetworking-plugins" if directory.rstrip("/") == "/usr/lib/cni" else "kubernetes-cni"
    return (
        f"install the CNI reference plugins: the package {package} puts them there, or unpack a release of "
        f"github.com/containernetworking/plugins into {directory}"
    )


@check(
    "CNI804",
    "loopback-missing",
    Severity.ERROR,
    "loopback",
    reads="the plugin directories, and traces of runtimes",
    well="the loopback plugin is installed",
    leads_to=("add-fails", "del-fails"),
    follows=("looks-elsewhere",),
    symptoms=(r'failed to find plugin "loopback" in path',),
    tags=("dockershim",),
)
def loopback_missing(node: Node) -> Iterator[Hit]:
    """The loopback plugin is not installed.

    Why:
        containerd and cri-dockerd run it for every pod, whatever the configs say. Without it every pod fails with
        'failed to find plugin "loopback"'. Many network products do not bring it. CRI-O does without. It is what gives
        each pod its address 127.0.0.1.
    Bad:
        /opt/cni/bin without loopback, on a node with containerd
    Good:
        /opt/cni/bin/loopback
    Fix:
        Install the CNI reference plugins, version 1.0.0 or newer.
    Reference:
        Kubernetes documentation, "Network Plugins", section "Loopback CNI"
    """
    if node.plugin_path("loopback") is not None:
        return
    others = runs_loopback(node)
    if _brings_its_own(node):
        message = "containerd is told to bring the loopback interface up itself (use_internal_loopback)"
        raise Skip(message)
    if node.runtimes and not others:
        message = f"{' and '.join(node.runtimes)} brings the loopback interface up without the plugin"
        raise Skip(message)
    message = f'the plugin "loopback" is not in {", ".join(node.bin_dirs)}'
    if others:
        message += f", and {' and '.join(others)} runs it for every pod"
    severity = None if others else Severity.WARNING
    yield Hit(Location(node.bin_dirs[0]), message, Fix(_how_to_get(node, "loopback")), severity=severity)


def _brings_its_own(node: Node) -> bool:
    """Whether the runtime that counts is a containerd from 2.0 on that needs no plugin for that."""
    runtime = node.runtime
    if runtime is None or runtime.containerd is None or (runtime.numbers or ()) < (2,):
        return False
    return runtime.containerd.cni("use_internal_loopback").value is True


def runs_loopback(node: Node) -> list[str]:
    """The runtimes that run the loopback plugin for every pod."""
    if _brings_its_own(node):
        return []
    return [runtime for runtime in node.runtimes if runtime not in ("cri-o", "podman")]
