"""How the kubelet is started."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from cnictl.doctor.registry import Hit, Skip, check
from cnictl.errors import SourceError
from cnictl.report.finding import Applicable, Fix, Location, Severity
from cnictl.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node

_REMOVED = ("network-plugin", "cni-bin-dir", "cni-conf-dir", "cni-cache-dir", "network-plugin-mtu")
_FLAG = re.compile(rf"(?<![\w-])--(?:{'|'.join(_REMOVED)})(?![\w-])")
_YAML_FLAG = re.compile(rf"(?<![\w./-])(?:--)?(?:{'|'.join(_REMOVED)})(?=[=\"'])")

_FILES = (
    "/var/lib/kubelet/kubeadm-flags.env",  # written by kubeadm
    "/etc/default/kubelet",  # Debian
    "/etc/sysconfig/kubelet",  # Red Hat
    "/etc/kubernetes/kubelet.env",  # kubespray
    "/var/snap/microk8s/current/args/kubelet",
)
_YAML_FILES = ("/etc/rancher/k3s/config.yaml", "/etc/rancher/rke2/config.yaml")
_RESTARTS = {
    "/etc/rancher/k3s/": "systemctl restart k3s (k3s-agent on a worker)",
    "/etc/rancher/rke2/": "systemctl restart rke2-server (rke2-agent on a worker)",
    "/var/snap/microk8s/": "snap restart microk8s",
}
_UNIT_DIRS = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system")
_UNIT_DIRS_OLD = ("/lib/systemd/system",)
_ENVIRONMENT_FILE = re.compile(r"^EnvironmentFile=-?(/\S+)", re.MULTILINE)


@check(
    "CNI811",
    "removed-kubelet-flags",
    Severity.ERROR,
    "kubelet",
    reads="the kubelet's unit, drop-ins and environment files, and its command line",
    well="the kubelet is started without flags that were removed in 1.24",
)
def removed_kubelet_flags(node: Node) -> Iterator[Hit]:
    """The kubelet is started with flags that Kubernetes 1.24 removed.

    Why:
        The runtime owns the network since dockershim left: a kubelet from 1.24 on does not start with "failed to parse
        kubelet flag: unknown flag: --network-plugin". The flags are --network-plugin, --cni-bin-dir, --cni-conf-dir,
        --cni-cache-dir and --network-plugin-mtu.
    Bad: kubeadm-flags.env
        KUBELET_KUBEADM_ARGS="--network-plugin=cni --pod-infra-container-image=registry.k8s.io/pause:3.9"
    Good: kubeadm-flags.env
        KUBELET_KUBEADM_ARGS="--pod-infra-container-image=registry.k8s.io/pause:3.9"
    Fix:
        Delete the flags and restart the kubelet. Directories that they named go into the runtime's config, an MTU
        into the network config.
    Reference:
        Kubernetes documentation, "Migrating from dockershim"; kubernetes/kubernetes pull request 106907
    """
    running = list(_command_lines(node))
    places = [hit for path, pattern in _sources(node) for hit in _in_file(node, path, pattern)]
    if not places and not running and not node.has_kubelet:
        message = "there is no trace of a kubelet"
        raise Skip(message)
    old = any(_FLAG.search(arguments) for _, arguments in running)
    if running:
        # One that runs with such a flag knows it: it is older than 1.24, and works until it is upgraded. One that
        # runs without does not read the file, or works until it is started again.
        places = [hit._replace(severity=Severity.WARNING) for hit in places]
    yield from places
    if old and not places:
        pid, arguments = next((pid, arguments) for pid, arguments in running if _FLAG.search(arguments))
        yield _running_hit(pid, arguments)


def _running_hit(pid: str, arguments: str) -> Hit:
    flags = ", ".join(dict.fromkeys(_FLAG.findall(arguments)))
    message = f"the running kubelet (process {pid}) has {flags}, which Kubernetes 1.24 removed"
    fix = Fix("find what starts the kubelet with them, and delete them before it is upgraded")
    return Hit(Location(f"/proc/{pid}/cmdline"), message, fix, severity=Severity.WARNING)


def _sources(node: Node) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The files in which flags of the kubelet may stand, each once, and how they look there."""
    units = list(_unit_files(node))
    named = [path for unit in units for path in _ENVIRONMENT_FILE.findall(_read(node, unit) or "")]
    for path in dict.fromkeys((*_FILES, *units, *named)):
        yield path, _FLAG
    for path in _YAML_FILES:
        yield path, _YAML_FLAG


def _unit_files(node: Node) -> Iterator[str]:
    """The kubelet's unit and drop-ins as systemd takes them: of files with one name the first directory's."""
    seen: set[str] = set()
    for directory in (*_UNIT_DIRS, *_UNIT_DIRS_OLD):
        names = ["kubelet.service"]
        with suppress(SourceError):  # most directories have no drop-ins
            names += [f"kubelet.service.d/{name}" for name in node.host.list_dir(f"{directory}/kubelet.service.d")]
        for name in names:
            path = f"{directory}/{name}"
            # A drop-in that is a link to /dev/null hides those of its name, even where /dev is not mounted.
            there = name.endswith(".conf") or (name == "kubelet.service" and node.host.status(path) is not None)
            if there and name not in seen:
                seen.add(name)
                yield path


def _in_file(node: Node, path: str, pattern: re.Pattern[str]) -> Iterator[Hit]:
    text = _read(node, path)
    if text is None:
        return
    source = Source(path, text.encode())
    for match in pattern.finditer(text):
        line_start = text.rfind("\n", 0, match.start()) + 1
        if text[line_start : match.start()].lstrip().startswith(("#", ";")):
            continue
        flag = f"--{match.group().removeprefix('--')}"
        message = f"the kubelet is started with {flag}, which Kubernetes 1.24 removed"
        fix = Fix(f"delete {match.group()} from {path}, then {_restart(path)}", Applicable.UNSAFE)
        yield Hit(Location.in_text(source, Span(*match.span())), message, fix, {"flag": flag})


def _restart(path: str) -> str:
    """How to start the kubelet again that reads a file: some products run it inside a service of their own."""
    for start, command in _RESTARTS.items():
        if path.startswith(start):
            return command
    return "systemctl daemon-reload && systemctl restart kubelet"


def _command_lines(node: Node) -> Iterator[tuple[str, str]]:
    """The running kubelets: process number and arguments, one argument to a line."""
    try:
        pids = [name for name in node.host.list_dir("/proc") if name.isdigit()]
    except SourceError:
        return
    for pid in pids:
        arguments = (_read(node, f"/proc/{pid}/cmdline") or "").rstrip("\0").split("\0")
        if arguments[0].rsplit("/", 1)[-1] == "kubelet":
            yield pid, "\n".join(arguments)


def _read(node: Node, path: str) -> str | None:
    try:
        return node.host.read_bytes(path).decode(errors="replace")
    except SourceError:
        return None
