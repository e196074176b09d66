"""What the running container runtime says of its network, and what it has in memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.doctor.checks.runtime_socket import cri_runtime
from cnictl.doctor.facts.cri import Trouble
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.action import WriteFile
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.cri.answers import LoadedNetwork, Status
    from cnictl.doctor.facts.configs import NodeConfig
    from cnictl.doctor.facts.runtime import Runtime
    from cnictl.doctor.node import Node

_FILE = re.compile(r"(/[^\s:\"']+\.(?:conflist|conf|json))\b")
_LOOPBACK = "cni-loopback"
_WATCHING = {"containerd": "containerd", "cri-o": "crio"}
"""The runtimes that the kernel tells of changes, and the programs that they are, whatever starts them."""


def _asked(node: Node) -> tuple[Runtime, Status]:
    """The runtime, and how it says that it is.

    Raises:
        Skip: It cannot be asked.
    """
    runtime = cri_runtime(node)
    if runtime.cri is None or (node.host.live and not node.host.status(runtime.socket or "")):
        message = f"{runtime.called} cannot be asked: {runtime.socket} is not there"
        raise Skip(message)
    answer = runtime.cri.status
    if isinstance(answer, Trouble):
        message = f"{runtime.called} does not say how it is: {answer.reason}"
        raise Skip(message)
    return runtime, answer


@check(
    "CNI822",
    "network-not-ready",
    Severity.ERROR,
    "runtime",
    reads="the container runtime's status",
    well="the container runtime says that its network is ready",
    follows=("not-ready", "runtime-down", "looks-elsewhere"),
    symptoms=(
        r"NetworkReady=false",
        r"NetworkPluginNotReady",
        r"cni plugin not initialized",
        r"network plugin is not ready",
        r"container runtime network not ready",
        r"[Hh]as your network provider started",
        r"cni config uninitialized",
    ),
)
def network_not_ready(node: Node) -> Iterator[Hit]:
    """The container runtime says that its network is not ready.

    Why:
        The node is NotReady, with "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady
        message:Network plugin returns error: cni plugin not initialized". This is the runtime's own word for it; the
        reason is usually another finding.
    Bad:
        crictl info shows NetworkReady with "status": false
    Good:
        crictl info shows NetworkReady with "status": true
    Fix:
        Mend what the other findings name. Where there are none, `systemctl restart containerd`, or crio.
    Reference:
        Kubernetes documentation, "Troubleshooting CNI plugin-related errors"
    """
    runtime, status = _asked(node)
    condition = status.condition("NetworkReady")
    loads = {handler: result for handler, result in status.load_results.items() if result != "OK"}
    if condition is None or condition.status:
        return
    reason = next(iter(loads.values()), "") or condition.message
    file = _FILE.search(reason)
    place = Location(file[1] if file else node.conf_dir)
    message = f"{runtime.called} says that its network is not ready: {reason.rstrip('.')}"
    yield Hit(
        place,
        message,
        Fix(f"see the other findings about {place.file}; when there are none, {runtime.kind.restart}"),
        {"load": loads},
    )


@check(
    "CNI823",
    "runtime-config-stale",
    Severity.ERROR,
    "runtime",
    reads="the configs and settings that containerd has in memory, and those on the disk",
    well="containerd has in memory what is on the disk",
    leads_to=("not-ready", "wrong-network", "looks-elsewhere"),
    follows=("not-ready",),
)
def runtime_config_stale(node: Node) -> Iterator[Hit]:
    """containerd works with another network config than the one on the disk.

    Why:
        containerd notices a config that is written in place or copied, but not one that is moved there from another
        directory, or linked: "cni plugin not initialized" stays, although the file is there. touch does not help.
        `crictl info` shows what it has. What is changed in its own config counts after a restart only.
    Bad:
        mv /root/10-pods.conflist /etc/cni/net.d/
    Good:
        cp /root/10-pods.conflist /etc/cni/net.d/
    Fix:
        Write the file again in place, or `systemctl restart containerd`; running pods are not disturbed by that.
    Reference:
        containerd issues 8419 and 7196
    """
    runtime, status = _asked(node)
    networks = status.networks
    if networks is None:
        message = f"{runtime.called} does not tell which configs it has in memory"
        raise Skip(message)
    yield from _other_settings(runtime)
    first = next(iter(node.configs), None)
    if first is None or first.document is None or first.document.refused or not _reads(runtime, node):
        return
    loaded = [each for each in networks if each.name != _LOOPBACK]
    if not loaded or loaded[0].source != first.document.source.text:
        yield _stale(runtime, first, loaded)


def _reads(runtime: Runtime, node: Node) -> bool:
    """Whether the directory that is looked at is the runtime's own."""
    return runtime.conf_dir is None or str(runtime.conf_dir.value).rstrip("/") == node.conf_dir.rstrip("/")


