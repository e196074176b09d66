"""cnictl asks a real containerd over its socket."""

from __future__ import annotations

import json
import subprocess

import pytest

from cnictl.cri.answers import Condition, PortMapping, SandboxStatus, Status
from cnictl.cri.inspect import crio_config
from cnictl.cri.runtime import UNIMPLEMENTED, Runtime
from cnictl.errors import CriFailed, CriGarbled, CriUnreachable
from tests.e2e.image import NAME
from tests.e2e.machine import PARENT, wait_until

pytestmark = [pytest.mark.netns, pytest.mark.e2e]

SOCKET = "run/containerd/containerd.sock"


@pytest.fixture
def runtime(machine, containerd):
    """The machine's containerd, as cnictl asks it."""
    return Runtime(str(machine.root / SOCKET))


def test_version_tells_who_answers(machine, runtime):
    version = runtime.version()
    assert (version.service, version.name, version.api_version) == ("runtime.v1", "containerd", "v1")
    assert version.version in machine.run("containerd", "--version").stdout


def test_status_tells_the_network_that_is_in_memory(machine, runtime):
    status = runtime.status()
    assert status.condition("RuntimeReady") == Condition("RuntimeReady", status=True)
    assert status.condition("NetworkReady") == Condition("NetworkReady", status=True)
    assert status.info["config"]["cni"]["confDir"] == str(machine.conf_dir)
    assert "registry" not in status.info["config"]
    loopback, pods = status.networks
    assert (loopback.name, loopback.ifname, loopback.cni_version) == ("cni-loopback", "lo", "0.3.1")
    assert (pods.name, pods.ifname, pods.cni_version) == ("pods", "eth0", "1.0.0")
    assert pods.source == (machine.conf_dir / "10-pods.conflist").read_text()
    assert status.load_results == {"": "OK", "default": "OK"}
    assert Status.from_dict(json.loads(json.dumps(status.as_dict()))) == status


def test_status_tells_why_there_is_no_network(machine, runtime):
    (machine.conf_dir / "10-pods.conflist").write_text("{")
    wait_until(lambda: not runtime.status().condition("NetworkReady").status, "containerd has not read the file")
    status = runtime.status()
    condition = status.condition("NetworkReady")
    assert condition.reason == "NetworkPluginNotReady"
    assert condition.message == "Network plugin returns error: cni plugin not initialized"
    assert "10-pods.conflist" in status.load_results["default"]


def test_a_pod_is_seen_from_its_beginning_to_its_end(machine, containerd, runtime):
    pod = containerd.start()
    (sandbox,) = runtime.sandboxes()
    assert (sandbox.id, sandbox.name, sandbox.namespace, sandbox.uid) == (pod.container_id, "web", "default", "uid-web")
    assert (sandbox.state, sandbox.annotations["kubernetes.io/ingress-bandwidth"]) == ("ready", "10M")
    status = runtime.sandbox(pod.container_id)
    assert (status.ips, status.netns, status.host_network) == ((pod.address,), pod.netns, False)
    assert status.port_mappings == (PortMapping(8080, 80),)
    assert (status.created_at, status.annotations) == (sandbox.created_at, sandbox.annotations)
    assert SandboxStatus.from_dict(json.loads(json.dumps(status.as_dict()))) == status
    containerd.call("StopPodSandbox", {1: pod.container_id})
    assert [each.state for each in runtime.sandboxes()] == ["not ready"]
    assert runtime.sandbox(pod.container_id).state == "not ready"
    containerd.remove(pod)
    assert runtime.sandboxes() == ()
    with pytest.raises(CriFailed, match=r"\(code 5, NOT_FOUND\)$"):
        runtime.sandbox(pod.container_id)


def test_containers_are_told_with_image_and_state(containerd, runtime):
    pod = containerd.start()
    config = {1: {1: "main"}, 2: {1: NAME}}
    sandbox_config = {1: {1: "web", 2: "uid-web", 3: "default"}, 8: {1: f"/{PARENT}"}}
    (created,) = containerd.call("CreateContainer", {1: pod.container_id, 2: config, 3: sandbox_config})[1]
    (container,) = runtime.containers()
    assert (container.id, container.sandbox_id, container.name) == (created.decode(), pod.container_id, "main")
    assert (container.image, container.state, container.attempt) == (NAME, "created", 0)
    assert container.image_ref.startswith("sha256:")
    containerd.call("StartContainer", {1: container.id})
    assert [each.state for each in runtime.containers()] == ["running"]
    containerd.call("StopContainer", {1: container.id})
    assert [each.state for each in runtime.containers()] == ["exited"]
    containerd.remove(pod)


def test_a_pod_with_the_nodes_network_is_known_as_one(containerd, runtime):
    own = {1: f"/{PARENT}", 2: {1: {1: 2, 2: 1, 3: 0}}}
    config = {1: {1: "agent", 2: "uid-agent", 3: "kube-system"}, 8: own}
    (created,) = containerd.call("RunPodSandbox", {1: config})[1]
    status = runtime.sandbox(created.decode())
    assert (status.host_network, status.netns, status.ips, status.port_mappings) == (True, None, (), ())
    for method in ("StopPodSandbox", "RemovePodSandbox"):
        containerd.call(method, {1: created.decode()})


def test_containerd_is_not_taken_for_crio(machine, runtime):
    with pytest.raises(CriGarbled, match="it does not speak HTTP"):
        crio_config(str(machine.root / SOCKET))


@pytest.fixture
def without_cri(machine):
    """containerd as Docker's packages set it up; it ends with the machine."""
    config = machine.scratch / "docker.toml"
    config.write_text(f'disabled_plugins = ["cri"]\n[plugins.opt]\n  path = "{machine.scratch}/opt"\n')
    command = machine.inside(["containerd", "--config", str(config)])
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        yield Runtime(str(machine.root / SOCKET))
        process.terminate()


def refusal(runtime):
    """The error that a runtime answers with; ``None`` when it does not answer."""
    try:
        runtime.version()
    except CriFailed as error:
        return error
    except CriUnreachable:
        pass
    return None


def test_containerd_without_cri_says_so(without_cri):
    wait_until(lambda: refusal(without_cri) is not None, "containerd does not answer")
    error = refusal(without_cri)
    assert (error.code, error.details) == (UNIMPLEMENTED, "unknown service runtime.v1.RuntimeService")
