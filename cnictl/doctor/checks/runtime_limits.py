"""What holds a container runtime up: the kernel's limits, and plugins that do not end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.checks.runtime_config import any_runtime
from cnictl.doctor.checks.runtime_socket import cri_runtime
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.action import SetSysctl, WriteFile
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnictl.doctor.node import Node
    from cnictl.host.api import Process

_INSTANCES = "fs.inotify.max_user_instances"
_ENOUGH = 8192
_NEARLY = 0.8
_PATIENCE = 60.0
"""Seconds after which a plugin that still runs is stuck: the kubelet gives a whole pod two minutes."""
_STUCK = 15 * 60.0
"""Seconds after which the network of a pod that has ended should be gone."""


def _path(name: str) -> str:
    return f"/proc/sys/{name.replace('.', '/')}"


@check(
    "CNI833",
    "inotify-exhausted",
    Severity.ERROR,
    "runtime",
    reads=f"{_INSTANCES}, and how many each user has",
    well="the kernel's limits for watching files leave room",
    leads_to=("not-ready", "runtime-down", "kubelet-down"),
    symptoms=(r"failed to create fsnotify watcher: too many open files", r"inotify_init.*: too many open files"),
)
def inotify_exhausted(node: Node) -> Iterator[Hit]:
    """The limit for watching files is reached.

    Why:
        Programs ask the kernel to tell them when files change, each with an inotify instance; so runtimes notice
        network configs. Without one more instance to be had, containerd and the kubelet do not start: "failed to create
        fsnotify watcher: too many open files". Many containers that watch files, and clusters inside containers, use
        them up.
    Bad:
        fs.inotify.max_user_instances = 128, and root's programs have 128
    Good:
        fs.inotify.max_user_instances = 8192
    Fix:
        `sysctl -w fs.inotify.max_user_instances=8192`. Keep it for the next boot with the line
        fs.inotify.max_user_instances = 8192 in a file of /etc/sysctl.d.
    Reference:
        kind documentation, "Known Issues", section "Pod errors due to too many open files"; inotify(7)
    """
    text = (node.text(_path(_INSTANCES)) or "").strip()
    if not text.isdecimal() or not text.isascii():
        message = f"{_path(_INSTANCES)} cannot be read here"
        raise Skip(message)
    limit = int(text[:20])
    used: dict[int, int] = {}
    for watcher in node.host.watchers():
        used[watcher.uid] = used.get(watcher.uid, 0) + watcher.instances
    uid = max(used, key=lambda each: used[each], default=0)
    count = used.get(uid, 0)
    if count and count >= limit * _NEARLY:
        message = f"the programs of user {uid} have {count} of the {limit} inotify instances that {_INSTANCES} allows"
        severity = None if count >= limit else Severity.WARNING
        yield Hit(Location(_path(_INSTANCES)), message, _raise(), {"used": count, "limit": limit}, severity)


def _raise() -> Fix:
    path, line = "/etc/sysctl.d/99-inotify.conf", f"{_INSTANCES} = {_ENOUGH}"
    actions = (SetSysctl(_INSTANCES, str(_ENOUGH)), WriteFile(path, f"{line}\n"))
    return Fix(f"`sysctl -w {_INSTANCES}={_ENOUGH} && echo '{line}' > {path}`", Applicable.SAFE, actions=actions)


@check(
    "CNI834",
    "network-work-stuck",
    Severity.WARNING,
    "runtime",
    reads="running plugins, the sandboxes of the container runtime, and the cache of attachments",
    well="no plugin hangs, and no ended pod still has its network",
    leads_to=("add-fails", "del-fails", "leak"),
    follows=("del-fails", "add-fails"),
    symptoms=(
        r"failed to reserve sandbox name",
        r"failed to destroy network for sandbox",
        r"(?:RunPodSandbox|StopPodSandbox).*(?:DeadlineExceeded|context deadline exceeded)",
    ),
)
def network_work_stuck(node: Node) -> Iterator[Hit]:
    """A plugin hangs, or pods that have ended cannot be removed.

    Why:
        A plugin that waits for its agent, or for a lock, holds up every pod behind it: "context deadline exceeded". A
        pod whose network cannot be taken down stays as a stopped sandbox: "failed to destroy network for sandbox", and
        its name cannot be used again: "failed to reserve sandbox name". Such pods go by themselves at the kubelet's
        next attempt once the config is mended.
    Bad:
        /opt/cni/bin/calico has been running for ten minutes
    Good:
        plugins end within seconds
    Fix:
        See what the plugin waits for (`cat /proc/PID/wchan`, and its log), and mend what the other findings name.
    Reference:
        CNI spec 1.1.0, section 2; containerd documentation, "CRI"
    """
    known = any_runtime(node)
    for process in _hanging(node):
        seconds = int(node.host.now() - process.started)
        message = f"{process.arguments[0]} (process {process.pid}) has been running for {seconds} seconds"
        fix = Fix(
            f"see what it waits for: `ps -fp {process.pid}; cat /proc/{process.pid}/stack`; `kill {process.pid}` ends "
            f"it"
        )
        yield Hit(Location(f"/proc/{process.pid}"), message, fix, {"pid": process.pid})
    if known.name != "podman":
        yield from _stopped(node)


def _hanging(node: Node) -> Sequence[Process]:
    names = {name for directory in node.bin_dirs for name in node.names_in(directory)}
    paths = {f"{directory.rstrip('/')}/{name}" for directory in node.bin_dirs for name in names}
    now = node.host.now()
    return [
        process
        for process in node.host.processes(sorted(names))
        # Agents have arguments, plugins have none.
        if process.arguments[0] in paths and len(process.arguments) == 1 and now - process.started > _PATIENCE
    ]


def _stopped(node: Node) -> Iterator[Hit]:
    runtime = cri_runtime(node)
    answer = node.host.cri(runtime.socket or "", "sandboxes") if node.host.status(runtime.socket or "") else None
    if not isinstance(answer, list):
        return
    now = node.host.now()
    stopped = [
        each
        for each in answer
        if isinstance(each, dict) and each.get("state") == "not ready" and _age(each, now) > _STUCK
    ]
    stuck = [each for each in stopped if node.state.attachments_of(str(each.get("id")))]
    if stuck:
        names = [f"{each.get('namespace')}/{each.get('name')}" for each in stuck]
        more = f" and {len(names) - 3} more" if len(names) > len("abc") else ""
        subject = (
            "an ended pod still has its network"
            if len(names) == 1
            else f"{len(names)} ended pods still have their network"
        )
        message = f"{subject}: {', '.join(names[:3])}{more}"
        fix = Fix(
            f"`crictl stopp {str(stuck[0].get('id'))[:13]}` shows the error; once that is mended, the kubelet removes "
            f"them"
        )
        yield Hit(Location(runtime.socket or ""), message, fix, {"sandboxes": [str(each.get("id")) for each in stuck]})


def _age(sandbox: dict[str, object], now: float) -> float:
    """How long ago it was started, in seconds; it has ended some time after that."""
    created = sandbox.get("created_at")
    return now - created / 1e9 if isinstance(created, int) and created > 0 else 0.0
