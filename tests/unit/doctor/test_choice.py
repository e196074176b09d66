"""Which config pods get, which plugins that needs, and which spec versions they speak."""

from __future__ import annotations

import json

import pytest

from cnictl.doctor.facts.agents import needs_of
from cnictl.doctor.facts.spoken import best_common, newest_of_build
from cnictl.doctor.node import Node
from cnictl.doctor.registry import Skip
from cnictl.foreign.gobuild import GoBuild
from cnictl.model.version import SpecVersion
from cnictl.report.finding import Severity
from tests.support.nodes import Link, NodeTree, plant
from tests.support.programs import reference_plugin

KUBELET = {"var/lib/kubelet/config.yaml": "kind: KubeletConfiguration\n"}
CONTAINERD = {"etc/containerd/config.toml": "version = 2\n"}
CRIO = {"etc/crio/crio.conf": "[crio.network]\n"}
NET_D = "etc/cni/net.d"


def network(name, *types, **more):
    """A list of plugins of these types."""
    return json.dumps({"cniVersion": "1.0.0", "name": name, "plugins": [{"type": each} for each in types], **more})


@pytest.fixture
def made(tmp_path):
    """Makes a node with these configs and other files."""

    def make(configs, *others):
        entries = {f"{NET_D}/{name}": text for name, text in configs.items()}
        for other in others:
            entries |= other
        return Node(NodeTree(plant(tmp_path, entries)))

    return make


def title(config):
    return config.title if config else None


def test_containerd_takes_the_first_well_or_not(made):
    configs = {"05-a.conflist": "{", "10-b.conflist": network("b", "bridge")}
    choice = made(configs, KUBELET, CONTAINERD).choice
    assert (choice.called, choice.taken, title(choice.first_loadable)) == ("containerd", None, "b")


def test_cri_o_takes_the_first_whose_plugins_are_there(made):
    configs = {"05-a.conflist": "{", "10-b.conflist": network("b", "none"), "20-c.conflist": network("c", "bridge")}
    choice = made(configs, KUBELET, CRIO, {"opt/cni/bin/bridge": ""}).choice
    assert (choice.called, title(choice.taken), title(choice.first_loadable)) == ("CRI-O", "c", "b")
    assert [each.unusable for each in choice.candidates] == [None, 'the plugin "none" is not installed', None]


def test_a_link_to_a_directory_is_a_file_that_cannot_be_read(made):
    node = made({"05-a.conflist": Link("/opt"), "10-b.conflist": network("b", "bridge")}, {"opt/x": ""}, CONTAINERD)
    assert [config.path[15:] for config in node.configs] == ["05-a.conflist", "10-b.conflist"]
    assert node.choice.taken is None


def test_with_multus_the_next_config_counts_too(made):
    configs = {"00-multus.conf": '{"cniVersion": "1.0.0", "name": "m", "type": "multus"}'}
    configs |= {"10-b.conflist": network("b", "bridge"), "20-c.conflist": network("c", "ptp")}
    node = made(configs, KUBELET, CONTAINERD)
    assert title(node.choice.wrapped) == "b"
    assert [node.milder_for(config) for config in node.configs] == [None, None, Severity.WARNING]


def test_uses_are_those_of_ipam_of_delegates_and_of_what_flannel_runs(made):
    multus = {"cniVersion": "1.0.0", "name": "m", "type": "multus", "delegates": [json.loads(network("b", "ptp"))]}
    flannel = {"type": "flannel", "delegate": {"type": "ipvlan"}}
    configs = {"00-multus.conf": json.dumps(multus), "10-f.conflist": network("f", plugins=[flannel])}
    node = made(configs, KUBELET, CONTAINERD)
    assert [use.type for use in node.uses.all] == ["multus", "ptp", "flannel", "ipvlan", "host-local"]
    assert node.uses.types == ["multus", "ptp", "flannel", "ipvlan", "host-local"]
    assert node.uses.of("ptp").network.name == "b"
    assert node.uses.of("bridge") is None


def test_without_configs_nothing_is_used(made):
    with pytest.raises(Skip, match="holds no network config"):
        made({}, CONTAINERD).uses  # noqa: B018  # asking is enough


