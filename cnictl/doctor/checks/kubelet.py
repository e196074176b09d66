"""The kubelet's flags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnictl.doctor.facts.kubelet import FLAG_FILES
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.report.action import WriteFile
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.kubelet import Flag
    from cnictl.text.source import Source

_DOCKERSHIM = (1, 24)
REMOVED = {
    "network-plugin": _DOCKERSHIM,
    "cni-bin-dir": _DOCKERSHIM,
    "cni-conf-dir": _DOCKERSHIM,
    "cni-cache-dir": _DOCKERSHIM,
    "network-plugin-mtu": _DOCKERSHIM,
    "docker-endpoint": _DOCKERSHIM,
    "image-pull-progress-deadline": _DOCKERSHIM,
    "experimental-dockershim-root-directory": _DOCKERSHIM,
    "container-runtime": (1, 27),
    "pod-infra-container-image": (1, 35),
}
"""Flags that are gone, and the version of Kubernetes that removed each."""

_USUAL = {
    "network-plugin": ("", "cni"),
    "cni-bin-dir": ("", "/opt/cni/bin", "/opt/cni/bin/"),
    "cni-conf-dir": ("", "/etc/cni/net.d", "/etc/cni/net.d/"),
    "network-plugin-mtu": ("", "0"),
    "container-runtime": ("", "remote", "docker"),
}
"""The values with which nothing is lost when the flag is deleted."""
_LOSES = frozenset({"cni-bin-dir", "cni-conf-dir", "network-plugin-mtu"})
_OPEN_END = re.compile(r"[ \t]*\$")


@check(
    "CNI811",
    "removed-kubelet-flags",
    Severity.ERROR,
    "kubelet",
    reads="the kubelet's unit, drop-ins and environment files, its version, and its command line",
    well="the kubelet is started without flags that Kubernetes has removed",
    leads_to=("kubelet-down",),
    symptoms=(
        r"unknown flag: --(?:network-plugin|cni-\w+-dir|docker-endpoint|image-pull-progress|pod-infra)",
        r"unknown flag: --container-runtime\b(?!-)",
        r"failed to parse kubelet flag",
    ),
    tags=("dockershim",),
)
def removed_kubelet_flags(node: Node) -> Iterator[Hit]:
    """The kubelet is started with flags that Kubernetes has removed.

    Why:
        The kubelet does not start, with "failed to parse kubelet flag: unknown flag: --network-plugin" (`journalctl -u
        kubelet`). Kubernetes 1.24 removed the flags of dockershim (--network-plugin, --cni-bin-dir, --cni-conf-dir,
        --cni-cache-dir, --network-plugin-mtu, --docker-endpoint, --image-pull-progress-deadline), 1.27 removed
        --container-runtime, and 1.35 --pod-infra-container-image.
    Bad: kubeadm-flags.env
        KUBELET_KUBEADM_ARGS="--network-plugin=cni --container-runtime-endpoint=unix:///run/containerd/containerd.sock"
    Good: kubeadm-flags.env
        KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock"
    Fix:
        Delete the flags and restart the kubelet. Directories that they named go into the runtime's config, an MTU
        into the network config. --container-runtime-endpoint stays: it is another flag.
    Reference:
        Kubernetes documentation, "Migrating from dockershim"; kubernetes/kubernetes pull requests 106907, 114017 and
        133779
    """
    kubelet = node.kubelet
    if not kubelet.flags and kubelet.running is None and not node.has_kubelet:
        message = "there is no trace of a kubelet"
        raise Skip(message)
    hits = [hit for flag in kubelet.flags if (hit := _hit(node, flag)) is not None]
    yield from hits
    if not hits:
        yield from _running_hit(node)


def _hit(node: Node, flag: Flag) -> Hit | None:
    severity = _severity(node, flag) if flag.name in REMOVED else None
    if severity is None:
        return None
    unread = f"{flag.source.path}, which the kubelet's unit does not read, has"
    subject = "the kubelet is started with" if _counts(node, flag) else unread
    message = f"{subject} --{flag.name}, which Kubernetes {_removed_in(flag.name)} removed"
    if node.kubelet.numbers:
        message += f"; this kubelet is {'.'.join(map(str, node.kubelet.numbers))}"
    evidence = {"flag": f"--{flag.name}", "value": flag.value}
    return Hit(flag.location, message, _fix(node, flag), evidence, severity)


def _removed_in(name: str) -> str:
    return ".".join(map(str, REMOVED[name]))


def _severity(node: Node, flag: Flag) -> Severity | None:
    """How bad a flag is; ``None`` when the kubelet may well know it."""
    kubelet, since = node.kubelet, REMOVED[flag.name]
    knows = kubelet.is_from(*since)
    if knows is None and since != _DOCKERSHIM:
        knows = False if flag.name != "container-runtime" or flag.name in kubelet.running_flags else None
    if knows is False and since != _DOCKERSHIM:
        return Severity.NOTE if flag.name == "container-runtime" else None
    if not _counts(node, flag):
        return Severity.NOTE
    # One that runs with such a flag knows it: it is older, and works until it is upgraded. One that runs without does
    # not read the file, or works until it is started again.
    known = knows is False or kubelet.running is not None or (knows is None and since != _DOCKERSHIM)
    return Severity.WARNING if known else Severity.ERROR


def _counts(node: Node, flag: Flag) -> bool:
    """Whether the kubelet's unit hands the flag over, as far as that can be known."""
    kubelet = node.kubelet
    if not kubelet.command or flag.source.path not in kubelet.paths:
        return True
    return any(
        (other.source.path, other.span.start) == (flag.source.path, flag.span.start) for other in kubelet.command
    )