def _stale(runtime: Runtime, config: NodeConfig, loaded: list[LoadedNetwork]) -> Hit:
    text = config.document.source.text if config.document else ""
    action = WriteFile(config.path, text, replacing=text)
    if not loaded:
        message = f"{runtime.called} has no network in memory, and {config.path} is there"
        fix = Fix(
            f"{runtime.kind.restart}, which running pods do not notice, or write the file again in place",
            Applicable.SAFE,
            actions=(action,),
        )
        return Hit(config.location(), message, fix)
    other = loaded[0].name == config.title
    what = f"an older version of {config.path}" if other else f'the network "{loaded[0].name}"'
    message = f"{runtime.called} works with {what}, not with what is in {'it' if other else config.path} now"
    fix = Fix(f"if the file is right: {runtime.kind.restart}, which running pods do not notice", Applicable.UNSAFE)
    return Hit(config.location(), message, fix, {"loaded": loaded[0].name})


def _other_settings(runtime: Runtime) -> Iterator[Hit]:
    """What the daemon was started with, where its file says something else by now."""
    for known, filed, what in (
        (runtime.conf_dir, runtime.filed_conf_dir, "the config directory"),
        (runtime.bin_dirs, runtime.filed_bin_dirs, "the plugin directories"),
    ):
        if known and filed and filed.location and _plain(known.value) != _plain(filed.value):
            message = (
                f"{runtime.called} runs with {_plain(known.value)} as {what}, and its config says otherwise by now"
            )
            yield Hit(filed.location, message, Fix(runtime.kind.restart), severity=Severity.WARNING)


def _plain(value: object) -> str:
    paths = value if isinstance(value, list) else [value]
    return ", ".join(str(path).rstrip("/") for path in paths)


@check(
    "CNI824",
    "watch-lost",
    Severity.WARNING,
    "runtime",
    reads="the config directory, and the files that the container runtime watches",
    well="the container runtime watches the config directory",
    leads_to=("not-ready",),
    symptoms=(r"cni conf dir is removed, stop watching",),
)
def watch_lost(node: Node) -> Iterator[Hit]:
    """The container runtime watches a config directory that is no longer there.

    Why:
        When the directory is removed and made again, containerd goes on watching the old one. Nothing that is written
        into the new one is noticed: "cni plugin not initialized" stays for ever. That is an error; where the runtime
        still has a network in memory, pods get it until it is restarted, and a new config is not taken.
    Bad:
        rm -rf /etc/cni/net.d && mkdir /etc/cni/net.d
    Good:
        rm /etc/cni/net.d/*
    Fix:
        `systemctl restart containerd`, or crio; running pods are not disturbed by that.
    Reference:
        containerd issues 6490 and 11209, pull request 10646
    """
    runtime = cri_runtime(node)
    if runtime.name not in _WATCHING:
        message = f"{runtime.called} does not watch the config directory, it looks again from time to time"
        raise Skip(message)
    directory, mount = node.host.status(node.conf_dir), _overlay(node)
    pids = {process.pid for process in node.host.processes((_WATCHING[runtime.name], *runtime.kind.programs))}
    if directory is None or not pids:
        message = f"{node.conf_dir} is not there, or {runtime.called} does not run"
        raise Skip(message)
    if mount:
        message = f"{mount} is an overlay: changes in {node.conf_dir} may not be noticed when others make them"
        fix = Fix(f"after the network product has written its config, {runtime.kind.restart}")
        yield Hit(Location(node.conf_dir), message, fix, severity=Severity.NOTE)
        return
    # Some file systems have several numbers for one device, so the inode alone decides.
    watched = {inode for watcher in node.host.watchers() if watcher.pid in pids for _, inode in watcher.watched}
    if directory.inode not in watched:
        message = (
            f"{runtime.called} does not watch {node.conf_dir}: the directory was deleted and created again since it "
            f"was started"
        )
        severity = Severity.ERROR if _is_unready(runtime) else None
        yield Hit(Location(node.conf_dir), message, Fix(runtime.kind.restart), severity=severity)


def _is_unready(runtime: Runtime) -> bool:
    """Whether the runtime says that it has no network."""
    status = runtime.cri.status if runtime.cri is not None else None
    ready = status.condition("NetworkReady") if status is not None and not isinstance(status, Trouble) else None
    return ready is not None and not ready.status


def _overlay(node: Node) -> str | None:
    """Where an overlay is mounted that the config directory lies in, unless that is the whole node."""
    last = node.mounts.at(node.conf_dir)
    return last.target if last and last.kind == "overlay" and last.target != "/" else None
