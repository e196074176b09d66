"""Which runtime counts, where it looks, and how that is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.doctor.facts.kinds import KINDS, kinds_at, plain_socket
from cnictl.doctor.facts.libcni import libcni_of, newest_spec
from cnictl.doctor.facts.packages import STATUS, installed_version, numbers
from cnictl.doctor.node import Node
from cnictl.model.version import SpecVersion
from tests.support.nodes import Link, NodeTree, plant

CRI = '[plugins."io.containerd.grpc.v1.cri".cni]\n'
CONFIG = f'version = 2\n{CRI}bin_dir = "/srv/bin"\nconf_dir = "/srv/net/"\n'
ENDPOINT = "var/lib/kubelet/kubeadm-flags.env"
SOCKET = "/run/containerd/containerd.sock"
CRIO_FLAG = 'A="--container-runtime-endpoint=unix:///var/run/crio/crio.sock"\n'
BOTH = {"etc/containerd/config.toml": CONFIG, "usr/bin/crio": "", "etc/crio/crio.conf.d/x.conf": ""}


@pytest.fixture
def made(tmp_path):
    """Makes a node of files; the keywords are those of the tree and of the node."""

    def make(entries, *, answers=None, **options):
        return Node(NodeTree(plant(tmp_path, entries), live=answers is not None, answers=answers), **options)

    return make


def status(conf_dir="/srv/net", **cni):
    info = {"config": {"cni": {"confDir": conf_dir, **cni}}}
    return {"conditions": [{"type": "NetworkReady", "status": True}], "info": info}


@pytest.mark.parametrize(
    ("entries", "options", "wanted"),
    [
        ({}, {}, None),
        ({"etc/containerd/config.toml": ""}, {}, "containerd"),
        ({"run/containerd/containerd.sock": ""}, {}, "containerd"),
        ({"usr/bin/podman": ""}, {}, "podman"),
        ({"usr/bin/podman": "", "usr/bin/crio": ""}, {}, "CRI-O"),
        (BOTH, {}, "containerd"),
        (BOTH | {ENDPOINT: CRIO_FLAG}, {}, "CRI-O"),
        (BOTH | {ENDPOINT: CRIO_FLAG}, {"runtime": "containerd"}, "containerd"),
        (BOTH, {"runtime": "none"}, None),
        (BOTH, {"runtime": "podman"}, "podman"),
        (BOTH, {"cri_socket": "unix:///var/run/crio/crio.sock"}, "CRI-O"),
        (BOTH, {"cri_socket": "/srv/own.sock"}, "containerd"),
        (BOTH | {ENDPOINT: CRIO_FLAG.replace("crio/crio", "dockershim")}, {}, "containerd"),
        (BOTH | {ENDPOINT: CRIO_FLAG.replace("crio/crio", "cri-dockerd")}, {}, "cri-dockerd"),
        ({"var/lib/rancher/k3s/agent/x": "", "run/k3s/containerd/containerd.sock": ""}, {}, "k3s's containerd"),
        ({"var/lib/rancher/rke2/agent/x": "", "run/k3s/containerd/containerd.sock": ""}, {}, "RKE2's containerd"),
        ({"var/lib/k0s/bin/containerd": ""}, {}, "k0s's containerd"),
        ({"var/snap/microk8s/current/args/containerd.toml": ""}, {}, "microk8s's containerd"),
    ],
)
def test_which_runtime_counts(made, entries, options, wanted):
    runtime = made(entries, **options).runtime
    assert (runtime.called if runtime else None) == wanted


def test_one_that_runs_counts_more_than_one_that_is_installed(made):
    node = made(BOTH, answers={"processes": [[7, ["/usr/bin/crio"], 1.0]]})
    assert node.runtime.name == "cri-o"


def test_where_containerd_looks(made):
    node = made({"etc/containerd/config.toml": CONFIG, "etc/cni/net.d/10-x.conflist": "{}"})
    assert (node.conf_dir, node.bin_dirs) == ("/srv/net", ["/srv/bin"])
    assert node.runtime.conf_dir.origin == "/etc/containerd/config.toml:4"
    assert node.runtime.bin_dirs.location.line == 3
    assert node.facts()["confDir"] == "/srv/net"


def test_what_the_user_names_counts_more(made):
    node = made({"etc/containerd/config.toml": CONFIG}, conf_dir="/a", bin_dirs=["/b"])
    assert (node.conf_dir, node.bin_dirs) == ("/a", ["/b"])


def test_without_a_config_the_directories_that_are_there_count(made):
    node = made({"usr/bin/containerd": "", "usr/lib/cni/bridge": ""})
    assert (node.conf_dir, node.bin_dirs, node.runtime.conf_dir) == ("/etc/cni/net.d", ["/usr/lib/cni"], None)


def test_what_the_daemon_says_counts_more_than_its_file(made):
    answers = {"cri": {"status": status("/run/net", binDirs=["/p", "/q"]), "version": {}}, "processes": []}
    node = made({"etc/containerd/config.toml": CONFIG, SOCKET[1:]: ""}, answers=answers)
    assert (node.conf_dir, node.bin_dirs) == ("/run/net", ["/p", "/q"])
    assert node.runtime.conf_dir.origin == "the running daemon"
    assert node.runtime.filed_conf_dir.value == "/srv/net/"
    assert node.runtime.version is None


def test_what_the_daemon_says_as_its_file_does_stands_there(made):
    answers = {"cri": {"status": status("/srv/net/", binDir="/srv/bin")}, "processes": []}
    node = made({"etc/containerd/config.toml": CONFIG, SOCKET[1:]: ""}, answers=answers)
    assert node.runtime.conf_dir.origin == "/etc/containerd/config.toml:4"
    assert node.runtime.bin_dirs.origin == "/etc/containerd/config.toml:3"


@pytest.mark.parametrize("answer", [{"error": "nobody", "kind": "CriTimeout"}, None, [], {"conditions": 3}, "x"])
def test_a_daemon_that_says_nothing_of_use(made, answer):
    node = made(
        {"etc/containerd/config.toml": CONFIG, SOCKET[1:]: ""},
        answers={"cri": {"status": answer, "version": answer}, "processes": []},
    )
    assert node.conf_dir == "/srv/net"
    assert node.runtime.status is None
    assert node.runtime.version is None


def test_the_config_file_is_the_one_that_the_service_names(made):
    unit = "[Service]\nExecStart=/usr/bin/containerd --config /etc/other.toml\n"
    entries = {"usr/bin/containerd": "", "etc/systemd/system/containerd.service": unit, "etc/other.toml": CONFIG}
    assert made(entries).conf_dir == "/srv/net"
    running = {"processes": [[7, ["/usr/bin/containerd", "-c", "/etc/run.toml"], 1.0]]}
    node = made({"etc/run.toml": CONFIG.replace("/srv", "/run")}, answers=running)
    assert (node.runtime.config_file, node.conf_dir) == ("/etc/run.toml", "/run/net")


def test_imports_with_stars(made):
    entries = {
        "etc/containerd/config.toml": 'version = 2\nimports = ["conf.d/*.toml", "/opt/*/c.toml"]\n',
        "etc/containerd/conf.d/a.toml": f'{CRI}bin_dir = "/a"\n',
        "etc/containerd/conf.d/b.txt": f'{CRI}bin_dir = "/b"\n',
        "opt/gpu/c.toml": f'{CRI}bin_dir = "/c"\n',
        "opt/empty/x": "",
    }
    node = made(entries)
    assert [file.source.path for file in node.runtime.containerd.files] == [
        "/etc/containerd/config.toml",
        "/etc/containerd/conf.d/a.toml",
        "/opt/gpu/c.toml",
    ]
    assert node.bin_dirs == ["/c"]


def test_cri_o(made):
    entries = {
        "etc/crio/crio.conf": '[crio.network]\nnetwork_dir = "/a"\nplugin_dirs = ["/p"]\n',
        "etc/crio/crio.conf.d/20/x.conf": '[crio.network]\nnetwork_dir = "/c"\n',
        "etc/crio/crio.conf.d/10.conf": '[crio.network]\nnetwork_dir = "/b"\n',
        "usr/lib/systemd/system/crio.service": "[Service]\nExecStart=/usr/bin/crio --cni-plugin-dir=/x,/y\n",
    }
    node = made(entries)
    assert (node.conf_dir, node.bin_dirs) == ("/c", ["/x", "/y"])
    assert node.runtime.drop_ins == ["/etc/crio/crio.conf.d/10.conf", "/etc/crio/crio.conf.d/20/x.conf"]
    assert node.runtime.cgroup_driver.value == "systemd"


def test_cri_dockerd(made):
    unit = "[Service]\nExecStart=/usr/bin/cri-dockerd --cni-conf-dir /c --cni-bin-dir=/d\n"
    node = made({"usr/bin/cri-dockerd": "", "usr/lib/systemd/system/cri-docker.service": unit})
    assert (node.conf_dir, node.bin_dirs) == ("/c", ["/d"])
    assert node.runtime.socket == "/run/cri-dockerd.sock"


def test_podman(made):
    node = made({"usr/bin/podman": "", "usr/libexec/cni/bridge": "", "opt/cni/bin/bridge": ""})
    assert (node.conf_dir, node.bin_dirs) == ("/etc/cni/net.d", ["/usr/libexec/cni", "/opt/cni/bin"])
    own = {
        "etc/containers/containers.conf.d/x.conf": '[network]\nnetwork_config_dir = "/n"\ncni_plugin_dirs = ["/p"]\n'
    }
    node = made({"usr/bin/podman": ""} | own)
    assert (node.conf_dir, node.bin_dirs, node.runtime.socket) == ("/n", ["/p"], None)


ENTRIES = "".join(
    f"Package: {name}\nStatus: {state}\nVersion: {version}\nDescription: x\n {'y' * 500}\n\n"
    for name, state, version in [
        *((f"a{number:04}", "install ok installed", "1.0") for number in range(900)),
        ("containerd", "deinstall ok config-files", "1.5.9-0ubuntu1"),
        ("containerd.io", "install ok installed", "1.6.33-1"),
        ("kubelet", "hold ok installed", "1.28.3-1.1"),
        *((f"z{number:04}", "install ok installed", "2.0") for number in range(900)),
    ]
)


def test_installed_packages_in_a_large_database(made):
    node = made({STATUS[1:]: ENTRIES, "usr/bin/containerd": ""})
    host = node.host
    assert installed_version(host, "containerd", "containerd.io") == "1.6.33-1"
    assert installed_version(host, "kubelet") == "1.28.3-1.1"
    assert [installed_version(host, name) for name in ("containerd", "aaaa", "b", "zzzz", "a0", "")] == [None] * 6
    assert [installed_version(host, f"{letter}{number:04}") for letter in "az" for number in (0, 450, 899)] == [
        *["1.0"] * 3,
        *["2.0"] * 3,
    ]
    assert node.runtime.release == "containerd 1.6.33"
    assert node.kubelet.is_from(1, 24)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "Package: kubelet\n", "Package: kubelet\nStatus: x installed\n", "x" * 300000]
)
def test_a_database_that_is_none(made, text):
    assert installed_version(made({STATUS[1:]: text}).host, "kubelet") is None
    assert installed_version(made({"etc/x": ""}).host, "nothing") is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1.6.20~ds1-1+b1", (1, 6, 20)),
        ("1:2.0-3", (2, 0, 0)),
        ("v1.28.3", (1, 28, 3)),
        ("2", None),
        ("", None),
        (None, None),
    ],
)
def test_numbers_of_versions(text, wanted):
    assert numbers(text) == wanted


@pytest.mark.parametrize(
    ("runtime", "version", "libcni", "spec"),
    [
        ("containerd", (1, 5, 9), (0, 8, 1), SpecVersion.V0_4_0),
        ("containerd", (1, 6, 3), (1, 0, 1), SpecVersion.V1_0_0),
        ("containerd", (1, 6, 4), (1, 1, 0), SpecVersion.V1_0_0),
        ("containerd", (1, 7, 20), (1, 1, 2), SpecVersion.V1_0_0),
        ("containerd", (2, 0, 1), (1, 2, 3), SpecVersion.V1_1_0),
        ("cri-o", (1, 22, 5), (0, 8, 1), SpecVersion.V0_4_0),
        ("cri-o", (1, 31, 0), (1, 2, 3), SpecVersion.V1_1_0),
        ("podman", (4, 3, 1), (1, 1, 2), SpecVersion.V1_0_0),
    ],
)
def test_libcni(runtime, version, libcni, spec):
    assert libcni_of(runtime, version) == libcni
    assert newest_spec(libcni) is spec


def test_libcni_that_is_not_known():
    assert libcni_of("containerd", None) is None
    assert libcni_of("containerd", (1, 0, 0)) is None
    assert libcni_of("nothing", (1, 0, 0)) is None


def test_sockets():
    assert plain_socket("unix:///var/run/crio/crio.sock") == "/run/crio/crio.sock"
    assert plain_socket("/var/lib/k0s/run/containerd.sock") == "/var/lib/k0s/run/containerd.sock"
    assert [kind.product for kind in kinds_at("unix:///run/k3s/containerd/containerd.sock")] == ["k3s", "RKE2"]
    assert [kind.name for kind in kinds_at("/srv/containerd.sock")] == ["containerd"]
    assert kinds_at("/run/dockershim.sock") == ()


UNIT = "[Unit]\nDescription=x\n[Service]\nExecStart=/usr/bin/x\n[Install]\nWantedBy=multi-user.target\n"


def test_services(made):
    node = made(
        {
            "usr/lib/systemd/system/x.service": UNIT,
            "etc/systemd/system/x.service.d/20.conf": "[Service]\nExecStart=\nExecStart=/usr/bin/y\n",
            "usr/lib/systemd/system/x.service.d/10.conf": "[Service]\nExecStart=\nExecStart=/usr/bin/z\n",
            "usr/lib/systemd/system/x.service.d/20.conf": "[Service]\nExecStart=\nExecStart=/usr/bin/w\n",
            "etc/systemd/system/multi-user.target.wants/x.service": Link("/usr/lib/systemd/system/x.service"),
        }
    )
    assert [word.text for word in node.services.command("x.service")] == ["/usr/bin/y"]
    assert node.services.files("x.service") == [
        "/usr/lib/systemd/system/x.service",
        "/usr/lib/systemd/system/x.service.d/10.conf",
        "/etc/systemd/system/x.service.d/20.conf",
    ]
    assert node.services.starts_at_boot("x.service")
    assert not node.services.starts_at_boot("y.service")
    assert node.services.command("y.service") == []


@given(st.binary(max_size=60))
def test_any_bytes_in_any_config(tmp_path_factory, data):
    files = {kind.config[1:]: data for kind in KINDS if kind.config} | {"etc/containers/containers.conf": data}
    units = {f"etc/systemd/system/{kind.unit}": data for kind in KINDS if kind.unit}
    root = plant(tmp_path_factory.mktemp("node"), files | units | {STATUS[1:]: data, "usr/bin/podman": data})
    for name in ("auto", "containerd", "cri-o", "podman"):
        node = Node(NodeTree(root), runtime=name)
        assert node.conf_dir
        assert node.bin_dirs
        assert node.runtime is not None
        assert node.runtime.version is None
        assert node.kubelet.flags == []
