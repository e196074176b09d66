"""multus among the other configs of a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.facts.uses import WRAPPERS, delegates_of
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.view import string_at, value_at
from cnictl.report.finding import Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node
    from cnictl.model.view import PluginView

_RENAMED = ".cilium_bak"
_HOST = "/host/"


@check(
    "CNI856",
    "multus-misplaced",
    Severity.ERROR,
    "config files",
    reads="the configs of multus, and those that they name",
    well="multus comes first, once, and wraps a network that is there",
    leads_to=("add-fails", "wrong-network"),
)
def multus_misplaced(node: Node) -> Iterator[Hit]:
    """multus is installed, and its config cannot do what it is there for.

    Why:
        multus is a plugin that runs other plugins. It gives pods further interfaces only when its config is the one
        that the runtime takes. Cilium renames every other config unless it is told not to; products that write a config
        with a smaller name come first. A multus that wraps itself calls itself without end, and one that names a file
        that is gone fails for every pod.
    Bad:
        /etc/cni/net.d/05-cilium.conflist
        /etc/cni/net.d/00-multus.conf.cilium_bak
    Good:
        /etc/cni/net.d/00-multus.conf
        /etc/cni/net.d/05-cilium.conflist
    Fix:
        Let multus' config be the first by name; with Cilium, set cni.exclusive=false.
    Reference:
        k8snetworkplumbingwg/multus-cni issues 685, 972, 1306 and 1387
    """
    configs = [(config, plugin) for config in node.configs for plugin in _multus(config)]
    renamed = [name for name in node.names_in(node.conf_dir) if "multus" in name and name.endswith(_RENAMED)]
    if not configs and not renamed:
        message = "there is no config of multus on this node"
        raise Skip(message)
    for name in renamed if not configs else ():
        path = f"{node.conf_dir.rstrip('/')}/{name}"
        message = f"Cilium has renamed the config of multus to {name}, so pods get no further interfaces"
        fix = Fix(f"set cni.exclusive=false in Cilium's Helm values, then `mv {path} {path.removesuffix(_RENAMED)}`")
        yield Hit(Location(path), message, fix, severity=Severity.WARNING)
    if configs:
        yield from _not_first(node, configs[0][0])
        yield from _several(configs)
    for config, plugin in configs:
        yield from _wraps_itself(config, plugin)
        yield from _names_what_is_gone(node, config, plugin)


def _multus(config: NodeConfig) -> list[PluginView]:
    network = config.network
    return [plugin for plugin in network.plugins if plugin.type in WRAPPERS] if network else []


def _not_first(node: Node, config: NodeConfig) -> Iterator[Hit]:
    taken = node.choice.taken
    if taken is not None and node.has_kubelet and not _multus(taken):
        name = taken.path.rpartition("/")[2]
        message = (
            f"pods get the network {taken.title} ({name}), which comes before multus, so they get no further interfaces"
        )
        directory = node.conf_dir.rstrip("/")
        fix = Fix(f"`mv {config.path} {directory}/00-multus.{'conflist' if config.path.endswith('t') else 'conf'}`")
        yield Hit(config.location(), message, fix, severity=Severity.WARNING)


def _several(configs: list[tuple[NodeConfig, PluginView]]) -> Iterator[Hit]:
    first, *others = dict.fromkeys(config.path for config, _ in configs)
    for path in others:
        config = next(config for config, _ in configs if config.path == path)
        message = f"{path.rpartition('/')[2]} is a config of multus too, which has {first.rpartition('/')[2]} already"
        fix = Fix(f"`mv {path} {path}.disabled`, when it is left from an older release")
        yield Hit(config.location(), message, fix, severity=Severity.WARNING)


def _wraps_itself(config: NodeConfig, plugin: PluginView) -> Iterator[Hit]:
    for delegate in delegates_of(plugin.network):
        for inner in delegate.plugins:
            if inner.type in WRAPPERS:
                message = f"multus (network {config.title}) is told to hand over to multus, without end"
                fix = Fix(f"name the pods' own network in its place, in {config.path}")
                yield Hit(config.location(inner.node.label), message, fix)


def _names_what_is_gone(node: Node, config: NodeConfig, plugin: PluginView) -> Iterator[Hit]:
    path = string_at(plugin.node, "clusterNetwork") or ""
    there = any(node.host.status(each) for each in (path, path.replace(_HOST, "/", 1)) if each.startswith("/"))
    if path.startswith("/") and not there:
        message = f"multus (network {config.title}) is told to give pods the network in {path}, which is not there"
        fix = Fix(
            "see why the network product that writes it does not run here: `kubectl get pods -A -o wide`; or correct "
            "the path"
        )
        yield Hit(config.location(value_at(plugin.node, "clusterNetwork").label), message, fix)
