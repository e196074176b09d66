"""The plugins' executables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.invoke.find import REFERENCE_PLUGINS, WELL_KNOWN_DIRS
from cnictl.model.names import plugin_type_fault
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node


@check(
    "CNI803",
    "plugin-missing",
    Severity.ERROR,
    "plugins",
    reads="every config, and the plugin directories",
    well="every plugin that a config names is installed",
)
def plugin_missing(node: Node) -> Iterator[Hit]:
    """A config names a plugin that is not installed.

    Why:
        Runtimes look for the executable only when a pod starts: the node is Ready, and every pod fails with "failed
        to find plugin ... in path". Deleting pods fails as well.
    Bad:
        /etc/cni/net.d/10-pods.conflist names "portmap", and /opt/cni/bin has no portmap
    Good:
        /opt/cni/bin/portmap is there and executable
    Fix:
        Install the package or the product that brings the plugin, or take it out of the config.
    Reference:
        containerd documentation, "CRI plugin config guide"; CNI spec 1.1.0, section 2
    """
    present: dict[str, None] = {}
    for config, plugin in node.plugins():
        for name, place in plugin.executables():
            if plugin_type_fault(name):
                continue  # no file can have this name, and network-config-broken says so
            path = node.plugin_path(name)
            if path is None:
                message = f'the plugin "{name}" is not in {", ".join(node.bin_dirs)}'
                fix = Fix(_how_to_get(node, name))
                yield Hit(config.location(place.label), message, fix, severity=node.milder_for(config))
            else:
                present[path] = None
    for path in present:
        yield from _not_executable(node, path)


def _not_executable(node: Node, path: str) -> Iterator[Hit]:
    status = node.host.status(path)
    if status is not None and not status.is_executable:
        yield Hit(Location(path), f"{path} is not executable", Fix(f"chmod 755 {path}"))


def _how_to_get(node: Node, plugin: str) -> str:
    for directory in map(str, WELL_KNOWN_DIRS):
        status = node.host.status(f"{directory}/{plugin}")
        if status is not None and status.is_file:
            return f"it is in {directory}: point the runtime there, or `ln -s {directory}/{plugin} {node.bin_dirs[0]}/`"
    if plugin in REFERENCE_PLUGINS:
        return (
            "install the CNI reference plugins: apt install containernetworking-plugins, or the kubernetes-cni package"
        )
    return f"see whether the pod of the product that brings {plugin} runs on this node, or take it out of the config"


@check(
    "CNI804",
    "loopback-missing",
    Severity.ERROR,
    "loopback",
    reads="the plugin directories, and traces of runtimes",
    well="the loopback plugin is installed",
)
def loopback_missing(node: Node) -> Iterator[Hit]:
    """The loopback plugin is not installed.

    Why:
        containerd and cri-dockerd run it for every pod, whatever the configs say. Without it every pod fails with
        'failed to find plugin "loopback"'. Many network products do not bring it. CRI-O does without.
    Bad:
        /opt/cni/bin without loopback, on a node with containerd
    Good:
        /opt/cni/bin/loopback
    Fix:
        Install the CNI reference plugins, version 1.0.0 or newer.
    Reference:
        Kubernetes documentation, "Network Plugins", section "Loopback CNI"
    """
    path = node.plugin_path("loopback")
    others = [runtime for runtime in node.runtimes if runtime not in ("cri-o", "podman")]
    if path is None and node.runtimes and not others:
        message = f"{' and '.join(node.runtimes)} brings the loopback interface up without the plugin"
        raise Skip(message)
    severity = None if others else Severity.WARNING
    if path is not None:
        yield from (hit._replace(severity=severity) for hit in _not_executable(node, path))
        return
    message = f'the plugin "loopback" is not in {", ".join(node.bin_dirs)}'
    if others:
        message += f", and {' and '.join(others)} runs it for every pod"
    yield Hit(Location(node.bin_dirs[0]), message, Fix(_how_to_get(node, "loopback")), severity=severity)
