"""What real plugins leave behind, and what the doctor says of it: in a node of its own."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.netns

CHECKS = "CNI879,CNI88,CNI89"
LONG_AGO = "2020-01-01"
LIMITS = ("--bandwidth", "ingress=1M,egress=1M")


def examined(node, *options):
    """What each of these checks comes to, by its code."""
    ended = node.cnictl(
        "doctor", "-f", "json", "--conf-dir", node.scratch, "--bin-dir", node.bin_dir, "--select", CHECKS, *options
    )
    return {check["code"]: check for check in ended.data["checks"]}


def messages(node, code):
    return [finding["message"] for finding in examined(node)[code]["findings"]]


def age(node):
    """Makes all that is kept so old that it is no work in progress."""
    node.run("sh", "-c", f"find /var/lib/cni -type f -exec touch -d {LONG_AGO} {{}} +")


def shrink(node, subnet):
    """Gives the network ``pods`` another subnet."""
    network = json.loads(node.network.read_text())
    network["plugins"][0]["ipam"]["ranges"] = [[{"subnet": subnet}]]
    node.network.write_text(json.dumps(network))


def test_pods_that_are_there_are_no_leftovers(node):
    for name in ("web", "db"):
        assert node.exec("add", name, "--create-netns", *LIMITS).status == 0
    age(node)
    checks = examined(node)
    assert {
        code: check["summary"] for code, check in checks.items() if check["status"] in ("fail", "warn", "error")
    } == {}
    assert checks["CNI883"]["status"] == "ok"
    assert checks["CNI886"]["status"] == "ok"


def test_a_container_that_is_gone_without_del(node):
    node.exec("add", "web", "--create-netns", "--container-id", "c1", "--port", "8080:80", *LIMITS)
    node.exec("add", "db", "--create-netns", "--container-id", "c2")
    node.run("ip", "netns", "del", "web")
    age(node)
    assert messages(node, "CNI883") == [
        "network pods: a container is gone, and what was made for it was not removed: c1 (10.88.0.2)"
    ]
    assert messages(node, "CNI880") == []  # DEL gives the address back

    fixed = node.cnictl("doctor", "--conf-dir", node.scratch, "--bin-dir", node.bin_dir, "--select", "CNI883", "--fix")
    assert fixed.status == 0, fixed
    assert node.leases() == ["10.88.0.3"]
    assert not [name for name in node.links() if name.startswith("bwp")]
    assert not [rule for rule in node.rules() if "8080" in rule]
    assert messages(node, "CNI883") == []


def test_an_address_of_which_no_cache_knows(node):
    node.exec("add", "web", "--create-netns", "--container-id", "c1")
    node.run("sh", "-c", "rm /var/lib/cni/results/*")
    node.run("ip", "netns", "del", "web")
    age(node)
    assert messages(node, "CNI880") == [
        "the network pods keeps an address from before the last boot, which no container survived: 10.88.0.2"
    ]


def test_a_subnet_that_is_used_up(node):
    shrink(node, "10.88.0.0/29")
    ended = [node.exec("add", f"n{number}", "--create-netns") for number in range(6)]
    assert [each.status for each in ended] == [0, 0, 0, 0, 0, 1]
    assert "no IP addresses available in range set: 10.88.0.1-10.88.0.6" in ended[-1].err
    assert messages(node, "CNI879") == [
        "network pods: all 5 addresses in 10.88.0.1-10.88.0.6 are taken, so the next pod gets none"
    ]


def test_an_empty_lease_is_lost_for_ever(node):
    shrink(node, "10.88.0.0/30")
    node.run("sh", "-c", "mkdir -p /var/lib/cni/networks/pods && : > /var/lib/cni/networks/pods/10.88.0.2")
    age(node)
    assert "no IP addresses available" in node.exec("add", "web", "--create-netns").err
    assert messages(node, "CNI881") == [
        "network pods: the lease file of 10.88.0.2 is empty, so no pod gets or gives back this address"
    ]
    node.cnictl("doctor", "--conf-dir", node.scratch, "--select", "CNI881", "--fix")
    node.run("ip", "link", "del", "cni-pods")  # without ports it has no hardware address, at which the plugin stumbles
    assert node.exec("add", "web", "--create-netns").status == 0


def test_a_bridge_with_the_address_of_a_former_subnet(node):
    node.exec("add", "web", "--create-netns")
    shrink(node, "10.99.0.0/16")
    ended = node.exec("add", "db", "--create-netns")
    assert '"cni-pods" already has an IP address different from 10.99.0.1/16' in ended.err
    assert messages(node, "CNI886") == [
        "network pods: cni-pods has the address 10.88.0.1/16 and should have 10.99.0.1/16"
    ]


def test_a_bridge_that_was_deleted_under_its_pods(node):
    node.exec("add", "web", "--create-netns", "--container-id", "c1")
    node.run("ip", "link", "del", "cni-pods")
    node.exec("add", "db", "--create-netns")
    assert messages(node, "CNI886") == ["a pod is on no bridge any more, since cni-pods was deleted and made again: c1"]


def test_a_name_that_another_link_has(node):
    node.run("ip", "link", "add", "cni-pods", "type", "veth", "peer", "name", "other")
    ended = node.exec("add", "web", "--create-netns")
    assert '"cni-pods" already exists but is not a bridge' in ended.err
    assert messages(node, "CNI886") == ["network pods: cni-pods is a veth and no bridge, so every pod fails"]


def test_a_lock_that_somebody_keeps(node):
    node.exec("add", "web", "--create-netns")
    node.run("sh", "-c", "flock /var/lib/cni/networks/pods/lock sleep 40 >/dev/null 2>&1 & sleep 0.2")
    ended = node.exec("add", "db", "--create-netns", "--timeout", "1", "--no-rollback")
    assert ended.status == 1
    assert examined(node)["CNI882"]["status"] == "ok"  # it was only just taken


def test_a_network_namespace_that_is_no_mount(node):
    node.run("sh", "-c", "touch /run/netns/plain")
    assert messages(node, "CNI894") == ["/run/netns/plain is a file on which no network namespace is mounted"]


def test_a_network_namespace_that_somebody_still_holds(node):
    node.exec("add", "web", "--create-netns", "--container-id", "c1")
    node.run("sh", "-c", "ip netns exec web sleep 60 >/dev/null 2>&1 & sleep 0.2")
    node.run("ip", "netns", "del", "web")
    age(node)
    (veth,) = [name for name in node.links() if name.startswith("veth")]
    assert messages(node, "CNI893") == [
        f"containers are gone, and something still holds their network namespaces: {veth} (c1)"
    ]


def test_a_limit_that_is_left_of_a_container(node):
    node.exec("add", "web", "--create-netns", "--container-id", "c1", *LIMITS)
    node.run("sh", "-c", "rm /var/lib/cni/results/*")
    node.run("ip", "netns", "del", "web")
    (device,) = [name for name in node.links() if name.startswith("bwp")]
    assert messages(node, "CNI893") == [
        f"what limited the bandwidth of a container that is gone is still there: {device}"
    ]


def test_two_vxlans_for_one_port(node):
    node.run("ip", "link", "add", "flannel.1", "type", "vxlan", "id", "1", "dstport", "8472", "local", "127.0.0.1")
    node.run("ip", "link", "set", "flannel.1", "up")
    node.run("ip", "link", "add", "cilium_vxlan", "type", "vxlan", "external", "dstport", "8472")
    refused = node.run("ip", "link", "set", "cilium_vxlan", "up", check=False)
    assert "RTNETLINK answers: Address already in use" in refused.stderr
    assert messages(node, "CNI885") == ["flannel.1 and cilium_vxlan both want port 8472, and cilium_vxlan is down"]


def test_a_bridge_takes_so_many_ports(node):
    node.exec("add", "web", "--create-netns")
    add = "ip link add p$i type veth peer name q$i && ip link set p$i master cni-pods"
    script = f"for i in $(seq 1030); do {add} || exit 0; done"
    assert "Exchange full" in node.run("sh", "-c", script).stderr
    assert "the bridge cni-pods has 1023 ports, one for each pod, and can have 1023" in messages(node, "CNI886")
    assert "exchange full" in node.exec("add", "db", "--create-netns").err


def test_an_mtu_above_the_cards(node):
    node.run("ip", "link", "add", "card", "type", "veth", "peer", "name", "other")
    ipam = {"type": "static", "addresses": [{"address": "10.1.1.2/24"}]}
    node.write({"type": "macvlan", "master": "card", "mtu": 9000, "ipam": ipam})
    assert "invalid MTU 9000, must be [0, master MTU(1500)]" in node.exec("add", "web", "--create-netns").err
    assert messages(node, "CNI887") == ['network pods: "mtu" is 9000, and card has 1500, so macvlan refuses it']
