"""The files in the config directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.host.api import Unanswered
from cnictl.model.files import LIST_SUFFIX, SUFFIXES, suffix_of
from cnictl.model.structure import structure_faults
from cnictl.report.finding import Fix, Location, Severity
from cnictl.runtime.selection import Runtime
from cnictl.text.node import Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.node import Node
    from cnictl.model.structure import Fault
    from cnictl.model.view import NetworkView
    from cnictl.text.document import Document


@check(
    "CNI801",
    "no-network-config",
    Severity.ERROR,
    "config files",
    reads="the names in the config directory",
    well="there is a network config",
    leads_to=("not-ready",),
    follows=("looks-elsewhere",),
    symptoms=(
        r"no network config found in",
        r"cni plugin not initialized",
        r"cni config uninitialized",
        r"no CNI configuration file in \S+\. Has your network provider started",
    ),
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
        Look at the network product's pod on this node (`kubectl get pods -A -o wide`), or write a config with
        `cnictl generate`.
    Reference:
        Kubernetes documentation, "Network Plugins"
    """
    if node.configs:
        return
    if node.runtimes == ["podman"] and not node.has_kubelet:
        message = "there is no kubelet, and podman makes its networks itself"
        raise Skip(message)
    message = f"{node.conf_dir} holds no network config (*.conflist, *.conf or *.json)"
    ignored = next((name for name in node.names_in(node.conf_dir) if _would_be_config(name)), None)
    if ignored is not None:
        directory = node.conf_dir.rstrip("/")
        renamed = f"{ignored[: ignored.index(_ending_in(ignored))]}{_ending_in(ignored)}"
        fix = Fix(f"if it is the network of the pods: `mv {directory}/{ignored} {directory}/{renamed}`")
        yield Hit(Location(f"{directory}/{ignored}"), f"{message}; no runtime reads {ignored}", fix)
        return
    fix = Fix(
        "see whether the pod of the network product (Calico, Cilium, flannel, ...) runs on this node: `kubectl get "
        "pods -A -o wide`; if none is installed yet, install one, or write a config with `cnictl generate`"
    )
    yield Hit(Location(node.conf_dir), message, fix)


def _would_be_config(name: str) -> bool:
    """Whether a name is that of a config with something behind it, as installers and editors leave them."""
    return suffix_of(name) not in SUFFIXES and _ending_in(name) != "" and not name.startswith(".")


def _ending_in(name: str) -> str:
    """The ending of a config that is inside a name, such as that of ``10-calico.conflist.cilium_bak``."""
    return next((suffix for suffix in SUFFIXES if suffix in name[1:]), "")


@check(
    "CNI802",
    "network-config-broken",
    Severity.ERROR,
    "config files",
    reads="every config in the config directory",
    well="every network config can be loaded",
    leads_to=("not-ready", "wrong-network", "add-fails", "del-fails"),
    symptoms=(
        r"failed to load CNI config (?:list )?file",
        r"error parsing configuration",
        r"Error loading CNI config (?:list )?file",
        r"cni config load failed: (?!no network config found)",
        r"failed to reload cni configuration",
        r"cni plugin not initialized",
    ),
)
def network_config_broken(node: Node) -> Iterator[Hit]:
    """A network config cannot be loaded.

    Why:
        containerd gives up at the first broken file and loads no network at all; CRI-O and podman pass over it and take
        the next file, so that pods land in another network than the one that was meant. Pods that were started with it
        cannot be removed either. `journalctl -u containerd | grep "cni config"` shows the runtime's own words.
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
    severity, outcome = _what_becomes(node, config)
    if config.document is None:
        fix = Fix(f"write a network config to {config.path} that can be read, or remove it")
        return None if config.denied else Hit(config.location(), f"{config.error}{outcome}", fix, severity=severity)
    found = first_fault(config, config.document)
    if found is None:
        return None
    label, message = found
    fix = Fix(f"mend it: `cnictl validate {_here(node, config.path)}` shows every problem in it")
    return Hit(config.location(label), f"{config.path}: {message}{outcome}", fix, severity=severity)


def _here(node: Node, path: str) -> str:
    """Where a file of the node can be read on this machine, where it can."""
    try:
        return str(node.host.where(path))
    except Unanswered:
        return path


def _what_becomes(node: Node, config: NodeConfig) -> tuple[Severity | None, str]:
    """How bad a broken config is to the runtime of this node, and what it does with it."""
    choice = node.choice
    if choice.runtime is Runtime.CONTAINERD:
        if config is not node.configs[0]:
            return Severity.WARNING, ""
        behind = "" if len(node.configs) == 1 else ", not even those of the files behind it"
        return None, f"; {choice.called} loads no network because of it{behind}"
    if choice.runtime is Runtime.CRIO:
        taken = choice.taken
        if taken is not None:
            return Severity.WARNING, f"; {choice.called} passes over it and gives pods the network {taken.title}"
        return None, f"; {choice.called} passes over it, and has no network"
    podman = node.runtimes == ["podman"] and not node.has_kubelet
    return Severity.WARNING if podman else None, ""


def first_fault(config: NodeConfig, document: Document) -> tuple[Label, str] | None:
    """What a runtime would stumble over first when it loads a config, and where."""
    problem = document.refused
    if problem is not None:
        return Label(problem.span, ""), problem.message
    network = config.network
    fault = next((each for each in structure_faults(document) if not _is_loaded(each, network)), None)
    if fault is not None:
        return fault.label, fault.message
    if network is not None and network.is_list != (suffix_of(config.path) == LIST_SUFFIX):
        kind = "a list of plugins" if network.is_list else "a single plugin"
        return network.node.label, f"{kind} is in a {suffix_of(config.path)} file"
    return None


def _is_loaded(fault: Fault, network: NetworkView | None) -> bool:
    """Whether a config is loaded all the same: a version that is none is only noticed by plugins."""
    of_version = fault.kind in ("version-unknown", "version-malformed")
    return of_version and network is not None and network.declared is not None and "cniVersions" not in network.node
