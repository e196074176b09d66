"""What there is a trace of on a node: container runtimes, and Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnictl.host.api import Host

_K3S = "/var/lib/rancher/k3s"
_RKE2 = "/var/lib/rancher/rke2"
_SOCKET_OF_BOTH = "/run/k3s/containerd/containerd.sock"

_RUNTIMES = {
    "containerd": ("/run/containerd/containerd.sock", "/etc/containerd/config.toml", "/usr/bin/containerd"),
    "cri-o": ("/run/crio/crio.sock", "/etc/crio", "/usr/bin/crio"),
    "cri-dockerd": ("/run/cri-dockerd.sock", "/usr/bin/cri-dockerd"),
    "k3s": (_K3S,),
    "RKE2": (_RKE2,),
    "podman": ("/usr/bin/podman",),
}
_KUBELET = ("/var/lib/kubelet", "/etc/kubernetes", "/usr/bin/kubelet", _K3S, _RKE2)


def runtimes_of(host: Host) -> list[str]:
    """The container runtimes of which there is a trace.

    Args:
        host: How to ask the node.
    """
    found = {name for name, traces in _RUNTIMES.items() if any(map(host.status, traces))}
    if not found & {"k3s", "RKE2"} and host.status(_SOCKET_OF_BOTH):
        found.add("k3s")  # whose directory may be another, --data-dir
    return [name for name in _RUNTIMES if name in found]


def has_kubelet(host: Host) -> bool:
    """Whether there is a trace of Kubernetes.

    Args:
        host: How to ask the node.
    """
    return any(map(host.status, _KUBELET))
