"""Whatever stands in the files of runtimes and the kubelet, and whatever they answer, no check breaks."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnictl.doctor.engine import examine
from cnictl.doctor.node import Node
from cnictl.doctor.registry import all_checks
from cnictl.doctor.symptoms import Matcher
from cnictl.report.finding import Status
from tests.support.nodes import NodeTree, plant

CHECKS = [check for check in all_checks() if "CNI811" <= check.code <= "CNI839"]
FILES = (
    *("etc/containerd/config.toml", "etc/containerd/conf.d/x.toml", "etc/crio/crio.conf", "etc/crio/crio.conf.d/x.bak"),
    *("etc/containers/containers.conf", "var/lib/dpkg/status", "etc/resolv.conf", "etc/crictl.yaml"),
    *("var/lib/kubelet/kubeadm-flags.env", "var/lib/kubelet/kubeadm-flags.env.bak", "var/lib/kubelet/config.yaml"),
    *("var/lib/kubelet/instance-config.yaml", "etc/default/kubelet", "etc/rancher/k3s/config.yaml"),
    *("usr/lib/systemd/system/kubelet.service", "etc/systemd/system/kubelet.service.d/10.conf"),
    *("usr/lib/systemd/system/containerd.service", "usr/lib/systemd/system/cri-docker.service"),
    *("etc/kubernetes/manifests/kube-apiserver.yaml", "etc/cni/net.d/10-x.conflist", "etc/containerd/cni.template"),
    *("proc/1/mountinfo", "proc/sys/fs/inotify/max_user_instances", "run/containerd/containerd.sock", "usr/bin/crio"),
)
RUNTIMES = ("containerd", "cri-o", "podman")
LINES = r"""
version = 2
imports = ["conf.d/*.toml", "/x"]
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/b"
max_conf_num = 0
conf_template = "/etc/containerd/cni.template"
disabled_plugins = ['cri']
[crio.network]
cni_default_network = "x"
[Service]
ExecStart=/usr/bin/kubelet $A ${B}
EnvironmentFile=-/etc/default/kubelet
A=--network-plugin=cni --cni-bin-dir /x --network-plugin-mtu=99999
--container-runtime-endpoint=/x
kind: KubeletConfiguration
clusterDNS: [x, 10.0.0.10]
resolvConf: /etc/resolv.conf
cgroupDriver: x
runtime-endpoint: unix:///var/run/dockershim.sock
nameserver 127.0.0.1%x
search a b
kubelet-arg: [a=b]
Package: kubelet
Status: x installed
Version: 1.28.3
Package: containerd
kind: Pod
spec: {containers: [{ports: [{hostPort: 1}]}], volumes: [{hostPath: {path: /var/run/docker.sock}}]}
22 1 0:1 / /etc rw - overlay overlay rw
--service-cluster-ip-range=10.0.0.0/8,x
"""
WORDS = st.sampled_from([f"{line}\n" for line in LINES.split("\n")])


def breaks(node: Node) -> list[str]:
    return [result.summary for result in examine(node, CHECKS).checks if result.status is Status.ERROR]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_files(tmp_path_factory, data):
    content = st.binary(max_size=40) | st.lists(WORDS, max_size=6).map("".join).map(str.encode)
    entries = {path: data.draw(content) for path in data.draw(st.sets(st.sampled_from(FILES), max_size=12))}
    root = plant(tmp_path_factory.mktemp("node"), {"var/lib/kubelet/x": "", **entries})
    assert breaks(Node(NodeTree(root), runtime=data.draw(st.sampled_from(("auto", *RUNTIMES))))) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries(dict.fromkeys(("config", "cniconfig", "lastCNILoadStatus"), JSON)) | JSON, JSON, JSON)
def test_any_answers(tmp_path_factory, info, version, sandboxes):
    status = {"conditions": [{"type": "NetworkReady", "status": False}], "info": info}
    answers = {
        "cri": {"status": status, "version": version, "sandboxes": sandboxes},
        "processes": [[7, ["/usr/bin/containerd"], 0.0], [8, [], 0.0]],
        "connect": {"unix:/run/containerd/containerd.sock": None},
        "survey": {},
        "watchers": [],
    }
    files = {"run/containerd/containerd.sock": "", "var/lib/kubelet/x": "", "etc/cni/net.d/10-x.conflist": "{}"}
    root = plant(tmp_path_factory.mktemp("node"), files)
    assert breaks(Node(NodeTree(root, live=True, answers=answers))) == []


SAID = r"""
CNI811 err="failed to parse kubelet flag: unknown flag: --network-plugin"
CNI811 Error: unknown flag: --container-runtime
CNI812 dial unix /var/run/dockershim.sock: connect: no such file or directory
CNI812 failed to validate kubelet flags: the container runtime endpoint address was not specified or empty
CNI814 dial unix /run/containerd/containerd.sock: connect: connection refused
CNI815 Found multiple CRI endpoints on the host. Please define which one do you wish to use
CNI816 rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService
CNI816 containerd: failed to load TOML from /c.toml: invalid disabled plugin URI "cri" expect io.containerd.x.vx
CNI818 containerd: failed to load TOML: /etc/containerd/config.toml: (2, 2): unexpected token
CNI819 containerd: failed to load TOML from /c.toml: invalid plugin key URI "cri" expect io.containerd.x.vx
CNI822 NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error
CNI829 failed (add): incompatible CNI versions; config is "1.0.0", plugin supports ["0.1.0"]
CNI830 plugin type="bridge" failed (add): failed to find plugin "bridge" in path [/opt/cni/bin]
CNI832 failed to get sandbox image "k8s.gcr.io/pause:3.5"
CNI833 failed to create fsnotify watcher: too many open files
CNI834 failed to reserve sandbox name "web_shop_1_0"
CNI838 [FATAL] plugin/loop: Loop (127.0.0.1:55953 -> :1053) detected for zone ".", see https://coredns.io
CNI839 read udp 10.0.0.2:1->169.254.20.10:53: i/o timeout
"""


@pytest.mark.parametrize("said", SAID.strip().split("\n"))
def test_what_programs_say_leads_to_the_check(said):
    code, _, line = said.partition(" ")
    matcher = Matcher(CHECKS)
    matcher.read([line])
    assert code in {symptom.code for symptom in matcher.found()}