def _fix(node: Node, flag: Flag) -> Fix:
    path = flag.source.path
    description = f"{_delete(flag.written, path)}, then {node.kubelet.restart(path)}"
    gone = [other for other in node.kubelet.flags if other.source.path == path and _is_dead(node, other)]
    if flag not in gone or not all(_can_be_deleted(node, other) for other in gone):
        return Fix(description, Applicable.UNSAFE)
    action = WriteFile(path, _without(flag.source, gone), replacing=flag.source.text)
    return Fix(description, Applicable.SAFE, actions=(action,))


def _delete(written: str, path: str) -> str:
    """How to take a flag out of a file; what a package brings is overwritten by its next version."""
    place, directory, name = path.partition("/systemd/system/")
    if place in ("/usr/lib", "/lib"):
        return f"copy {path} to /etc{directory}{name}, and delete {written} from that"
    return f"delete {written} from {path}"


def _is_dead(node: Node, flag: Flag) -> bool:
    """Whether the kubelet certainly does not know a flag."""
    return flag.name in REMOVED and node.kubelet.is_from(*REMOVED[flag.name]) is True


def _can_be_deleted(node: Node, flag: Flag) -> bool:
    """Whether nothing is lost with a flag, and its place is one in which that is a matter of words."""
    path, text = flag.source.path, flag.source.text
    usual = flag.name not in _LOSES or flag.value in _USUAL[flag.name] or flag.value in (node.conf_dir, *node.bin_dirs)
    named = path in FLAG_FILES or path in node.services.unit("kubelet.service").environment_files
    return usual and named and flag.source.bad_bytes is None and not _OPEN_END.match(text, flag.whole.end)


def _without(source: Source, flags: list[Flag]) -> str:
    """The text of a file without some flags, each with a blank beside it."""
    text = source.text
    for flag in sorted(flags, key=lambda each: each.whole.start, reverse=True):
        start, end = flag.whole
        if text[end : end + 1] == " ":
            end += 1
        elif text[start - 1 : start] == " ":
            start -= 1
        text = text[:start] + text[end:]
    return text


def _running_hit(node: Node) -> Iterator[Hit]:
    kubelet = node.kubelet
    names = [name for name in kubelet.running_flags if REMOVED.get(name) == _DOCKERSHIM]
    if kubelet.running is None or not names:
        return
    pid, flags = kubelet.running.pid, ", ".join(f"--{name}" for name in names)
    message = f"the running kubelet (process {pid}) has {flags}, which Kubernetes 1.24 removed"
    fix = Fix("find what starts the kubelet with them (`systemctl cat kubelet`), and delete them before it is upgraded")
    yield Hit(Location(f"/proc/{pid}/cmdline"), message, fix, severity=Severity.WARNING)