@pytest.mark.parametrize(
    ("build", "newest"),
    [
        (GoBuild("go1.20", "github.com/containernetworking/plugins/plugins/main/bridge"), None),
        (GoBuild("go1.20", "example.org/mine", ("example.org/mine", "v9.0.0")), None),
        (GoBuild("go1.20", "github.com/containernetworking/plugins/plugins/main/ptp", ("", "v0.9.1")), "0.4.0"),
        (GoBuild("go1.20", "github.com/containernetworking/plugins/plugins/main/ptp", ("", "v1.5.1")), "1.0.0"),
        (GoBuild("go1.20", "github.com/containernetworking/plugins/plugins/main/ptp", ("", "v1.10.0")), "1.1.0"),
        (
            GoBuild(
                "go1.20",
                "github.com/containernetworking/plugins/plugins/main/ptp",
                dependencies={"github.com/containernetworking/cni": "v1.1.2"},
            ),
            "1.0.0",
        ),
    ],
)
def test_what_a_plugin_speaks_by_how_it_was_built(build, newest):
    assert newest_of_build(build) == (SpecVersion(newest) if newest else None)


def test_a_plugin_that_cannot_be_asked_may_tell_by_its_build(made):
    node = made({}, {"opt/cni/bin/bridge": reference_plugin("bridge", "v1.1.1"), "opt/cni/bin/mine": "#!/bin/sh\n"})
    assert node.spoken.of("bridge")[-1] == "1.0.0"
    assert node.spoken.of("none") is None
    assert list(node.spoken.of_all(["mine", "bridge", "none"])) == ["bridge"]
    with pytest.raises(Skip, match="only mounted"):
        node.spoken.of_all(["mine"])


def test_what_the_runtime_can_do(made):
    def limit(version):
        package = f"Package: containerd\nStatus: install ok installed\nVersion: {version}\n\n"
        return made({}, CONTAINERD, {"var/lib/dpkg/status": package}).spoken.limit

    found = limit("1.6.2-1")
    assert (found.runtime, str(found.newest), found.reads_undeclared) == ("containerd 1.6.2", "1.0.0", False)


def test_without_a_version_nothing_is_known_of_the_runtime(made):
    assert made({}, CONTAINERD).spoken.limit is None


@pytest.mark.parametrize(
    ("spoken", "newest", "best"),
    [
        ([], "1.0.0", None),
        ([["0.4.0", "1.0.0", "1.1.0"]], None, "1.0.0"),  # what Kubernetes recommends
        ([["0.4.0", "1.0.0", "1.1.0"]], "1.1.0", "1.1.0"),
        ([["0.4.0", "1.0.0"], ["0.3.1", "0.4.0"]], "1.1.0", "0.4.0"),
        ([["1.0.0"], ["0.4.0"]], "1.1.0", None),
        ([["1.1.0"]], "1.0.0", "1.1.0"),  # nothing that the runtime knows: the runtime is too old
    ],
)
def test_the_best_version_that_all_speak(made, spoken, newest, best):
    limit = None
    if newest:
        release = {"1.0.0": "1.7.0", "1.1.0": "2.0.0"}[newest]
        package = f"Package: containerd\nStatus: install ok installed\nVersion: {release}\n\n"
        limit = made({}, CONTAINERD, {"var/lib/dpkg/status": package}).spoken.limit
    assert best_common(spoken, limit) == (SpecVersion(best) if best else None)


@pytest.mark.parametrize(
    ("plugin", "places"),
    [
        ({"type": "flannel"}, ["/run/flannel/subnet.env"]),
        ({"type": "flannel", "subnetFile": "/run/x.env"}, ["/run/x.env"]),
        ({"type": "calico", "ipam": {"type": "calico-ipam"}}, ["/var/lib/calico/nodename"]),
        ({"type": "calico", "nodename_file_optional": True}, []),
        ({"type": "macvlan", "ipam": {"type": "dhcp"}}, ["/run/cni/dhcp.sock"]),
        ({"type": "macvlan", "ipam": {"type": "dhcp", "daemonSocketPath": "/run/d"}}, ["/run/d"]),
        ({"type": "kube-ovn", "server_socket": "/run/o.sock"}, ["/run/o.sock"]),
        ({"type": "macvlan", "ipam": {"type": "kube-ovn", "server_socket": "/run/o.sock"}}, ["/run/o.sock"]),
        ({"type": "multus-shim", "daemonSocketDir": "/run/m/"}, ["/run/m/multus.sock"]),
        ({"type": "multus"}, []),
        ({"type": "multus", "readinessindicatorfile": "/run/ready"}, ["/run/ready"]),
        ({"type": "aws-cni"}, [""]),
        ({"type": "bridge"}, []),
    ],
)
def test_what_plugins_need_of_their_agents(made, plugin, places):
    node = made({"10-x.conflist": network("x", plugins=[plugin])})
    assert [need.path for use in node.uses.all for need in needs_of(use)] == places
