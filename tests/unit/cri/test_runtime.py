"""The questions of CRI and what becomes of the answers."""

from __future__ import annotations

import json
import time

import pytest

from cnictl.cri import messages
from cnictl.cri.answers import (
    Condition,
    Container,
    LoadedNetwork,
    PortMapping,
    Sandbox,
    SandboxStatus,
    Version,
)
from cnictl.cri.runtime import Runtime
from cnictl.cri.wire import decode, encode
from cnictl.errors import CriFailed, CriGarbled, CriTimeout
from tests.support.cri import Conversation, FakeRuntime, FakeSocket

NEW, OLD = messages.SERVICES
VERSION = {"version": "0.1.0", "runtime_name": "containerd", "runtime_version": "1.6.20", "runtime_api_version": "v1"}


def answers(method, values, service=NEW):
    return {method.path(service): encode(values, method.response)}


def ask(place, method, values, question=None):
    """What a question gets from a runtime that answers one method."""
    with FakeRuntime(place, answers(method, values)):
        return (question or (lambda runtime: runtime.version()))(Runtime(str(place)))


def again(answer):
    """An answer that was saved and read."""
    return type(answer).from_dict(json.loads(json.dumps(answer.as_dict())))


def test_version(place):
    answer = ask(place, messages.VERSION, VERSION)
    assert answer == Version("runtime.v1", "containerd", "1.6.20", "v1")
    assert again(answer) == answer


def test_who_speaks_only_the_older_cri_is_asked_in_that_and_so_from_then_on(place):
    old = answers(messages.VERSION, VERSION, OLD) | answers(messages.LIST_SANDBOXES, {}, OLD)
    with FakeRuntime(place, old) as server:
        runtime = Runtime(str(place))
        assert runtime.version().service == "runtime.v1alpha2"
        assert runtime.sandboxes() == ()
    assert [call.path for call in server.calls] == [
        "/runtime.v1.RuntimeService/Version",
        "/runtime.v1alpha2.RuntimeService/Version",
        "/runtime.v1alpha2.RuntimeService/ListPodSandbox",
    ]


def test_who_speaks_neither_is_told_by_what_it_says_of_the_newer_one(place):
    with FakeRuntime(place, {}) as server, pytest.raises(CriFailed) as caught:
        Runtime(str(place)).version()
    assert (caught.value.code, caught.value.details) == (12, "unknown service runtime.v1.RuntimeService")
    assert len(server.calls) == 2


def test_another_error_is_no_reason_to_ask_in_the_older_cri(place):
    refusal = {messages.VERSION.path(NEW): (14, "server is not initialized yet")}
    with FakeRuntime(place, refusal) as server, pytest.raises(CriFailed, match="code 14, UNAVAILABLE"):
        Runtime(str(place)).version()
    assert len(server.calls) == 1


def test_both_attempts_together_have_the_time_of_one(place):
    def slow(connection, over):
        conversation = Conversation(connection)
        conversation.listen()
        over.wait(0.3)
        conversation.refuse(12)

    began = time.monotonic()
    with FakeSocket(place, slow), pytest.raises(CriTimeout):
        Runtime(str(place), timeout=0.5).version()
    assert time.monotonic() - began < 1


def test_an_answer_that_is_not_the_message_is_told(place):
    with (
        FakeRuntime(place, {messages.VERSION.path(NEW): b"\x12\x7fcontainerd"}),
        pytest.raises(CriGarbled, match=r"the answer to Version cannot be read: the message breaks off in a field$"),
    ):
        Runtime(str(place)).version()


CNI_CONFIG = {
    "PluginDirs": ["/opt/cni/bin"],
    "Networks": [
        {"Config": {"Name": "pods", "CNIVersion": "1.0.0", "Source": '{"name": "pods"}'}, "IFName": "eth0"},
        {"Config": None},
        7,
    ],
}


def status(place, info, **more):
    return ask(place, messages.STATUS, {"info": info, **more}, Runtime.status)


def test_status(place):
    conditions = [
        {"type": "RuntimeReady", "status": True},
        {"type": "NetworkReady", "status": False, "reason": "NetworkPluginNotReady", "message": "cni: not „ready“"},
    ]
    answer = status(place, {}, status={"conditions": conditions}, runtime_handlers=[{"name": ""}, {"name": "kata"}])
    assert answer.conditions == (
        Condition("RuntimeReady", status=True),
        Condition("NetworkReady", status=False, reason="NetworkPluginNotReady", message="cni: not „ready“"),
    )
    assert answer.condition("NetworkReady") == answer.conditions[1]
    assert answer.condition("Other") is None
    assert (answer.runtime_handlers, answer.networks, answer.load_results) == (("", "kata"), None, {})
    assert again(answer) == answer


def test_status_asks_for_all_there_is(place):
    with FakeRuntime(place, answers(messages.STATUS, {})) as server:
        Runtime(str(place)).status()
    assert decode(server.calls[0].message, messages.STATUS.request) == {"verbose": True}


def test_what_a_runtime_tells_beyond_cri_is_parsed_where_it_is_json(place):
    info = {
        "golang": '"go1.22"',
        "lastCNILoadStatus": "OK",
        "lastCNILoadStatus.default": "cni config load failed: {",
        "number": "1",
        "broken": "{",
        "no JSON": '{"x": NaN}',
        "deep": "[" * 100_000,
        "config": json.dumps({"cni": {"binDir": "/opt/cni/bin"}, "registry": {"auth": "secret"}}),
        "cniconfig": json.dumps(CNI_CONFIG),
    }
    answer = status(place, info)
    assert answer.info == info | {
        "golang": "go1.22",
        "config": {"cni": {"binDir": "/opt/cni/bin"}},
        "cniconfig": CNI_CONFIG,
    }
    assert answer.load_results == {"": "OK", "default": "cni config load failed: {"}
    assert answer.networks == (
        LoadedNetwork("pods", "1.0.0", "eth0", '{"name": "pods"}'),
        LoadedNetwork("", "", "", ""),
        LoadedNetwork("", "", "", ""),
    )
    assert again(answer) == answer


