"""The node: what several checks ask, each thing once."""

from __future__ import annotations

import pytest

from cnictl.doctor.node import Node
from cnictl.doctor.registry import Skip
from cnictl.errors import PluginCrashed
from cnictl.testing import FakeExecutor
from tests.support.nodes import ELSEWHERE, NETNS, Link, NodeTree, own_netns, plant

LIST = '{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {"type": "host-local"}}]}'
SINGLE = '{"cniVersion": "1.0.0", "name": "one", "type": "macvlan"}'
VERSIONS = {"cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0"]}


@pytest.fixture
def made(tmp_path):
    """Makes a node of files; the keywords are those of the tree and of the node."""

    def make(entries, *, denied=(), **options):
        return Node(NodeTree(plant(tmp_path, entries), denied=denied), **options)

    return make


def names(node: Node) -> list[str]:
    return [config.path for config in node.configs]


def test_configs_are_those_that_runtimes_read_in_their_order(made):
    files = ["9-z.conflist", "10-a.conf", "10-A.json", ".hidden.conflist", "x.yaml", "x.conflist.bak"]
    node = made({f"etc/cni/net.d/{name}": SINGLE for name in files} | {"etc/cni/net.d/d.conflist/x": ""})
    assert names(node) == [
        f"/etc/cni/net.d/{name}" for name in (".hidden.conflist", "10-A.json", "10-a.conf", "9-z.conflist")
    ]


def test_a_directory_that_is_not_there_holds_no_configs(made):
    node = made({"etc/hostname": "x"})
    assert node.configs == []
    with pytest.raises(Skip, match=r"^/etc/cni/net\.d holds no network config that could be looked at$"):
        list(node.networks())


def test_another_config_directory(made):
    node = made({"srv/net/10-x.conflist": LIST}, conf_dir="/srv/net/")
    assert names(node) == ["/srv/net/10-x.conflist"]
    assert node.facts()["confDir"] == "/srv/net/"


def test_a_directory_that_may_not_be_read(made):
    node = made({"etc/cni/net.d/10-x.conflist": LIST}, denied=["/etc/cni/net.d"])
    with pytest.raises(Skip, match=r"^/etc/cni/net\.d: permission denied$"):
        node.configs  # noqa: B018  # asking is enough
    assert node.facts()["configs"] == []


def test_configs_that_cannot_be_understood_are_no_networks(made):
    files = {"10-ok.conflist": LIST, "20-broken.conflist": '{"name": "x"', "30-list.json": "[]", "40-one.conf": SINGLE}
    node = made({f"etc/cni/net.d/{name}": text for name, text in files.items()})
    assert [(config.path[15:], network.name) for config, network in node.networks()] == [
        ("10-ok.conflist", "pods"),
        ("40-one.conf", "one"),
    ]
    assert [plugin.type for _, plugin in node.plugins()] == ["bridge", "macvlan"]


def test_configs_are_read_once(made, monkeypatch):
    node = made({"etc/cni/net.d/10-x.conflist": LIST})
    assert len(node.configs) == 1
    monkeypatch.setattr(node.host, "list_dir", None)
    monkeypatch.setattr(node.host, "read_bytes", None)
    assert [network.name for _, network in node.networks()] == ["pods"]


def test_what_a_config_is_called(made):
    texts = {"1.conflist": LIST, "2.conflist": '{"plugins": []}', "3.conflist": "{"}
    node = made({f"etc/cni/net.d/{name}": text for name, text in texts.items()})
    assert [config.title for config in node.configs] == ["pods", "2.conflist", "3.conflist"]


def test_a_place_in_a_config(made):
    node = made({"etc/cni/net.d/10-x.conflist": LIST})
    ((config, plugin),) = node.plugins()
    place = config.location(plugin.node.label)
    assert (place.file, place.line, place.column, place.pointer) == (
        "/etc/cni/net.d/10-x.conflist",
        1,
        53,
        "/plugins/0",
    )
    assert config.location().line is None


@pytest.mark.parametrize(
    ("there", "usual"),
    [
        ([], "/opt/cni/bin"),
        (["opt/cni/bin", "usr/lib/cni"], "/opt/cni/bin"),
        (["usr/lib/cni", "usr/libexec/cni"], "/usr/lib/cni"),
        (["usr/libexec/cni"], "/usr/libexec/cni"),
    ],
)
def test_the_usual_plugin_directory_is_the_first_that_is_there(made, there, usual):
    assert made({f"{directory}/x": "" for directory in there}).bin_dirs == [usual]


def test_a_file_in_the_place_of_the_plugin_directory_is_passed_over(made):
    assert made({"opt/cni/bin": "", "usr/lib/cni/x": ""}).bin_dirs == ["/usr/lib/cni"]


def test_the_first_plugin_directory_wins(made):
    node = made({"a/x": "", "b/x": "", "b/y": "", "a/y/file": ""}, bin_dirs=["/a/", "/b"])
    assert node.plugin_path("x") == "/a/x"
    assert node.plugin_path("y") == "/b/y"
    assert node.plugin_path("z") is None


