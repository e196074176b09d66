"""ADD, CHECK and DEL with the real plugins: what they say is what the kernel has, and nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest

from tests.netns.conftest import kind
from tests.support.command import CNICTL, PROJECT
from tests.support.turns import CONTAINER_ID

pytestmark = pytest.mark.netns

POD = PROJECT / "docs" / "examples" / "pod.yaml"

SERVER = """
import socket
server = socket.create_server(("0.0.0.0", 80))
print("ready", flush=True)
connection, _ = server.accept()
connection.sendall(b"hello from the pod")
connection.close()
"""

CLIENT = """
import socket, sys
with socket.create_connection((sys.argv[1], 8080), timeout=5) as connection:
    print(connection.recv(100).decode())
"""


def test_the_result_is_what_the_kernel_has(node):
    added = node.exec("add", "web", "--create-netns")
    assert (added.status, added.err) == (0, "")
    result = added.data
    links = node.links("web")
    inside = next(interface for interface in result["interfaces"] if interface.get("sandbox"))
    assert inside["sandbox"] == "/run/netns/web"
    assert links[inside["name"]]["address"] == inside["mac"]
    assert kind(links["eth0"]) == "veth"
    addresses = [
        f"{info['local']}/{info['prefixlen']}" for info in links["eth0"]["addr_info"] if info["family"] == "inet"
    ]
    assert [ip["address"] for ip in result["ips"]] == addresses == ["10.88.0.2/16"]
    routes = json.loads(node.run("ip", "-netns", "web", "-json", "route").stdout)
    assert ("default", result["ips"][0]["gateway"]) in {(route["dst"], route.get("gateway")) for route in routes}
    assert "cni-pods" in node.links()


def test_a_hostport_and_both_limits_of_a_pod(node):
    assert node.exec("add", "web", "--create-netns", "--pod", POD).status == 0
    assert any("--dport 8080 -j DNAT --to-destination 10.88.0.2:80" in rule for rule in node.rules())
    qdiscs = json.loads(node.run("tc", "-json", "qdisc", "show").stdout)
    rates = [qdisc["options"]["rate"] * 8 for qdisc in qdiscs if qdisc["kind"] == "tbf"]
    assert rates == [10_000_000, 10_000_000]
    assert node.exec("check").status == 0
    assert node.exec("del").status == 0
    assert node.is_clean()


def test_a_hostport_reaches_the_pod(node):
    node.exec("add", "web", "--create-netns", "--port", "8080:80")
    server = subprocess.Popen(
        node.inside(["ip", "netns", "exec", "web", "python3", "-c", SERVER]), stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    assert node.run("python3", "-c", CLIENT, "10.88.0.1").stdout == "hello from the pod\n"
    server.communicate(timeout=5)


def test_two_families(node):
    node.generate("--subnet", "fd00:88::/64")
    result = node.exec("add", "web", "--create-netns").data
    assert [ip["address"] for ip in result["ips"]] == ["10.88.0.2/16", "fd00:88::2/64"]
    inside = {info["local"] for info in node.links("web")["eth0"]["addr_info"]}
    assert {"10.88.0.2", "fd00:88::2"} <= inside
    assert node.exec("check").status == 0
    assert node.exec("del").status == 0
    assert node.is_clean()


def test_two_containers_get_two_addresses(node):
    addresses = [node.exec("add", name, "--create-netns").data["ips"][0]["address"] for name in ("one", "two")]
    assert addresses == ["10.88.0.2/16", "10.88.0.3/16"]
    assert node.leases() == ["10.88.0.2", "10.88.0.3"]
    assert node.exec("del", "one").status == 0
    assert node.leases() == ["10.88.0.3"]
    assert node.exec("check", "two").status == 0


def test_check_sees_that_an_address_is_gone(node):
    node.exec("add", "web", "--create-netns")
    assert node.exec("check").status == 0
    node.run("ip", "-netns", "web", "address", "del", "10.88.0.2/16", "dev", "eth0")
    checked = node.exec("check")
    assert checked.status == 1
    assert 'plugin "bridge" failed (CHECK): ' in checked.err
    assert "10.88.0.2" in checked.err


def test_portmaps_false_alarm_is_a_note_and_a_true_one_is_not(node):
    node.exec("add", "web", "--create-netns", "--port", "8080:80")
    checked = node.exec("check")
    assert checked.status == 0
    node.run("iptables", "-t", "nat", "-F", "CNI-HOSTPORT-DNAT")
    checked = node.exec("check")
    assert checked.status == 1
    assert 'plugin "portmap" failed (CHECK)' in checked.err


def test_bandwidths_crash_without_limits_is_a_note_and_missing_limits_are_an_error(node):
    node.exec("add", "web", "--create-netns")
    assert node.exec("check").status == 0
    node.exec("add", "two", "--create-netns", "--bandwidth", "ingress=10M,egress=10M")
    assert node.exec("check", "two").status == 0
    limited = next(name for name in node.links() if name.startswith("bwp"))
    node.run("ip", "link", "del", limited)
    checked = node.exec("check", "two")
    assert checked.status == 1
    assert 'plugin "bandwidth" failed (CHECK)' in checked.err


def test_a_second_add_is_refused_and_leaves_the_first_alone(node):
    node.exec("add", "web", "--create-netns", "--port", "8080:80")
    before = (node.links("web")["eth0"]["address"], node.leases(), node.rules())
    again = node.exec("add", "web")
    assert again.status == 1
    assert "nothing was rolled back: the container was attached to this network before" in again.err
    assert (node.links("web")["eth0"]["address"], node.leases(), node.rules()) == before
    assert node.exec("check").status == 0


def test_del_twice_and_without_the_namespace(node):
    node.exec("add", "web", "--create-netns", "--port", "8080:80")
    node.run("ip", "netns", "del", "web")
    assert node.exec("del").status == 0
    assert (set(node.links()), node.leases(), node.cached()) == ({"lo", "cni-pods"}, [], [])
    assert not [rule for rule in node.rules() if "8080" in rule]
    assert node.exec("del").status == 0


def test_a_namespace_that_was_there_before_is_not_removed(node):
    node.run("ip", "netns", "add", "web")
    assert node.exec("add", "web", "--create-netns").status == 0
    assert node.exec("del").status == 0
    assert node.run("ip", "netns", "list").stdout.split()[0] == "web"


def test_a_namespace_made_by_add_is_removed_by_del(node):
    node.exec("add", "web", "--create-netns")
    assert node.run("ip", "netns", "list").stdout.split()[0] == "web"
    node.exec("del")
    assert node.run("ip", "netns", "list").stdout == ""


VERSIONS = '{"cniVersion": "1.0.0", "supportedVersions": ["1.0.0"]}'


@pytest.fixture
def own_plugin(node, tmp_path):
    """A plugin of our own, ``mine``, behind the real bridge."""
    directory = tmp_path / "bin"
    directory.mkdir()

    def write(script: str) -> tuple[object, ...]:
        path = directory / "mine"
        path.write_text(f"#!/bin/sh\n[ $CNI_COMMAND != VERSION ] || {{ echo '{VERSIONS}'; exit; }}\n{script}\n")
        path.chmod(0o755)
        ipam = {"type": "host-local", "ranges": [[{"subnet": "10.88.0.0/16"}]]}
        bridge = {"type": "bridge", "bridge": "cni-pods", "isGateway": True, "ipMasq": True, "ipam": ipam}
        node.write(bridge, {"type": "portmap", "capabilities": {"portMappings": True}}, {"type": "mine"})
        return ("--create-netns", "--port", "8080:80", "--bin-dir", node.bin_dir, "--bin-dir", directory)

    return write


def test_a_failure_halfway_leaves_nothing(node, own_plugin):
    options = own_plugin('[ $CNI_COMMAND = DEL ] || { echo \'{"code": 100, "msg": "out of luck"}\'; exit 1; }')
    added = node.exec("add", "web", *options)
    assert (added.status, added.out) == (1, "")
    assert added.err.splitlines() == [
        'cnictl: plugin "mine" failed (ADD): out of luck (code 100)',
        "  everything was undone: DEL succeeded for every plugin of the chain",
    ]
    assert node.is_clean()
    assert node.run("ip", "netns", "list").stdout == ""


def test_a_crash_leaves_nothing(node, own_plugin):
    options = own_plugin("[ $CNI_COMMAND = DEL ] || kill -SEGV $$")
    added = node.exec("add", "web", *options)
    assert added.status == 1
    assert 'plugin "mine" failed (ADD): was ended by SIGSEGV' in added.err
    assert node.is_clean()


def test_a_timeout_leaves_nothing(node, own_plugin):
    options = own_plugin("[ $CNI_COMMAND = DEL ] || exec sleep 1000")
    added = node.exec("add", "web", *options, "--timeout", "1")
    assert added.status == 1
    assert "did not end within 1 s and was stopped" in added.err
    assert node.is_clean()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing(node, own_plugin, tmp_path, number):
    options = own_plugin('[ $CNI_COMMAND = DEL ] || { touch "$0.began"; exec sleep 1000; }')
    command = node.inside([*CNICTL, "exec", "add", str(node.network), "web", *map(str, options)])
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not (tmp_path / "bin" / "mine.began").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "everything was undone" in err
    assert node.is_clean()
    assert node.run("ip", "netns", "list").stdout == ""


def test_what_cannot_be_undone_is_named(node, own_plugin):
    options = own_plugin('echo \'{"code": 100, "msg": "never content"}\'; exit 1')
    added = node.exec("add", "web", *options)
    assert added.status == 1
    assert 'not undone: plugin "mine" failed (DEL): never content (code 100)' in added.err
    assert node.is_clean()


def test_no_plugin_runs_when_one_is_missing(node):
    node.write(
        {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.88.0.0/16"}]]}}, {"type": "x"}
    )
    added = node.exec("add", "web", "--create-netns")
    assert added.status == 2
    assert 'plugin "x" is not in' in added.err
    assert set(node.links()) == {"lo"}
    assert node.run("ip", "netns", "list").stdout == ""


def test_a_full_pool_is_a_clean_error(node):
    ipam = {"type": "host-local", "ranges": [[{"subnet": "10.88.0.0/30"}]]}
    node.write({"type": "bridge", "bridge": "cni-pods", "isGateway": True, "ipam": ipam})
    assert node.exec("add", "one", "--create-netns").status == 0
    added = node.exec("add", "two", "--create-netns")
    assert added.status == 1
    assert "no IP addresses available in range set" in added.err
    assert "hint: the pool is used up" in added.err
    assert node.leases() == ["10.88.0.2"]


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0"])
def test_every_spec_version_that_the_plugins_speak(node, version):
    ipam = {"type": "host-local", "subnet": "10.88.0.0/16"}
    node.write({"type": "bridge", "bridge": "cni-pods", "isGateway": True, "ipam": ipam}, version=version)
    added = node.exec("add", "web", "--create-netns")
    assert added.status == 0, added.err
    assert added.data["cniVersion"] == version
    assert node.links("web")["eth0"]["addr_info"][0]["local"] == "10.88.0.2"
    checked = node.exec("check")
    assert checked.status == (0 if version >= "0.4.0" else 2)
    assert node.exec("del").status == 0
    assert node.is_clean()


def test_arguments_that_a_plugin_refuses_at_del_too_do_not_hold_the_container_for_ever(node):
    web = ("web", "--container-id", CONTAINER_ID)
    refused = node.exec("add", *web, "--create-netns", "--no-rollback", "--cap", 'bandwidth={"ingressRate": 1000}')
    assert refused.status == 1
    assert "the network namespace /run/netns/web is left as well; `cnictl exec del` removes it" in refused.err
    assert "eth0" in node.links("web")
    again = node.exec("add", *web)
    assert (again.status, "give `cnictl exec del` something else: --cap, --args" in again.err) == (1, True)
    assert node.exec("del", *web, "--cap", "bandwidth={}").status == 0
    assert node.is_clean()


def test_a_namespace_stays_for_those_alone_who_want_to_see_what_a_plugin_has_left(node):
    node.write({"type": "not-installed"})
    missing = node.exec("add", "web", "--create-netns", "--no-rollback")
    assert (missing.status, "is left" in missing.err) == (2, False)
    assert not node.run("ip", "netns", "list").stdout


def test_the_library_does_the_same(node):
    node.run("ip", "netns", "add", "web")
    code = f"""
