"""Whether a container runtime answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.doctor.facts.cri import UNIMPLEMENTED, Trouble
from cnictl.doctor.facts.kinds import KINDS
from cnictl.doctor.registry import Hit, Skip, check
from cnictl.host.api import Unanswered
from cnictl.report.finding import Applicable, Fix, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.facts.runtime import Runtime
    from cnictl.doctor.node import Node

NO_RUNTIME = "there is no trace of a container runtime that a kubelet could talk to"


def cri_runtime(node: Node) -> Runtime:
    """The runtime that gives pods their network, when a kubelet can talk to it.

    Raises:
        Skip: There is none.
    """
    runtime = node.runtime
    if runtime is None or runtime.socket is None:
        raise Skip(NO_RUNTIME)
    return runtime


@check(
    "CNI814",
    "runtime-silent",
    Severity.ERROR,
    "runtime",
    reads="the container runtime's socket, and its service",
    well="the container runtime answers",
    leads_to=("kubelet-down", "not-ready"),
    follows=("runtime-down",),
    symptoms=(r"dial unix \S+\.sock: connect: (?:no such file or directory|connection refused|permission denied)",),
)
def runtime_silent(node: Node) -> Iterator[Hit]:
    """Nobody answers at the container runtime's socket.

    Why:
        The kubelet says "dial unix /run/containerd/containerd.sock: connect: no such file or directory", or "connection
        refused", and the node is NotReady: nothing on it can be started or stopped. A daemon that hangs takes the
        connection and never answers: "context deadline exceeded". `crictl version` shows the same.
    Bad:
        /run/containerd/containerd.sock is not there, or is left over from a daemon that has ended
    Good:
        systemctl is-active containerd says "active"
    Fix:
        `systemctl enable --now containerd`; when it does not stay up, `journalctl -u containerd` says why.
    Reference:
        Kubernetes documentation, "Container Runtimes"
    """
    runtime = cri_runtime(node)
    yield from _not_at_boot(node, runtime)
    if not node.has_kubelet and not node.host.status(runtime.socket or ""):
        message = f"there is no kubelet, and {runtime.called} does not run"
        raise Skip(message)
    trouble = node.host.connect(f"unix:{runtime.socket}")
    if trouble is not None and "permission denied" in trouble:
        message = f"only root may talk to {runtime.socket}, so run this as root"
        raise Skip(message)
    trouble = trouble or _mute(runtime)
    if trouble is not None:
        message = f"{runtime.called} does not answer at {runtime.socket}: {trouble}"
        yield Hit(Location(runtime.socket or ""), message, _start(runtime))


def _mute(runtime: Runtime) -> str | None:
    """Why a runtime that takes connections does not answer; ``None`` when it does, or that cannot be known."""
    try:
        answer = runtime.cri.version if runtime.cri else None
    except Unanswered:
        return None
    return answer.reason if isinstance(answer, Trouble) and answer.kind in ("CriTimeout", "CriGarbled") else None


def _start(runtime: Runtime) -> Fix:
    unit = runtime.kind.unit
    if not unit:
        return Fix(runtime.kind.restart or f"start {runtime.called}")
    return Fix(
        f"`systemctl enable {unit} && systemctl restart {unit}`; if it ends again, `journalctl -u {unit}` says why"
    )


def _not_at_boot(node: Node, runtime: Runtime) -> Iterator[Hit]:
    unit = runtime.kind.unit
    files = node.services.files(unit) if unit and node.has_kubelet else []
    wanted = [
        each.value.split()
        for key in ("Wants", "Requires")
        for each in node.services.unit("kubelet.service").all(key, "Unit")
    ]
    if files and not node.services.starts_at_boot(unit) and not any(unit in names for names in wanted):
        message = f"{unit} is installed and not enabled, so {runtime.called} is not started at boot"
        yield Hit(Location(files[0]), message, Fix(f"`systemctl enable {unit}`"), severity=Severity.WARNING)


@check(
    "CNI815",
    "several-runtimes",
    Severity.WARNING,
    "runtime",
    reads="the sockets of all container runtimes, and the kubelet's endpoint",
    well="one container runtime answers, or the kubelet is told which one counts",
    symptoms=(r"[Ff]ound multiple CRI endpoints on the host",),
)
def several_runtimes(node: Node) -> Iterator[Hit]:
    """Several container runtimes answer, and nothing says which one is meant.

    Why:
        kubeadm stops with "Found multiple CRI endpoints on the host", and crictl shows the containers of whichever it
        finds first, which may not be the kubelet's.
    Bad:
        containerd and CRI-O run, and the kubelet has no --container-runtime-endpoint
    Good:
        --container-runtime-endpoint=unix:///run/containerd/containerd.sock, or only one of them runs
    Fix:
        Tell kubeadm with --cri-socket and the kubelet with containerRuntimeEndpoint, or stop the one that is not used.
    Reference:
        Kubernetes documentation, "Installing kubeadm", section "Installing a container runtime"
    """
    if not node.has_kubelet:
        message = "there is no trace of a kubelet"
        raise Skip(message)
    sockets = {path: kind for kind in KINDS for path in kind.sockets if node.host.status(path) is not None}
    if len(sockets) < len("ab") or node.kubelet.endpoint is not None or any(kind.product for kind in sockets.values()):
        return
    answering = [path for path in sockets if node.host.connect(f"unix:{path}") is None]
    if len(answering) > 1:
        message = f"{' and '.join(answering)} answer, and the kubelet has no --container-runtime-endpoint"
        fix = Fix("set containerRuntimeEndpoint in /var/lib/kubelet/config.yaml, or stop the runtime that is not used")
        yield Hit(Location(answering[0]), message, fix, {"sockets": answering})


@check(
    "CNI816",
    "cri-disabled",
    Severity.ERROR,
    "runtime",
    reads="disabled_plugins in containerd's config, and what its socket answers",
    well="containerd speaks CRI",
    leads_to=("runtime-down", "kubelet-down", "not-ready"),
    symptoms=(
        r"unknown service runtime\.v1(?:alpha2)?\.RuntimeService",
        r'invalid disabled plugin URI "?\\?"?cri',
    ),
    tags=("dockershim",),
)
def cri_disabled(node: Node) -> Iterator[Hit]:
    """CRI is switched off in containerd.

    Why:
        Docker's package of containerd, containerd.io, brings a config with disabled_plugins = ["cri"], because docker
        does not need it. CRI is the protocol by which the kubelet asks for pods. The kubelet then says "rpc error: code
        = Unimplemented desc = unknown service runtime.v1.RuntimeService".
    Bad: config.toml
        disabled_plugins = ["cri"]
    Good: config.toml
        disabled_plugins = []
    Fix:
        Take "cri" out of disabled_plugins, then `systemctl restart containerd`. Containers of docker go on.
    Reference:
        Kubernetes documentation, "Container Runtimes", section "containerd"
    """
    runtime = cri_runtime(node)
    if runtime.name != "containerd" or not node.has_kubelet:
        message = "no kubelet of this node talks to containerd"
        raise Skip(message)
    setting = runtime.containerd.cri_disabled if runtime.containerd else None
    if setting is not None and setting.location is not None:
        message = (
            f"containerd does not talk to the kubelet, because CRI is switched off: disabled_plugins has "
            f'"{setting.value}"'
        )
        change = f'take "{setting.value}" out of disabled_plugins in {runtime.to_edit(setting.location.file)}'
        fix = Fix(f"{change}, then {runtime.kind.restart}", Applicable.UNSAFE)
        yield Hit(setting.location, message, fix, {"plugin": setting.value})
        return
    if node.host.live and runtime.cri and node.host.status(runtime.socket or ""):
        answer = runtime.cri.version
        if isinstance(answer, Trouble) and answer.code == UNIMPLEMENTED:
            message = (
                f"{runtime.called} answers at {runtime.socket}, and does not speak CRI, the kubelet's protocol: "
                f"{answer.reason}"
            )
            fix = Fix(f"see why its CRI plugin is not loaded: `ctr plugins ls | grep cri`; then {runtime.kind.restart}")
            yield Hit(Location(runtime.socket or ""), message, fix)


@check(
    "CNI817",
    "cri-too-old",
    Severity.ERROR,
    "runtime",
    reads="the versions of the kubelet and of the container runtime",
    well="the container runtime speaks the CRI that the kubelet wants",
    leads_to=("kubelet-down",),
    symptoms=(r"CRI v1 runtime API is not implemented", r"unknown service runtime\.v1\.RuntimeService"),
    tags=("dockershim",),
)
def cri_too_old(node: Node) -> Iterator[Hit]:
    """The container runtime is too old for the kubelet.

    Why:
        Kubernetes 1.26 speaks CRI v1 only, which containerd has from 1.6 on and CRI-O from 1.20 on. The kubelet ends
        with "validate service connection: CRI v1 runtime API is not implemented for endpoint ...: unknown service
        runtime.v1.RuntimeService".
    Bad:
        kubelet 1.28 with containerd 1.5.11
    Good:
        kubelet 1.28 with containerd 1.7
    Fix:
        Upgrade the runtime before the kubelet.
    Reference:
        containerd, "Versioning and release", section "Kubernetes Support"; Kubernetes 1.26 release notes
    """
    runtime = cri_runtime(node)
    since = {"containerd": (1, 6), "cri-o": (1, 20)}.get(runtime.name)
    if since is None or runtime.numbers is None or node.kubelet.numbers is None or runtime.version is None:
        message = "the versions of the kubelet and its runtime are not known"
        raise Skip(message)
    if node.kubelet.is_from(1, 26) and runtime.numbers < since:
        wanted = ".".join(map(str, since))
        version = ".".join(map(str, node.kubelet.numbers))
        message = f"the kubelet is {version} and wants CRI v1, which {runtime.release} does not speak"
        fix = Fix(f"upgrade {runtime.called} to {wanted} or newer")
        yield Hit(Location(runtime.socket or ""), message, fix, {"runtime": runtime.version.value, "kubelet": version})
