"""CNI601, CNI608 and CNI612 to CNI614: what a runtime takes from a config directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.model.files import LIST_SUFFIX, SUFFIXES, suffix_of
from cnictl.model.view import top_level
from cnictl.report.finding import Severity
from cnictl.runtime.selection import Runtime
from cnictl.validate.directory import only_inlined
from cnictl.validate.registry import DirectoryHit, directory_rule, manual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.model.view import NetworkView
    from cnictl.validate.directory import Directory


@directory_rule("CNI601", "file-passed-over", Severity.NOTE)
def file_passed_over(directory: Directory) -> Iterator[DirectoryHit]:
    """The runtime does not take a file, because it has taken another.

    This is told when a runtime is named with --runtime.

    Why:
        What is changed in the file has no effect, and when the file that is taken goes away, this one may become the
        pods' network without anybody's doing.
    Bad:
        /etc/cni/net.d/10-pods.conflist
        /etc/cni/net.d/20-old.conflist     containerd takes the first file by name only
    Good:
        /etc/cni/net.d/10-pods.conflist
    Fix:
        Remove the file when it is not needed, or rename the one that is meant so that it is the first.
    Reference:
        containerd/go-cni, function loadFromConfDir; cri-o/ocicni, function loadNetworks
    """
    for verdict in directory.verdicts:
        if verdict.status == "passed-over" and not verdict.cause:
            fix = manual("remove it, or rename the file that is meant so that it comes first")
            yield DirectoryHit(verdict.name, f"this file is passed over: {verdict.reason}", fix=fix)


@directory_rule("CNI608", "drop-in-ignored", Severity.WARNING)
def drop_in_ignored(directory: Directory) -> Iterator[DirectoryHit]:
    """A file in the directory for further plugins of a network is not read.

    Since libcni 1.3.0 a list takes further plugins from the directory that is called as the network and lies beside
    the list's file.

    Why:
        Only files that end in .conf are taken from it, each with a single plugin; no others, and none at all with
        "loadOnlyInlinedPlugins": true or for a network that is not a list. Nothing tells that the plugin is missing.
    Bad:
        /etc/cni/net.d/10-pods.conflist        with "name": "pods"
        /etc/cni/net.d/pods/tuning.conflist
    Good:
        /etc/cni/net.d/10-pods.conflist        with "name": "pods"
        /etc/cni/net.d/pods/tuning.conf
    Fix:
        Rename the file so that it ends in .conf, or remove "loadOnlyInlinedPlugins".
    Reference:
        CNI specification 1.1.0, section 1 "Network configuration format"; libcni, function NetworkPluginConfsFromFiles
    """
    for file, network in directory.loadable:
        reason = _wants_none(file, network)
        flag = network.node.child("loadOnlyInlinedPlugins") if only_inlined(network) else None
        node = flag or top_level(network.node, "name") or network.node
        for entry in directory.drop_ins.get(network.name or "", ()):
            lost = entry.kind == "file" and suffix_of(entry.name) in SUFFIXES
            if lost and (reason or suffix_of(entry.name) != _DROP_IN_SUFFIX):
                message = f"{network.name}/{entry.name} is not read: {reason or 'its name does not end in .conf'}"
                fix = manual("rename it, or put the plugin into the list itself")
                yield DirectoryHit(file, message, node.label, fix)


_DROP_IN_SUFFIX = ".conf"


def _wants_none(file: str, network: NetworkView) -> str | None:
    """Why no further plugins are read for a network."""
    if suffix_of(file) != LIST_SUFFIX:
        return "only a network in a .conflist file takes further plugins"
    return '"loadOnlyInlinedPlugins" is true' if only_inlined(network) else None


@directory_rule("CNI612", "load-aborted", Severity.ERROR)
def load_aborted(directory: Directory) -> Iterator[DirectoryHit]:
    """The runtime gives up at a broken file and does not look at those behind it.

    This is told when a runtime is named with --runtime. CRI-O skips broken files and goes on.

    Why:
        containerd then has no network at all: the node is NotReady with "cni plugin not initialized", and no pod
        starts. libcni, and with it cnitool, fails for every network that it did not find before the broken file.
        multus has no main network.
    Bad:
        /etc/cni/net.d/05-test.conflist    {"name": "test",}
        /etc/cni/net.d/10-pods.conflist
    Good:
        /etc/cni/net.d/10-pods.conflist
    Fix:
        Mend the file, or take it out of the directory.
    Reference:
        containerd/go-cni, function loadFromConfDir; containernetworking/cni, function LoadNetworkConf
    """
    for verdict in directory.verdicts:
        if verdict.status == "refused" and directory.runtime is not Runtime.CRIO:
            behind = [other.name for other in directory.verdicts if other.cause == "blocked"]
            fix = manual("mend it, or take it out of the directory")
            yield DirectoryHit(verdict.name, verdict.reason, fix=fix, evidence={"not-reached": behind})


@directory_rule("CNI613", "loopback-first", Severity.WARNING)
def loopback_first(directory: Directory) -> Iterator[DirectoryHit]:
    """The first file by name only brings up the loopback interface.

    Why:
        Runtimes take the first file for the network of the pods, and those then have no address: containerd reports
        "failed to find network info for sandbox". The loopback interface needs no file, the runtimes bring it up
        themselves. Mind that names are compared letter by letter: 100-loopback comes before 20-pods.
    Bad:
        /etc/cni/net.d/100-loopback.conf
        /etc/cni/net.d/20-pods.conflist
    Good:
        /etc/cni/net.d/20-pods.conflist
        /etc/cni/net.d/99-loopback.conf
    Fix:
        Remove the file, or rename it so that it comes last, as in 99-loopback.conf.
    Reference:
        containerd/go-cni, function WithLoNetwork; kelseyhightower/kubernetes-the-hard-way issue 563
    """
    networks = dict(directory.loadable)
    first = next((verdict.name for verdict in directory.verdicts if verdict.status == "taken"), None)
    first = next(iter(networks), None) if directory.runtime is None else first
    if first not in networks or directory.runtime is Runtime.LIBCNI:
        return
    types = {plugin.type for plugin in networks[first].plugins}
    if types == {"loopback"}:
        message = "the first file by name has only the loopback interface, and pods need another network"
        yield DirectoryHit(first, message, fix=manual("remove it, or rename it so that it comes last"))


@directory_rule("CNI614", "nothing-taken", Severity.ERROR)
def nothing_taken(directory: Directory) -> Iterator[DirectoryHit]:
    """The runtime takes none of the files.

    This is told when a runtime is named with --runtime.

    Why:
        The node is NotReady ("cni plugin not initialized", "no CNI configuration file in /etc/cni/net.d"), and no pod
        gets a network.
    Bad:
        /etc/cni/net.d/README
        /etc/cni/net.d/10-pods.conflist.bak
    Good:
        /etc/cni/net.d/10-pods.conflist
    Fix:
        Put a config there whose name ends in .conflist; `cnictl generate` writes one.
    Reference:
        Kubernetes documentation, "Network Plugins"
    """
    if directory.runtime is None or any(verdict.status == "taken" for verdict in directory.verdicts):
        return
    refused = [verdict.name for verdict in directory.verdicts if verdict.status == "refused"]
    if refused and directory.runtime is not Runtime.CRIO:
        return  # CNI612 says so
    passed = any(verdict.status == "passed-over" for verdict in directory.verdicts)
    none = "it passes over all that there are" if passed else "there is none that it would read"
    holds = f"it skips all that there are: {', '.join(refused)}" if refused else none
    message = f"{directory.runtime.called} takes no file of this directory: {holds}"
    yield DirectoryHit("", message, fix=manual("put a config there whose name ends in .conflist"))
