"""The kubelet's flags, its config and static pods."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.kubelet import KubeletConfig, arguments_of, flags_in, flags_of, rancher_flags, static_pods
from cnictl.foreign.systemd import read_unit
from cnictl.text.source import Source


def source(text, path="kubelet"):
    return Source(path, text.encode() if isinstance(text, str) else text)


def shown(flags):
    return [(flag.name, flag.value, flag.written) for flag in flags]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'A="--network-plugin cni --cni-bin-dir=/x"\n',
            [("network-plugin", "cni", "--network-plugin cni"), ("cni-bin-dir", "/x", "--cni-bin-dir=/x")],
        ),
        ("--a=1\n--b\n--c=", [("a", "1", "--a=1"), ("b", "", "--b"), ("c", "", "--c=")]),
        ("# --a=1\n ; --b\n", []),
        ("--my--a=1 x--a --A=1 --a_b=1", [("my--a", "1", "--my--a=1")]),
        ("ExecStart=/k --a $B --c", [("a", "", "--a"), ("c", "", "--c")]),
        ("[\"--a=1\", '--b']", [("a", "1", "--a=1"), ("b", "", "--b")]),
        ("--a \\\n  --b=2", [("a", "", "--a"), ("b", "2", "--b=2")]),
    ],
)
def test_flags_in_files(text, wanted):
    assert shown(flags_in(source(text))) == wanted


def test_flags_of_a_command():
    unit = read_unit([source("[Service]\nExecStart=/k --a=1 --b two three -c --d\n")])
    flags = flags_of(unit.command(lambda _: None))
    assert shown(flags) == [("a", "1", "--a=1"), ("b", "two", "--b two"), ("c", "", "-c"), ("d", "", "--d")]
    assert flags[1].location.column == 20
    assert flags[1].setting.value == "two"


def test_flags_of_a_process():
    assert arguments_of(["--a=1", "--b", "2", "3", "--c", "--d="]) == {"a": "1", "b": "2", "c": "", "d": ""}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('kubelet-arg:\n  - "network-plugin-mtu=1400"\n', [("network-plugin-mtu", "1400", 2, 6)]),
        ('kubelet-arg: ["--cni-conf-dir=/etc/cni/net.d"]', [("cni-conf-dir", "/etc/cni/net.d", 1, 16)]),
        ("kubelet-arg: fail-swap-on=false\n", [("fail-swap-on", "false", 1, 14)]),
        ("kubelet-arg+: [a]\nnode-label: [b=c]", [("a", "", 1, 16)]),
        ("kubelet-arg: {a: b}", []),
        ("- kubelet-arg", []),
        ("a: [", []),
    ],
)
def test_flags_of_k3s(text, wanted):
    found = rancher_flags(source(text, "config.yaml"))
    assert [(flag.name, flag.value, flag.location.line, flag.location.column) for flag in found] == wanted


def test_a_config():
    config = KubeletConfig(source("kind: KubeletConfiguration\nclusterDNS:\n- 10.96.0.10\nresolvConf: /r\nx: null\n"))
    assert config.problem is None
    found = config.get("resolvConf")
    assert found is not None
    assert (found.value, found.origin) == ("/r", "kubelet:4")
    assert [item.value for item in config.items("clusterDNS")] == ["10.96.0.10"]
    assert config.get("x") is None
    assert config.get("none") is None
    assert config.items("none") == []


@pytest.mark.parametrize("text", ["", "- a", "a: [", "\x00"])
def test_no_config(text):
    config = KubeletConfig(source(text))
    assert config.get("kind") is None


POD = """apiVersion: v1
kind: Pod
metadata: {name: proxy, annotations: {kubernetes.io/ingress-bandwidth: 1M}}
spec:
  containers:
  - image: registry.k8s.io/kube-apiserver:v1.28.3
    ports:
    - {containerPort: 80, hostPort: 8080}
    - {containerPort: 53, hostPort: 53, protocol: UDP}
    - {containerPort: 1}
    - {hostPort: x}
    - {hostPort: 0}
  volumes:
  - hostPath: {path: /var/run/docker.sock}
  - emptyDir: {}
"""


def test_a_static_pod():
    (pod,) = static_pods(source(POD))
    assert (pod.name, pod.host_network) == ("proxy", False)
    assert [(port.port, port.protocol, port.location.line) for port in pod.host_ports] == [
        (8080, "TCP", 8),
        (53, "UDP", 9),
    ]
    assert [image.value for image in pod.images] == ["registry.k8s.io/kube-apiserver:v1.28.3"]
    assert [(path.value, path.origin) for path in pod.host_paths] == [("/var/run/docker.sock", "kubelet:14")]
    assert pod.annotations["kubernetes.io/ingress-bandwidth"].value == "1M"
    (host,) = static_pods(source('{"kind": "Pod", "spec": {"hostNetwork": true}}'))
    assert host.host_network


@pytest.mark.parametrize(
    "text", ["", "kind: Service", "kind: Pod", "kind: Pod\nspec: []", "kind: Pod\nmetadata: x", "a: ["]
)
def test_odd_pods(text):
    for pod in static_pods(source(text)):
        assert pod.host_ports == ()


@given(st.binary(max_size=80))
def test_any_bytes(data):
    text = source(data)
    list(flags_in(text))
    list(rancher_flags(text))
    static_pods(text)
    KubeletConfig(text).items("clusterDNS")
