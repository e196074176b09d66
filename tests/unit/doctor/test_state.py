"""What is kept of attachments, and what is known of their containers."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnictl.doctor.engine import examine
from cnictl.doctor.facts.pods import Fate
from cnictl.doctor.node import Node
from cnictl.doctor.registry import all_checks
from cnictl.host.api import Unanswered
from cnictl.report.finding import Status
from cnictl.runtime.cache import CacheEntry
from tests.support.nodes import NodeTree, plant

SOCKET = "run/containerd/containerd.sock"
MOUNTED = "65 24 0:4 net:[4026532247] /run/netns/web rw shared:3 - nsfs nsfs rw\n"
OURS = ("CNI879", "CNI88", "CNI89")


def config(**ipam):
    plugin = {"type": "bridge", "isGateway": True, "ipam": {"type": "host-local", **ipam}}
    return json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": [plugin]})


def entry(container_id="web", network="pods", ifname="eth0", **more):
    return CacheEntry(network, container_id, ifname, **more).encode()


def cached(container_id="web", network="pods", ifname="eth0", **more):
    name = f"var/lib/cni/results/{network}-{container_id}-{ifname}"
    return {name: entry(container_id, network, ifname, **more)}


@pytest.fixture
def made(tmp_path):
    """Makes a node of files; ``None`` answers make one that is only mounted."""

    def make(entries, answers=None, denied=()):
        root = plant(tmp_path / "node", {"etc/hostname": "node"} | entries)
        return Node(NodeTree(root, live=answers is not None, answers=answers, denied=denied))

    return make


def sandboxes(*ids):
    pods = [{"id": each, "name": each, "namespace": "default", "state": "ready"} for each in ids]
    return {"cri": {"sandboxes": pods}}


# What is kept


def test_leases_of_all_networks_in_the_usual_place(made):
    state = made(
        {
            "var/lib/cni/networks/pods/10.1.0.5": "web\r\neth0",
            "var/lib/cni/networks/pods/lock": "",
            "var/lib/cni/networks/pods/last_reserved_ip.0": "10.1.0.5",
            "var/lib/cni/networks/other/fd00::5": "db",
        }
    ).state
    assert [(lease.network, lease.address, lease.container_id, lease.ifname) for lease in state.leases] == [
        ("other", "fd00::5", "db", ""),
        ("pods", "10.1.0.5", "web", "eth0"),
    ]
    assert state.stores[1].last == {"last_reserved_ip.0": "10.1.0.5"}


@pytest.mark.parametrize("data_dir", ["/run/ipam", "/run/ipam/"])
def test_leases_where_a_config_says(made, data_dir):
    lease = {"run/ipam/pods/10.1.0.5": "web", "run/ipam/other/10.1.0.6": "db"}
    state = made(lease | {"etc/cni/net.d/10-x.conflist": config(dataDir=data_dir)}).state
    assert [lease.path for lease in state.leases] == ["/run/ipam/pods/10.1.0.5"]


def test_leases_where_a_cached_config_says(made):
    cache = cached(network="pods", config=config(dataDir="/run/ipam").encode())
    state = made(cache | {"run/ipam/pods/10.1.0.5": "web"}).state
    assert [lease.path for lease in state.leases] == ["/run/ipam/pods/10.1.0.5"]
    assert state.entry_of(state.leases[0]) == state.attachments[0]


def test_attachments_of_all_caches(made):
    multus = {"var/lib/cni/multus/results/pods-db-net1": entry("db", ifname="net1")}
    kubelet = {"var/lib/cni/cache/results/pods-old-eth0": entry("old")}
    state = made(cached() | multus | kubelet | {"var/lib/cni/results/pods-x-eth0": ""}).state
    assert [cache.directory for cache in state.caches] == [
        "/var/lib/cni/results",
        "/var/lib/cni/cache/results",
        "/var/lib/cni/multus/results",
    ]
    assert {each.container_id for each in state.attachments} == {"web", "db", "old"}
    assert [each.reason for each in state.caches[0].damaged] == ["it is empty"]


def test_a_lease_belongs_to_the_attachment_of_its_interface(made):
    leases = {f"var/lib/cni/networks/pods/10.1.0.{n}": f"web\r\neth{n}" for n in range(2)}
    state = made(cached() | leases).state
    assert [state.entry_of(lease) is not None for lease in state.leases] == [True, False]


def test_what_may_not_be_read_is_noted(made):
    state = made({"var/lib/cni/networks/pods/10.1.0.5": "web"}, denied=["/var/lib/cni/networks/pods"]).state
    assert state.leases == ()
    assert state.unread == ["/var/lib/cni/networks/pods: permission denied"]


def test_when_the_node_was_started(made):
    assert made({"proc/stat": "cpu 1 2\nbtime 1700000000\n"}).state.booted == 1_700_000_000
    assert made({"proc/stat": "btime x\n"}).state.booted is None


def test_thousands_are_read_in_a_second(made):
    leases = {f"var/lib/cni/networks/pods/10.1.{n // 250}.{n % 250 + 2}": f"{n:064x}\r\neth0" for n in range(5000)}
    caches = {key: value for n in range(5000) for key, value in cached(f"{n:064x}", config=config().encode()).items()}
    state = made(leases | caches).state
    began = time.process_time()
    assert (len(state.leases), len(state.attachments)) == (5000, 5000)
    assert time.process_time() - began < 3  # a fifth of it where nothing else runs


# What is known of containers


def test_a_container_that_the_runtime_knows(made):
    pods = made({SOCKET: ""}, sandboxes("web")).pods
    assert pods.fate_of("web") is Fate.ALIVE
    assert pods.fate_of("db") is Fate.GONE
    assert pods.name_of("web") == "default/web"
    assert pods.name_of("0123456789abcdef") == "0123456789abc"


def test_a_container_with_a_network_namespace(made):
    pods = made({SOCKET: "", "proc/self/mountinfo": MOUNTED}, sandboxes()).pods
    assert pods.fate_of("web", "/var/run/netns/web") is Fate.ALIVE
    assert pods.fate_of("web", "/run/netns/../netns/web") is Fate.ALIVE
    assert pods.fate_of("db", "/run/netns/db") is Fate.GONE


def test_without_a_table_of_mounts_nothing_is_certain(made):
    pods = made({SOCKET: ""}, sandboxes()).pods
    assert pods.fate_of("web", "/run/netns/web") is Fate.UNKNOWN
    assert pods.fate_of("web") is Fate.GONE


def test_a_runtime_that_does_not_answer_leaves_all_open(made):
    refused = {"cri": {"sandboxes": {"error": "nobody listens on this socket", "kind": "CriSocketRefused"}}}
    pods = made({SOCKET: "", "proc/self/mountinfo": MOUNTED}, refused).pods
    assert pods.fate_of("web", "/run/netns/web") is Fate.ALIVE
    assert pods.fate_of("db", "/run/netns/db") is Fate.UNKNOWN
    with pytest.raises(Unanswered, match="nobody listens on this socket"):
        pods.sandboxes  # noqa: B018  # asking is enough


def test_one_of_two_runtimes_that_does_not_answer_leaves_all_open(made):
    pods = made({SOCKET: "", "run/crio/crio.sock": "", "proc/self/mountinfo": MOUNTED}, {"cri": {}}).pods
    assert pods.fate_of("db", "/run/netns/db") is Fate.UNKNOWN


def test_a_containerd_for_docker_alone_has_no_say(made):
    docker = {"cri": {"sandboxes": {"error": "unknown service", "kind": "CriFailed", "code": 12}}}
    pods = made({SOCKET: "", "proc/self/mountinfo": MOUNTED}, docker).pods
    assert pods.fate_of("db", "/run/netns/db") is Fate.UNKNOWN
    assert pods.fate_of("web", "/run/netns/web") is Fate.ALIVE


def test_where_there_is_no_runtime_the_namespace_tells(made):
    pods = made({"proc/self/mountinfo": MOUNTED}, {}).pods
    assert pods.fate_of("db", "/run/netns/db") is Fate.GONE
    assert pods.fate_of("db", "relative") is Fate.UNKNOWN
    assert pods.fate_of("db") is Fate.UNKNOWN


def test_a_namespace_of_a_process(made):
    pods = made({"proc/4711/comm": "sleep", "proc/self/mountinfo": MOUNTED}, {}).pods
    assert pods.fate_of("web", "/proc/4711/ns/net") is Fate.ALIVE
    assert pods.fate_of("web", "/proc/4712/task/4713/ns/net") is Fate.GONE


def test_of_a_mounted_node_only_what_its_own_process_sees_counts(made):
    pods = made({"proc/1/mountinfo": MOUNTED}).pods
    assert pods.fate_of("web", "/run/netns/web") is Fate.ALIVE
    assert pods.fate_of("db", "/run/netns/db") is Fate.UNKNOWN
    assert pods.has_netns("/proc/1/ns/net") is None


# Whatever lies there


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(junk=st.binary(max_size=300), number=st.integers(0, 10**6))
def test_any_bytes_give_a_finding_or_nothing(tmp_path, junk, number):
    paths = (
        "etc/cni/net.d/10-x.conflist",
        "var/lib/cni/networks/pods/10.1.0.5",
        "var/lib/cni/networks/pods/last_reserved_ip.0",
        "var/lib/cni/results/pods-web-eth0",
        "proc/self/mountinfo",
        "proc/locks",
        "proc/stat",
        "run/flannel/subnet.env",
        "etc/systemd/networkd.conf",
        "etc/systemd/network/10-x.network",
        "etc/NetworkManager/NetworkManager.conf",
        "etc/kubernetes/manifests/kube-controller-manager.yaml",
        "var/lib/kubelet/config.yaml",
    )
    entries = dict.fromkeys(paths, junk) | {"etc/cni/net.d/20-y.conflist": config(subnet="10.1.0.0/24"), SOCKET: ""}
    root = plant(tmp_path / f"{number}-{time.monotonic_ns()}", entries)
    strange = {"id": 1}, 7, {"id": "web"}
    node = Node(NodeTree(root, live=True, answers={"cri": {"sandboxes": list(strange)}, "processes": [], "survey": {}}))
    checks = [check for check in all_checks() if check.code.startswith(OURS)]
    for result in examine(node, checks).checks:
        assert result.status is not Status.ERROR, result
