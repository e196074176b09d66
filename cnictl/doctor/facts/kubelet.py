"""How the kubelet of a node is started, and what it is told."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from cnictl.doctor.facts.packages import installed_version, numbers
from cnictl.doctor.facts.runtime import Known
from cnictl.foreign.kubelet import KubeletConfig, arguments_of, flags_in, flags_of, rancher_flags, static_pods
from cnictl.host.api import Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.doctor.node import Node
    from cnictl.foreign.kubelet import Flag, HostPort, StaticPod
    from cnictl.foreign.setting import Setting
    from cnictl.host.api import Process

UNIT = "kubelet.service"
FLAG_FILES = (
    "/var/lib/kubelet/kubeadm-flags.env",  # written by kubeadm
    "/etc/default/kubelet",  # Debian
    "/etc/sysconfig/kubelet",  # Red Hat
    "/etc/kubernetes/kubelet.env",  # kubespray
    "/var/snap/microk8s/current/args/kubelet",
)
"""Files in which flags of the kubelet may stand, besides its unit and what that names."""
RANCHER_FILES = ("/etc/rancher/k3s/config.yaml", "/etc/rancher/rke2/config.yaml")
CONFIG = "/var/lib/kubelet/config.yaml"
INSTANCE_CONFIG = "/var/lib/kubelet/instance-config.yaml"
"""What kubeadm lays over the config from 1.32 on, since the socket is a node's own matter."""
MANIFESTS = "/etc/kubernetes/manifests"

_RESTARTS = {
    "/etc/rancher/k3s/": "`systemctl restart k3s` (k3s-agent on a worker)",
    "/etc/rancher/rke2/": "`systemctl restart rke2-server` (rke2-agent on a worker)",
    "/var/snap/microk8s/": "`snap restart microk8s`",
}
_IN_PATH = re.compile(r"/v?(1\.\d+\.\d+)(?=/|$)")
_IMAGE = re.compile(r"/(?:kube-apiserver|kube-controller-manager|kube-scheduler)[^:]*:v(1\.\d+\.\d+)")


