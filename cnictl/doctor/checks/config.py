"""The files in the config directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.model.files import LIST_SUFFIX, suffix_of
from cnictl.model.structure import structure_faults
from cnictl.report.finding import Fix, Location, Severity
from cnictl.text.node import Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node, NodeConfig
    from cnictl.text.document import Document


@check(
    "CNI801",
    "no-network-config",
    Severity.ERROR,
    "config files",
    reads="the names in the config directory",
    well="there is a network config",
)
def no_network_config(node: Node) -> Iterator[Hit]:
    """The node has no network config.

    Why:
        The runtime reports "cni plugin not initialized" or "no network config found in /etc/cni/net.d", the node is
        NotReady, and no pod gets a network. Network products write the file when their own pod starts, so usually that
        pod does not run.
    Bad:
        /etc/cni/net.d is missing, empty, or holds only names that do not end in .conflist, .conf or .json
    Good:
        /etc/cni/net.d/10-pods.conflist
    Fix:
        Look at the network product's pod on this node (kubectl -n kube-system get pods -o wide), or write a config with
        `cnictl generate`.
    Reference:
        Kubernetes documentation, "Network Plugins"
    """
    if node.configs:
        return
    if node.runtimes == ["podman"] and not node.has_kubelet:
        message = "there is no kubelet, and podman makes its networks itself"
        raise Skip(message)
    fix = Fix("see whether the network product's pod runs on this node, or write a config with `cnictl generate`")
    message = f"{node.conf_dir} holds no network config (*.conflist, *.conf or *.json)"
    yield Hit(Location(node.conf_dir), message, fix)


@check(
    "CNI802",
    "network-config-broken",
    Severity.ERROR,
    "config files",
    reads="every config in the config directory",
    well="every network config can be loaded",
)
def network_config_broken(node: Node) -> Iterator[Hit]:
    """A network config cannot be loaded.

    Why:
        containerd gives up at the first broken file and loads no network at all; CRI-O and podman pass over it and take
        the next file, so that pods land in another network than the one that was meant. Pods that were started with it
        cannot be removed either.
    Bad:
        /etc/cni/net.d/10-pods.conflist with a comma before a closing bracket
    Good:
        /etc/cni/net.d/10-pods.conflist that `cnictl validate` accepts
    Fix:
        Mend the file; `cnictl validate` shows every problem in it.
    Reference:
        Kubernetes documentation, "Troubleshooting CNI plugin-related errors"
    """
    hits = [hit for config in node.configs if (hit := _hit(node, config)) is not None]
    yield from hits
    denied = next((config for config in node.configs if config.denied), None)
    if denied and not hits:
        message = f"{denied.error}, so it cannot be known what runtimes find in it"
        raise Skip(message)


def _hit(node: Node, config: NodeConfig) -> Hit | None:
    if config.document is None:
        fix = Fix(f"write a network config to {config.path} that can be read, or remove it")
        return None if config.denied else Hit(config.location(), str(config.error), fix)
    found = _first_fault(config, config.document)
    if found is None:
        return None
    label, message = found
    fix = Fix(f"mend it: `cnictl validate {node.host.where(config.path)}` shows every problem in it")
    return Hit(config.location(label), message, fix)


def _first_fault(config: NodeConfig, document: Document) -> tuple[Label, str] | None:
    """What a runtime would stumble over first, and where."""
    problem = document.refused
    if problem is not None:
        return Label(problem.span, ""), problem.message
    fault = next(structure_faults(document), None)
    if fault is not None:
        return fault.label, fault.message
    network = config.network
    if network is not None and network.is_list != (suffix_of(config.path) == LIST_SUFFIX):
        kind = "a list of plugins" if network.is_list else "a single plugin"
        return network.node.label, f"{kind} is in a {suffix_of(config.path)} file"
    return None