POD = {"metadata": {"name": "web", "uid": "u", "namespace": "default", "attempt": 1}, "created_at": 1 << 60}
ANNOTATIONS = {"kubernetes.io/ingress-bandwidth": "10M", "empty": ""}


def test_sandboxes(place):
    items = [
        {"id": "a", **POD, "annotations": ANNOTATIONS, "runtime_handler": "kata"},
        {"id": "b", "state": 1},
        {"id": "c", "state": 9},
    ]
    found = ask(place, messages.LIST_SANDBOXES, {"items": items}, Runtime.sandboxes)
    assert found == (
        Sandbox("a", "web", "default", "u", "ready", 1 << 60, ANNOTATIONS, "kata"),
        Sandbox("b", "", "", "", "not ready", 0),
        Sandbox("c", "", "", "", "unknown", 0),
    )
    assert tuple(map(again, found)) == found


def sandbox(place, inner, **more):
    values = {"status": {"id": "a", **POD, **more}, "info": {"info": json.dumps(inner)}}
    return ask(place, messages.SANDBOX_STATUS, values, lambda runtime: runtime.sandbox("a"))


CONTAINERD = {
    "pid": 17,
    "config": {
        "port_mappings": [
            {"container_port": 80, "host_port": 8080},
            {"protocol": 1, "container_port": 53, "host_port": 53, "host_ip": "10.0.0.1"},
            {"protocol": 7, "container_port": 1, "host_port": 2},
            {"container_port": 9090},
            None,
        ]
    },
    "runtimeSpec": {"linux": {"namespaces": [{"type": "pid"}, {"type": "network", "path": "/run/netns/a"}]}},
    "cniResult": {"Interfaces": {"eth0": {"Sandbox": "/run/netns/other"}}},
}
PORTS = '[{"HostPort":8080,"ContainerPort":80,"Protocol":"SCTP","HostIP":""}]'
CRIO = {
    "pid": 0,
    "runtimeSpec": {
        "annotations": {"io.kubernetes.cri-o.PortMappings": PORTS},
        "linux": {"namespaces": [{"type": "network", "path": "/var/run/netns/a"}]},
    },
}


def test_a_sandbox_of_containerds(place):
    network = {"ip": "10.0.0.2", "additional_ips": [{"ip": "fd00::2"}]}
    answer = sandbox(place, CONTAINERD, network=network, annotations=ANNOTATIONS, state=0)
    assert answer == SandboxStatus(
        *("a", "web", "default", "u", "ready", 1 << 60),
        annotations=ANNOTATIONS,
        ips=("10.0.0.2", "fd00::2"),
        netns="/run/netns/a",
        pid=17,
        port_mappings=(PortMapping(8080, 80), PortMapping(53, 53, "udp", "10.0.0.1"), PortMapping(2, 1, "7")),
    )
    assert again(answer) == answer


def test_a_sandbox_of_crios(place):
    answer = sandbox(place, CRIO)
    assert (answer.netns, answer.pid) == ("/var/run/netns/a", None)
    assert answer.port_mappings == (PortMapping(8080, 80, "sctp"),)


def test_the_namespace_stands_in_the_plugins_result_too(place):
    interfaces = {"lo": {"Sandbox": "/run/netns/lo"}, "br0": {"Sandbox": ""}, "eth0": {"Sandbox": "/run/netns/b"}}
    assert sandbox(place, {"cniResult": {"Interfaces": interfaces}}).netns == "/run/netns/b"


def test_a_sandbox_with_the_nodes_network(place):
    answer = sandbox(place, {}, linux={"namespaces": {"options": {"network": 2}}})
    assert (answer.host_network, answer.ips, answer.netns) == (True, (), None)


@pytest.mark.parametrize(
    "inner",
    [
        None,
        7,
        [],
        {},
        {"pid": "17", "config": [], "runtimeSpec": {"linux": None}, "cniResult": {"Interfaces": []}},
        {"runtimeSpec": {"linux": {"namespaces": [7, {"type": "network"}]}, "annotations": []}},
        {"runtimeSpec": {"annotations": {"io.kubernetes.cri-o.PortMappings": "{}"}}},
        {"cniResult": {"Interfaces": {"eth0": None, "eth1": {"Sandbox": 7}}}},
    ],
)
def test_what_is_not_told_in_a_known_shape_is_not_known(place, inner):
    answer = sandbox(place, inner)
    assert (answer.pid, answer.netns, answer.port_mappings) == (None, None, None)


def test_the_sandbox_that_is_wanted_is_asked_for(place):
    with FakeRuntime(place, answers(messages.SANDBOX_STATUS, {})) as server:
        Runtime(str(place)).sandbox("a" * 200)
    request = decode(server.calls[0].message, messages.SANDBOX_STATUS.request)
    assert request == {"id": "a" * 200, "verbose": True}


def test_containers(place):
    names = {"id": "c", "sandbox_id": "a", "metadata": {"name": "main", "attempt": 3}}
    items = [
        {**names, "image": {"image": "web:1"}, "image_ref": "sha256:1", "state": 1, "created_at": 5},
        {"id": "d", "state": 3},
    ]
    found = ask(place, messages.LIST_CONTAINERS, {"containers": items}, Runtime.containers)
    assert found == (
        Container("c", "a", "main", 3, "web:1", "sha256:1", "running", 5),
        Container("d", "", "", 0, "", "", "unknown", 0),
    )
    assert tuple(map(again, found)) == found