class Kubelet:
    """The kubelet.

    Args:
        node: The node.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def processes(self) -> list[Process]:
        """The running kubelets.

        Raises:
            Unanswered: That cannot be known.
        """
        return self.node.host.processes(["kubelet"])

    @property
    def running(self) -> Process | None:
        """The running kubelet; ``None`` when there is none, or it cannot be known."""
        try:
            return next(iter(self.processes), None)
        except Unanswered:
            return None

    @cached_property
    def running_flags(self) -> dict[str, str]:
        """The flags of the running kubelet."""
        return arguments_of(self.running.arguments[1:]) if self.running else {}

    @cached_property
    def paths(self) -> list[str]:
        """The files in which its flags may stand, each once."""
        services = self.node.services
        named = services.unit(UNIT).environment_files
        return list(dict.fromkeys((*FLAG_FILES, *services.files(UNIT), *named)))

    @cached_property
    def flags(self) -> list[Flag]:
        """Every flag in these files, and in those of k3s and RKE2, whether it counts or not."""
        found = [flag for path in self.paths if (source := self.node.source(path)) for flag in flags_in(source)]
        return found + [
            flag for path in RANCHER_FILES if (source := self.node.source(path)) for flag in rancher_flags(source)
        ]

    @cached_property
    def command(self) -> list[Flag]:
        """The flags that it is started with by its unit, in their order; empty when that starts nothing."""
        return flags_of(self.node.services.command(UNIT))

    def flag(self, name: str) -> Known | None:
        """The value of a flag that counts, by the files that it is started from; ``None`` when it is not set.

        Args:
            name: Its name, without dashes.
        """
        flags = self.command or self.flags
        found = next((flag for flag in reversed(flags) if flag.name == name), None)
        if found is not None:
            return Known(found.value, f"{found.location.file}:{found.location.line}", found.location)
        if name in self.running_flags:
            return Known(self.running_flags[name], f"the running kubelet's flag --{name}")
        return None

    @cached_property
    def config_path(self) -> str:
        """Its config file."""
        told = self.flag("config")
        return told.value if told and str(told.value).startswith("/") else CONFIG

    @cached_property
    def configs(self) -> list[KubeletConfig]:
        """Its config, the files of its drop-in directory, and what kubeadm lays over it; those that are there."""
        sources = (self.node.source(path) for path in (self.config_path, *self._drop_ins, INSTANCE_CONFIG))
        return [KubeletConfig(source) for source in sources if source is not None]

    @property
    def _drop_ins(self) -> list[str]:
        """The files that its flag ``--config-dir`` lays over its config, in their order."""
        told = [flag.value for flag in self.command or self.flags if flag.name == "config-dir"]
        directory = told[-1].rstrip("/") if told else ""
        names = self.node.names_in(directory) if directory.startswith("/") else []
        return [f"{directory}/{name}" for name in sorted(names) if name.endswith(".conf")]

    def setting(self, key: str) -> Setting | None:
        """A value of its config, the one that counts; ``None`` when it is not there.

        Args:
            key: Such as ``resolvConf``.
        """
        own = [config for config in self.configs if config.source.path != INSTANCE_CONFIG]
        return next((found for config in reversed(own) if (found := config.get(key)) is not None), None)

    def settings(self, key: str) -> list[Setting]:
        """The items of a list in its config, such as those of ``clusterDNS``."""
        return [item for config in self.configs for item in config.items(key)]

    @cached_property
    def endpoint(self) -> Known | None:
        """The runtime that it talks to: its flag, or else its config; ``None`` when neither says anything.

        A flag counts more than the config file, which has the key from 1.27 on. What kubeadm keeps beside that has been
        laid over it.
        """
        told = self.flag("container-runtime-endpoint")
        if told and told.value:
            return told
        found = self.configured_endpoints if self.is_from(1, 27) is not False else []
        return Known(found[-1].value, found[-1].origin, found[-1].location) if found else None

    @property
    def configured_endpoints(self) -> list[Setting]:
        """What its config files say of it, the one that counts last."""
        found = (config.get("containerRuntimeEndpoint") for config in self.configs)
        return [each for each in found if each is not None and each.text]

    @cached_property
    def version(self) -> Known | None:
        """Its version, as a text; ``None`` when it cannot be told."""
        installed = installed_version(self.node.host, "kubelet")
        if installed:
            return Known(installed, "the installed package")
        in_path = _IN_PATH.search(self.running.arguments[0]) if self.running else None
        return Known(in_path[1], "the path of the running kubelet") if in_path else self._version_of_neighbours()

    def _version_of_neighbours(self) -> Known | None:
        """The version of the control plane on this node, which kubeadm keeps alike."""
        for pod in self.static_pods:
            for image in pod.images:
                match = _IMAGE.search(image.text)
                if match:
                    return Known(match[1], image.origin)
        return None

    @property
    def numbers(self) -> tuple[int, ...] | None:
        """The numbers of its version; ``None`` when it cannot be told."""
        return numbers(self.version.value) if self.version else None

    def is_from(self, *version: int) -> bool | None:
        """Whether it is of some version or newer; ``None`` when its version cannot be told."""
        return None if self.numbers is None else self.numbers >= version

    @property
    def manifests(self) -> str:
        """The directory of its static pods."""
        path = self.setting("staticPodPath")
        return ((path.text if path else "") or MANIFESTS).rstrip("/")

    @cached_property
    def static_pods(self) -> list[StaticPod]:
        """The pods that it starts by itself."""
        names = (name for name in self.node.names_in(self.manifests) if not name.startswith("."))
        sources = (self.node.source(f"{self.manifests}/{name}") for name in names)
        return [pod for source in sources if source is not None for pod in static_pods(source)]

    @cached_property
    def host_ports(self) -> list[HostPort]:
        """The ports of the node that these pods want, those with the node's own network left out."""
        return [port for pod in self.static_pods if not pod.host_network for port in pod.host_ports]

    def restart(self, path: str) -> str:
        """How to start it again when it reads a file: some products run it inside a service of their own."""
        found: Iterator[str] = (command for start, command in _RESTARTS.items() if path.startswith(start))
        return next(found, "`systemctl daemon-reload && systemctl restart kubelet`")

    @cached_property
    def former_flags(self) -> list[Flag]:
        """The flags in copies that editors, packages and people have left of these files."""
        found = []
        for path in FLAG_FILES:
            directory, _, name = path.rpartition("/")
            copies = (
                each for each in self.node.names_in(directory) if each != name and each.startswith((name, f".{name}"))
            )
            sources = (self.node.source(f"{directory}/{each}") for each in copies)
            found += [flag for source in sources if source is not None for flag in flags_in(source)]
        return found