@pytest.mark.parametrize("plugin", ["../../../bin/sh", "/bin/sh", "", ".", "..", "a\0b"])
def test_a_type_that_is_a_path_is_no_plugin_and_never_run(made, plugin):
    executor = FakeExecutor()
    node = made({"opt/cni/bin/x": "", "bin/sh": ""}, executor=executor)
    assert node.plugin_path(plugin) is None
    assert node.plugin_versions(plugin) is None
    assert executor.invocations == []


def test_a_plugin_is_asked_once_with_a_time_limit(made, tmp_path):
    executor = FakeExecutor()
    executor.script("bridge", "VERSION", answer=VERSIONS)
    node = made({"opt/cni/bin/bridge": Link("/usr/lib/cni/bridge"), "usr/lib/cni/bridge": ""}, executor=executor)
    assert node.plugin_versions("bridge") == ("0.4.0", "1.0.0")
    assert node.plugin_versions("bridge") == ("0.4.0", "1.0.0")
    (invocation,) = executor.invocations
    assert invocation.path == tmp_path / "usr/lib/cni/bridge"
    assert invocation.environment["CNI_COMMAND"] == "VERSION"
    executor.script("slow", "VERSION", status=None, timed_out=True)
    plant(tmp_path, {"opt/cni/bin/slow": ""})
    assert str(node.plugin_versions("slow")) == "did not end within 5 s and was stopped"


def test_why_a_plugin_does_not_tell_its_versions(made):
    executor = FakeExecutor()
    executor.script("bridge", "VERSION", status=1)
    node = made({"opt/cni/bin/bridge": ""}, executor=executor)
    answer = node.plugin_versions("bridge")
    assert isinstance(answer, PluginCrashed)
    assert node.plugin_versions("bridge") is answer
    assert node.plugin_versions("portmap") is None


def test_plugins_of_a_node_that_is_only_mounted_are_not_run(made):
    node = made({"opt/cni/bin/bridge": ""})
    with pytest.raises(Skip, match=r"^the plugins of a node that is only mounted are not run"):
        node.plugin_versions("bridge")


@pytest.mark.parametrize(
    ("trace", "runtimes"),
    [
        ("etc/containerd/config.toml", ["containerd"]),
        ("run/containerd/containerd.sock", ["containerd"]),
        ("usr/bin/crio", ["cri-o"]),
        ("etc/crio/crio.conf.d/x.conf", ["cri-o"]),
        ("run/cri-dockerd.sock", ["cri-dockerd"]),
        ("var/lib/rancher/k3s/agent/x", ["k3s"]),
        ("var/lib/rancher/rke2/agent/x", ["RKE2"]),
        ("run/k3s/containerd/containerd.sock", ["k3s"]),
        ("usr/bin/podman", ["podman"]),
        ("usr/bin/docker", []),
    ],
)
def test_traces_of_runtimes(made, trace, runtimes):
    assert made({trace: ""}).runtimes == runtimes


def test_rke2_has_the_socket_of_k3s(made):
    assert made({"run/k3s/containerd/containerd.sock": "", "var/lib/rancher/rke2/x": ""}).runtimes == ["RKE2"]


@pytest.mark.parametrize(
    "trace", ["var/lib/kubelet/config.yaml", "etc/kubernetes/x", "usr/bin/kubelet", "var/lib/rancher/k3s/x"]
)
def test_traces_of_a_kubelet(made, trace):
    assert made({trace: ""}).has_kubelet


def test_no_trace_of_a_kubelet(made):
    assert not made({"usr/bin/kubectl": ""}).has_kubelet


def test_a_kernel_setting(made, tmp_path):
    node = made({"proc/sys/net/ipv4/ip_forward": "1\n", "proc/sys/net/odd": b"\xff\n"})
    own_netns(tmp_path)
    assert node.sysctl("net.ipv4.ip_forward") == "1"
    assert node.sysctl("net.odd") == "\ufffd"
    assert node.sysctl("net.bridge.bridge-nf-call-iptables") is None
    with pytest.raises(Skip, match=r"^/proc/sys/net/ipv4: is a directory, not a file$"):
        node.sysctl("net.ipv4")


@pytest.mark.parametrize("netns", [{}, {NETNS: ELSEWHERE}])
def test_kernel_settings_of_another_network_namespace_tell_nothing(made, netns):
    node = made({"proc/sys/net/ipv4/ip_forward": "0\n", **netns})
    with pytest.raises(Skip, match=r"^/proc/sys shows the settings of another network namespace; run with the host's"):
        node.sysctl("net.ipv4.ip_forward")


def test_no_kernel_to_ask(made):
    with pytest.raises(Skip, match=r"^there is no /proc/sys here, so the kernel's settings cannot be seen$"):
        made({"etc/hostname": ""}).sysctl("net.ipv4.ip_forward")


def test_facts(made):
    node = made(
        {"etc/cni/net.d/10-x.conflist": "{", "usr/lib/cni/bridge": "", "usr/bin/crio": "", "usr/bin/kubelet": ""}
    )
    assert node.facts() == {
        "hostname": "",
        "live": False,
        "confDir": "/etc/cni/net.d",
        "configs": ["/etc/cni/net.d/10-x.conflist"],
        "binDirs": ["/usr/lib/cni"],
        "runtimes": ["cri-o"],
        "runtime": "CRI-O",
        "kubelet": True,
        "kubeletVersion": None,
    }
