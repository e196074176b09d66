"""What the doctor says of real rules, beside what the kernel makes of them."""

from __future__ import annotations

import re

import pytest

from cnictl.doctor.registry import all_checks

pytestmark = pytest.mark.netns

OUTSIDE = """
ip link add eth0 type veth peer name eth0 netns out
ip addr add 192.168.5.2/24 dev eth0
ip link set eth0 up
ip route add default via 192.168.5.1
ip -n out addr add 192.168.5.1/24 dev eth0
ip -n out link set eth0 up
ip -n out route add 10.88.0.0/16 via 192.168.5.2
"""
CONNECT = """
import socket
try:
    socket.create_connection(("192.168.5.1", 80), 1)
except ConnectionRefusedError:
    print("arrives")
except OSError:
    print("is dropped")
"""
DOCKER = """
iptables -P FORWARD DROP
iptables -N DOCKER-USER
iptables -A DOCKER-USER -j RETURN
iptables -A FORWARD -j DOCKER-USER
iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
"""
TABLE = """
nft -f - <<'X'
table inet own {
    set pods { type ipv4_addr; flags interval; elements = { POD } }
    chain others { iifname { "docker0", "virbr0" } accept; icmp type echo-request accept; }
    chain forward {
        type filter hook forward priority 10; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        ct status dnat accept
        jump others
        ip saddr @pods tcp dport { 80, 443 } accept
    }
}
X
"""
KUBE = """
iptables -P FORWARD DROP
iptables -N KUBE-FORWARD
iptables -A FORWARD -j KUBE-FORWARD
iptables -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
iptables -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
iptables -A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
"""
RULES = {
    "none": "true",
    "a policy": "iptables -P FORWARD DROP",
    "a policy of the old backend": "iptables-legacy -P FORWARD DROP",
    "docker": DOCKER,
    "docker, with the pods let pass": f"{DOCKER}iptables -I DOCKER-USER -s 10.88.0.0/16 -j ACCEPT\n"
    "iptables -I DOCKER-USER -d 10.88.0.0/16 -j ACCEPT",
    "kube-proxy": KUBE,
    "kube-proxy and flannel": f"{KUBE}iptables -N FLANNEL-FWD\niptables -A FORWARD -j FLANNEL-FWD\n"
    "iptables -A FLANNEL-FWD -s 10.88.0.0/16 -j ACCEPT\niptables -A FLANNEL-FWD -d 10.88.0.0/16 -j ACCEPT",
    "a rejection": "iptables -A FORWARD -i cni+ -o eth0 -j REJECT --reject-with icmp-host-prohibited",
    "a rejection for others": "iptables -A FORWARD ! -i cni+ -m conntrack --ctstate NEW -j DROP",
    "a table": TABLE.replace("POD", "10.89.0.0/16"),
    "a table that knows the pods": TABLE.replace("POD", "10.88.0.0/16"),
}


@pytest.fixture
def pod(node):
    """A pod, and something beyond the node that it can reach."""
    node.run("ip", "netns", "add", "out")
    node.run("sh", "-ec", OUTSIDE)
    node.generate()
    assert node.exec("add", "web", "--create-netns").status == 0
    return node


def results(node, *codes):
    ended = node.cnictl(
        "doctor", "--conf-dir", node.scratch, "--bin-dir", node.bin_dir, "--select", ",".join(codes), "-f", "json"
    )
    return {check["code"]: check for check in ended.data["checks"]}


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_what_is_said_to_be_dropped_is_dropped(pod, rules):
    pod.run("sh", "-ec", rules)
    outcome = pod.run("ip", "netns", "exec", "web", "python3", "-c", CONNECT).stdout.strip()
    status = results(pod, "CNI869")["CNI869"]["status"]
    assert (outcome, status) in (("arrives", "ok"), ("is dropped", "fail"))


def command_of(finding):
    """The command of a fix, which stands in backticks."""
    _, command, _ = finding["fix"]["description"].split("`")
    return command


def test_what_is_advised_lets_pods_pass(pod):
    pod.run("sh", "-ec", DOCKER)
    (finding,) = results(pod, "CNI869")["CNI869"]["findings"]
    pod.run("sh", "-ec", command_of(finding))
    assert pod.run("ip", "netns", "exec", "web", "python3", "-c", CONNECT).stdout == "arrives\n"
    assert results(pod, "CNI869")["CNI869"]["status"] == "ok"


def test_a_host_port_that_leads_to_a_stranger(node):
    node.generate("--portmap")
    assert node.exec("add", "old", "--create-netns", "--container-id", "old", "--port", "8080:80").status == 0
    script = "umount /run/netns/old; rm -r /run/netns/old /var/lib/cni/results/* /var/lib/cni/networks/pods/*"
    node.run("sh", "-c", script)
    assert node.exec("add", "new", "--create-netns", "--container-id", "new").status == 0

    check = results(node, "CNI875")["CNI875"]
    (finding,) = check["findings"]
    expected = (
        "the hostPort 8080/tcp of the container old, which no cache knows, leads to 10.88.0.2, which belongs to new now"
    )
    assert (check["status"], finding["message"]) == ("fail", expected)

    node.run("sh", "-ec", command_of(finding))
    assert not [rule for rule in node.rules() if "8080" in rule]
    assert results(node, "CNI875")["CNI875"]["status"] == "skip"


def test_a_host_port_at_localhost(node):
    node.generate("--portmap")
    assert node.exec("add", "web", "--create-netns", "--port", "8080:80").status == 0
    assert results(node, "CNI864")["CNI864"]["status"] == "ok"
    bridge = next(name for name in node.links() if name.startswith("cni"))
    node.run("sysctl", "-qw", f"net.ipv4.conf.{bridge}.route_localnet=0")
    (finding,) = results(node, "CNI864")["CNI864"]["findings"]
    assert finding["message"].startswith(
        f"net.ipv4.conf.{bridge}.route_localnet is 0, so hostPorts of the pods on {bridge}"
    )


def test_ipv6_that_is_switched_off(node):
    ranges = [[{"subnet": "10.88.0.0/16"}], [{"subnet": "fd00:88::/64"}]]
    node.write(
        {"type": "bridge", "bridge": "cni0", "isGateway": True, "ipam": {"type": "host-local", "ranges": ranges}}
    )
    node.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    said = node.exec("add", "web", "--create-netns").err
    check = next(check for check in all_checks() if check.code == "CNI860")
    assert any(re.search(symptom, said) for symptom in check.symptoms)
    assert results(node, "CNI860")["CNI860"]["status"] == "fail"


def test_one_host_port_for_two(node):
    node.generate("--portmap")
    for name in ("one", "two"):
        assert node.exec("add", name, "--create-netns", "--container-id", name, "--port", "8080:80").status == 0
    found = results(node, "CNI876")["CNI876"]["findings"]
    assert [finding["message"] for finding in found] == [
        (
            "the containers one and two both have the hostPort 8080/tcp: "
            "what comes in goes to 10.88.0.2, never to 10.88.0.3"
        )
    ]
