"""A containerd of the tests' own, and pods in it (Kubernetes' CRI, ``runtime.v1``)."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Self

from tests.e2e import grpc
from tests.e2e.image import NAME, write_image
from tests.e2e.machine import PARENT, Container, wait_until
from tests.e2e.protobuf import Message, decode, encode

if TYPE_CHECKING:
    from types import TracebackType

    from tests.e2e.machine import Machine

_SOCKET = "/run/containerd/containerd.sock"
_CRI = 'plugins."io.containerd.grpc.v1.cri"'
_CONFIG = """
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[{cri}]
  sandbox_image = "{image}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [{cri}.containerd]
    snapshotter = "native"
  [{cri}.cni]
    bin_dir = "{bin_dir}"
    conf_dir = "{conf_dir}"
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
"""
_OWN_NETWORK = {1: {1: 0, 2: 1, 3: 0}}


class Containerd:
    """containerd with the CRI plugin, in a machine; it ends with it.

    Args:
        machine: The machine.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._socket = machine.root / _SOCKET.removeprefix("/")
        self._log = machine.scratch / "containerd.log"

    def __enter__(self) -> Self:
        config, image = self.machine.scratch / "containerd.toml", self.machine.scratch / "pause.tar"
        places = {"bin_dir": self.machine.bin_dir, "conf_dir": self.machine.conf_dir}
        config.write_text(_CONFIG.format(cri=_CRI, image=NAME, **places))
        write_image(image)
        command = self.machine.inside(["containerd", "--config", str(config)])
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_until(self._is_ready, "containerd is not ready")
        except TimeoutError as error:
            error.add_note(self._log.read_text()[-2000:])
            raise
        self.machine.run("ctr", "--address", _SOCKET, "--namespace", "k8s.io", "images", "import", str(image))
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(20)

    def call(self, method: str, request: Message) -> dict[int, list[bytes]]:
        """Calls a method of CRI's RuntimeService."""
        return decode(grpc.call(self._socket, f"/runtime.v1.RuntimeService/{method}", encode(request)))

    def _is_ready(self) -> bool:
        """Whether it has read the network's config."""
        try:
            status = decode(self.call("Status", {})[1][0])
        except (OSError, grpc.CallFailed):
            return False
        conditions = [decode(condition) for condition in status[1]]
        return all(condition.get(2) == [1] for condition in conditions)

    def wait_for_network(self, name: str) -> None:
        """Waits until containerd has read a new config."""

        def has_read() -> bool:
            info = dict(_pair(entry) for entry in self.call("Status", {1: True})[2])
            return f'"{name}"' in info["cniconfig"]

        wait_until(has_read, f"containerd has not read the network {name}")

    def start(self) -> Container:
        """Runs a pod with the host port 8080 and limits of its bandwidth."""
        limits = [{1: f"kubernetes.io/{way}-bandwidth", 2: "10M"} for way in ("ingress", "egress")]
        config = {
            1: {1: "web", 2: "uid-web", 3: "default"},
            2: "web",
            5: [{1: 0, 2: 80, 3: 8080}],
            7: limits,
            8: {1: f"/{PARENT}", 2: _OWN_NETWORK},
        }
        container_id = self.call("RunPodSandbox", {1: config})[1][0].decode()
        return self._container(container_id)

    def _container(self, container_id: str) -> Container:
        answer = self.call("PodSandboxStatus", {1: container_id, 2: True})
        address = decode(decode(answer[1][0])[5][0])[1][0].decode()
        info = json.loads(dict(_pair(entry) for entry in answer[2])["info"])
        namespaces = {each["type"]: each.get("path", "") for each in info["runtimeSpec"]["linux"]["namespaces"]}
        return Container(container_id, namespaces["network"], address)

    def remove(self, container: Container) -> None:
        """Stops a pod, which takes its network away, and removes it."""
        self.call("StopPodSandbox", {1: container.container_id})
        self.call("RemovePodSandbox", {1: container.container_id})


def _pair(entry: bytes) -> tuple[str, str]:
    fields = decode(entry)
    return fields[1][0].decode(), fields[2][0].decode()
