"""The container runtimes that there are, and where each leaves traces."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """A way in which a runtime is installed.

    Attributes:
        name: The runtime: ``containerd``, ``cri-o``, ``cri-dockerd`` or ``podman``.
        sockets: Where it answers.
        product: What brings it along, such as ``k3s``; empty when it stands for itself.
        traces: Paths of which one is there when it is installed, beside its sockets.
        config: Its config file; empty when it has none that matters.
        programs: Names of the programs that are it when they run.
        unit: Its service.
        packages: Debian packages that hold it.
        restart: How to start it again, the command in backticks.
        template: The name of the file, beside its config, from which that is written at each start.
    """

    name: str
    sockets: tuple[str, ...]
    product: str = ""
    traces: tuple[str, ...] = ()
    config: str = ""
    programs: tuple[str, ...] = ()
    unit: str = ""
    packages: tuple[str, ...] = ()
    restart: str = field(default="", repr=False)
    template: str = ""

    @property
    def called(self) -> str:
        """What to call it in sentences."""
        names = {"cri-o": "CRI-O"}
        name = names.get(self.name, self.name)
        return f"{self.product}'s {name}" if self.product else name


KINDS = (
    Kind(
        "containerd",
        ("/run/containerd/containerd.sock",),
        traces=("/etc/containerd/config.toml", "/usr/bin/containerd", "/usr/local/bin/containerd"),
        config="/etc/containerd/config.toml",
        programs=("containerd",),
        unit="containerd.service",
        packages=("containerd", "containerd.io"),
        restart="`systemctl restart containerd`",
    ),
    Kind(
        "cri-o",
        ("/run/crio/crio.sock",),
        traces=("/etc/crio", "/usr/bin/crio", "/usr/local/bin/crio"),
        config="/etc/crio/crio.conf",
        programs=("crio",),
        unit="crio.service",
        packages=("cri-o",),
        restart="`systemctl restart crio`",
    ),
    Kind(
        "cri-dockerd",
        ("/run/cri-dockerd.sock",),
        traces=("/usr/bin/cri-dockerd", "/usr/local/bin/cri-dockerd"),
        programs=("cri-dockerd",),
        unit="cri-docker.service",
        packages=("cri-dockerd",),
        restart="`systemctl restart cri-docker`",
    ),
    Kind(
        "containerd",
        ("/run/k3s/containerd/containerd.sock",),
        "k3s",
        traces=("/var/lib/rancher/k3s",),
        config="/var/lib/rancher/k3s/agent/etc/containerd/config.toml",
        programs=("k3s", "k3s-server", "k3s-agent"),
        restart="`systemctl restart k3s` (k3s-agent on a worker)",
        template="config.toml.tmpl",
    ),
    Kind(
        "containerd",
        ("/run/k3s/containerd/containerd.sock",),
        "RKE2",
        traces=("/var/lib/rancher/rke2",),
        config="/var/lib/rancher/rke2/agent/etc/containerd/config.toml",
        programs=("rke2",),
        restart="`systemctl restart rke2-server` (rke2-agent on a worker)",
        template="config.toml.tmpl",
    ),
    Kind(
        "containerd",
        ("/var/snap/microk8s/common/run/containerd.sock",),
        "microk8s",
        traces=("/var/snap/microk8s/current",),
        config="/var/snap/microk8s/current/args/containerd.toml",
        restart="`snap restart microk8s`",
        template="containerd-template.toml",
    ),
    Kind(
        "containerd",
        ("/run/k0s/containerd.sock", "/var/lib/k0s/run/containerd.sock"),
        "k0s",
        traces=("/var/lib/k0s", "/etc/k0s"),
        config="/etc/k0s/containerd.toml",
        programs=("k0s",),
        restart="`systemctl restart k0sworker` (k0scontroller on a controller)",
    ),
    Kind(
        "podman",
        (),
        traces=("/usr/bin/podman", "/usr/local/bin/podman"),
        packages=("podman",),
    ),
)
"""The kinds, those first that stand for themselves."""

_ENDINGS = {"containerd.sock": "containerd", "crio.sock": "cri-o", "cri-dockerd.sock": "cri-dockerd"}


def plain_socket(endpoint: str) -> str:
    """The path of an endpoint, the same for all ways to write it."""
    path = endpoint.removeprefix("unix://").removeprefix("unix:")
    return path.removeprefix("/var") if path.startswith("/var/run/") else path


def kinds_at(socket: str) -> tuple[Kind, ...]:
    """The kinds that may answer at a socket; none when it is not known who does.

    Args:
        socket: Its path, or an endpoint.
    """
    path = plain_socket(socket)
    exact = tuple(kind for kind in KINDS if path in kind.sockets)
    name = _ENDINGS.get(path.rpartition("/")[2])
    return exact or tuple(kind for kind in KINDS if kind.name == name and not kind.product)
