"""How the kubelet is started, and what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnictl.doctor.engine import examine
from cnictl.doctor.node import Node
from cnictl.doctor.registry import all_checks
from cnictl.report.action import WriteFile
from cnictl.report.finding import Applicable
from tests.support.nodes import NodeTree, plant

if TYPE_CHECKING:
    from cnictl.report.action import Action

DROP_IN = (
    "[Service]\nEnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nEnvironmentFile=-/etc/default/kubelet\n"
    "ExecStart=\nExecStart=/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml $KUBELET_KUBEADM_ARGS $EXTRA\n"
)
UNIT = {"usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": DROP_IN}
FLAGS = "var/lib/kubelet/kubeadm-flags.env"
CONFIG = "kind: KubeletConfiguration\nclusterDNS: [10.96.0.10, 10.96.0.11]\nresolvConf: /r\n"


def package(version: str) -> dict[str, str]:
    return {"var/lib/dpkg/status": f"Package: kubelet\nStatus: install ok installed\nVersion: {version}\n\n"}


@pytest.fixture
def made(tmp_path):
    """Makes a node of files."""

    def make(entries, answers=None):
        return Node(NodeTree(plant(tmp_path, entries), live=answers is not None, answers=answers))

    return make


def test_the_last_flag_of_the_command_counts(made):
    kubelet = made(
        UNIT | {FLAGS: 'KUBELET_KUBEADM_ARGS="--a=1 --b=2"\n', "etc/default/kubelet": "EXTRA='--a=3'\n# --c=4\n"}
    ).kubelet
    assert kubelet.flag("a").value == "3"
    assert kubelet.flag("a").origin == "/etc/default/kubelet:1"
    assert kubelet.flag("b").location.column == 29
    assert kubelet.flag("c") is None
    assert [flag.name for flag in kubelet.command] == ["config", "a", "b", "a"]


def test_what_the_unit_does_not_read_is_a_flag_that_does_not_count(made):
    kubelet = made(UNIT | {"etc/sysconfig/kubelet": "EXTRA=--x=1\n"}).kubelet
    assert [flag.name for flag in kubelet.flags] == ["x", "config"]
    assert kubelet.flag("x") is None


def test_without_a_unit_all_flags_count(made):
    assert made({"etc/sysconfig/kubelet": "EXTRA=--x=1\n"}).kubelet.flag("x").value == "1"


def test_the_running_kubelet(made):
    kubelet = made({}, {"processes": [[812, ["/opt/kubernetes/v1.27.4/kubelet", "--x", "1", "--y=2"], 5.0]]}).kubelet
    assert kubelet.running.pid == 812
    assert kubelet.flag("x").value == "1"
    assert kubelet.flag("y").origin == "the running kubelet's flag --y"
    assert (kubelet.version.value, kubelet.version.origin) == ("1.27.4", "the path of the running kubelet")


def test_the_config(made):
    kubelet = made({"var/lib/kubelet/config.yaml": CONFIG}).kubelet
    assert kubelet.setting("resolvConf").value == "/r"
    assert [item.value for item in kubelet.settings("clusterDNS")] == ["10.96.0.10", "10.96.0.11"]
    assert kubelet.setting("staticPodPath") is None
    other = made({"etc/default/kubelet": "X=--config=/etc/k.yaml\n", "etc/k.yaml": "resolvConf: /other\n"}).kubelet
    assert other.setting("resolvConf").value == "/other"


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        ({}, None),
        ({FLAGS: "X=--container-runtime-endpoint=/a\n"}, "/a"),
        ({"var/lib/kubelet/config.yaml": "containerRuntimeEndpoint: unix:///b\n"}, "unix:///b"),
        ({"var/lib/kubelet/config.yaml": 'containerRuntimeEndpoint: ""\n'}, None),
        (
            {
                "var/lib/kubelet/config.yaml": "containerRuntimeEndpoint: unix:///b\n",
                "var/lib/kubelet/instance-config.yaml": "containerRuntimeEndpoint: unix:///c\n",
            },
            "unix:///c",
        ),
        (
            {
                FLAGS: "X=--container-runtime-endpoint=/a\n",
                "var/lib/kubelet/config.yaml": "containerRuntimeEndpoint: unix:///b\n",
            },
            "/a",
        ),
    ],
)
def test_the_endpoint(made, entries, wanted):
    endpoint = made(entries).kubelet.endpoint
    assert (endpoint.value if endpoint else None) == wanted


POD = (
    "kind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - image: registry.k8s.io/kube-apiserver:v1.29.1\n"
    "    ports: [{hostPort: 80}]\n"
)


def test_static_pods(made):
    kubelet = made({"etc/kubernetes/manifests/p.yaml": POD, "etc/kubernetes/manifests/.x.yaml": POD}).kubelet
    assert [(port.port, port.pod) for port in kubelet.host_ports] == [(80, "p")]
    assert (kubelet.version.value, kubelet.version.origin) == ("1.29.1", "/etc/kubernetes/manifests/p.yaml:5")
    elsewhere = {"var/lib/kubelet/config.yaml": "staticPodPath: /srv/pods/\n", "srv/pods/p.yaml": POD}
    assert made(elsewhere).kubelet.manifests == "/srv/pods"


def test_pods_with_the_nodes_network_have_no_host_ports(made):
    pod = POD.replace("spec:\n", "spec:\n  hostNetwork: true\n")
    assert made({"etc/kubernetes/manifests/p.yaml": pod}).kubelet.host_ports == []


def test_the_version(made):
    kubelet = made(package("1.28.3-1.1")).kubelet
    assert kubelet.numbers == (1, 28, 3)
    assert [kubelet.is_from(*version) for version in ((1, 24), (1, 28, 3), (1, 29))] == [True, True, False]
    unknown = made({"etc/x": "", "var/lib/dpkg/status": ""}).kubelet
    assert (unknown.version, unknown.is_from(1, 24)) == (None, None)


def test_copies_of_the_files(made):
    kubelet = made({f"{FLAGS}.bak": "X=--a=1\n", FLAGS: "X=--b=2\n", "etc/default/kubelet~": "X=--c\n"}).kubelet
    assert {flag.name for flag in kubelet.former_flags} == {"a", "c"}


def fixes(node: Node) -> list[tuple[Applicable, tuple[Action, ...]]]:
    checks = [check for check in all_checks() if check.code == "CNI811"]
    found = [finding.fix for finding in examine(node, checks).findings()]
    return [(fix.applicable, fix.actions) for fix in found if fix is not None]


def test_dead_flags_are_deleted_together(made):
    text = 'KUBELET_KUBEADM_ARGS="--v=2 --network-plugin=cni --cni-bin-dir /opt/cni/bin --max-pods=9"\n'
    action = WriteFile(f"/{FLAGS}", 'KUBELET_KUBEADM_ARGS="--v=2 --max-pods=9"\n', replacing=text)
    assert fixes(made(UNIT | package("1.28.3-1.1") | {FLAGS: text})) == [(Applicable.SAFE, (action,))] * 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A=--network-plugin=cni\n", "A=\n"),
        ("A='--network-plugin=cni'\n", "A=''\n"),
        ("A=--v=2 --network-plugin=cni\n", "A=--v=2\n"),
        ("A='--v=2 --network-plugin=cni'\nB=1\n", "A='--v=2'\nB=1\n"),
    ],
)
def test_blanks_go_with_the_flag(made, before, after):
    action = WriteFile(f"/{FLAGS}", after, replacing=before)
    assert fixes(made(package("1.28.3-1.1") | {FLAGS: before})) == [(Applicable.SAFE, (action,))]


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("1.23.17-00", "A=--network-plugin=cni\n"),
        ("1.28.3-1.1", "A=--network-plugin-mtu=1450\n"),
        ("1.28.3-1.1", "A=--cni-bin-dir=/srv/cni --network-plugin=cni\n"),
        ("1.28.3-1.1", 'A="--network-plugin $B"\n'),
    ],
)
def test_what_could_be_lost_is_left_to_people(made, version, text):
    assert set(fixes(made(package(version) | {FLAGS: text}))) == {(Applicable.UNSAFE, ())}


def test_units_are_left_to_people(made):
    unit = {"etc/systemd/system/kubelet.service": "[Service]\nExecStart=/usr/bin/kubelet --network-plugin=cni\n"}
    assert fixes(made(package("1.28.3-1.1") | unit)) == [(Applicable.UNSAFE, ())]