from cnictl import CNI, Attachment, NetworkConfigList
network = NetworkConfigList.from_file({str(node.network)!r})
cni = CNI(bin_dirs=[{str(node.bin_dir)!r}])
web = Attachment(container_id="c1", netns="/run/netns/web", ifname="eth0")
print(cni.add(network, web).ips[0].address)
cni.check(network, web)
cni.delete(network, web)
print(cni.plugin_info("bridge").versions)
"""
    done = node.run(CNICTL[0], "-c", code)
    address, versions = done.stdout.splitlines()
    assert address == "10.88.0.2/16"
    assert "1.0.0" in versions
    assert node.is_clean()


@pytest.mark.parametrize(("chained", "status"), [([], 0), ([{"type": "sbr"}], 1)])
def test_check_fails_behind_sbr_as_a_rule_says(node, chained, status):
    ipam = {"type": "host-local", "ranges": [[{"subnet": "10.88.0.0/16"}]], "routes": [{"dst": "0.0.0.0/0"}]}
    node.write({"type": "bridge", "bridge": "cni-pods", "isGateway": True, "ipam": ipam}, *chained)
    assert node.exec("add", "web", "--create-netns").status == 0
    checked = node.exec("check")
    assert checked.status == status
    assert ("Failed to find Gateway 10.88.0.1" in checked.err) is bool(status)
    report = node.cnictl("validate", "--select", "CNI208", "--strict", node.network)
    assert report.status == status
