"""podman with its CNI backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.image import busybox
from tests.e2e.machine import PARENT, Container

if TYPE_CHECKING:
    from tests.e2e.machine import Machine

# Locks are in files: those in shared memory would be the host's, and would count for every podman there.
_CONFIG = """
[containers]
apparmor_profile = "unconfined"
log_driver = "k8s-file"
[network]
network_backend = "cni"
cni_plugin_dirs = ["{bin_dir}"]
network_config_dir = "{conf_dir}"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
"""
_STORAGE = """
[storage]
driver = "vfs"
graphroot = "/var/lib/containers"
runroot = "/run/containers"
"""


class Podman:
    """podman in a machine.

    Args:
        machine: The machine.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._files = machine.scratch / "podman"
        (self._files / "root").mkdir(parents=True)
        program = self._files / "root" / "sleep"
        program.write_bytes(busybox().read_bytes())
        program.chmod(0o755)
        places = {"bin_dir": machine.bin_dir, "conf_dir": machine.conf_dir}
        (self._files / "containers.conf").write_text(_CONFIG.format(**places))
        (self._files / "storage.conf").write_text(_STORAGE)

    def run(self, *arguments: str) -> str:
        """Runs podman and gives back what it printed."""
        variables = [
            f"CONTAINERS_CONF={self._files}/containers.conf",
            f"CONTAINERS_STORAGE_CONF={self._files}/storage.conf",
        ]
        return self.machine.run("env", *variables, "podman", *arguments).stdout.strip()

    def start(self) -> Container:
        """Runs a container with the host port 8080."""
        options = ["--detach", "--network", "pods", "--publish", "8080:80", "--cgroup-parent", f"/{PARENT}"]
        container_id = self.run("run", *options, "--rootfs", str(self._files / "root"), "/sleep", "3600")
        return Container(
            container_id,
            self.run("inspect", "--format", "{{.NetworkSettings.SandboxKey}}", container_id),
            self.run("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container_id),
        )

    def remove(self, container: Container) -> None:
        """Stops a container, which takes its network away, and removes it."""
        self.run("rm", "--force", "--time", "0", container.container_id)
