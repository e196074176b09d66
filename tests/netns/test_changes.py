"""What plugins change, as it is seen from outside: with the real plugins, and against what the system's tools say."""

from __future__ import annotations

import json
import sys

import pytest

from tests.netns.conftest import SUBNET

pytestmark = pytest.mark.netns

NAMESPACE = "/run/netns/web"
PORT = {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}
LIMITS = {"ingressRate": 1_000_000, "ingressBurst": 8_000_000, "egressRate": 2_000_000, "egressBurst": 8_000_000}

WATCH = """
import sys
from pathlib import Path
from cnictl import CNI, Attachment, NetworkConfigList
from cnictl.invoke.executor import ProcessExecutor
from cnictl.render.changes.json import render
from cnictl.render.paper import Paper
from cnictl.runtime.changes import Watching
import json
network, netns, capabilities, bin_dir = sys.argv[1:]
watching = Watching(ProcessExecutor(), Path(netns))
cni = CNI([Path(bin_dir)], executor=watching)
network = NetworkConfigList.from_file(network)
attachment = Attachment("c1", netns, "eth0", capability_args=json.loads(capabilities))
cni.add(network, attachment)
cni.delete(network, attachment)
render(watching.changes, Paper(sys.stdout), unseen=watching.unseen)
"""

LOOK = """
import json
from cnictl.invoke.tools import show
from cnictl.netns.snapshot import take
shot = take(show)
facts = [[fact.kind, fact.what, dict(fact.details)] for fact in shot.facts.values()]
links = {f"{folder}.{shot.links[index]}": found for (folder, index), found in shot.link_settings.items()}
print(json.dumps({"facts": facts, "links": links, "unseen": shot.unseen}))
"""

BRIDGE = {
    "type": "bridge",
    "bridge": "cni0",
    "isGateway": True,
    "ipMasq": True,
    "hairpinMode": True,
    "ipam": {"type": "host-local", "ranges": [[{"subnet": SUBNET}]], "routes": [{"dst": "0.0.0.0/0"}]},
}


class Seen:
    """The changes of one verb of one plugin: ``+``, ``-`` or ``~``, the namespace, the kind and the name."""

    def __init__(self, changes):
        self.all = [(where, change) for where, found in changes.items() for change in found]
        self.lines = {f"{sign(change)} {where} {change['kind']} {change['what']}" for where, change in self.all}

    def of(self, where, kind):
        return [change for place, change in self.all if (place, change["kind"]) == (where, kind)]

    def has(self, *wanted):
        """Whether for each of these there is a line that holds all its words in their order."""
        return [line for line in wanted if not any(holds(found, line) for found in self.lines)] == []


def holds(line, wanted):
    place = 0
    for word in wanted.split(" ... "):
        place = line.find(word, place)
        if place < 0:
            return False
    return True


def sign(change):
    return "+" if change["before"] is None else "-" if change["after"] is None else "~"


@pytest.fixture
def watch(node):
    def run(*plugins, capabilities=None):
        node.write(*plugins)
        node.run("ip", "netns", "add", "web")
        arguments = (str(node.network), NAMESPACE, json.dumps(capabilities or {}), str(node.bin_dir))
        document = json.loads(node.run(sys.executable, "-c", WATCH, *arguments).stdout)
        assert document["unseen"] == []
        return {(run["plugin"], run["verb"]): Seen(run["changes"]) for run in document["runs"]}

    return run


@pytest.fixture
def look(node):
    return lambda: json.loads(node.run(sys.executable, "-c", LOOK).stdout)


def test_bridge(watch):
    seen = watch(BRIDGE)
    added, deleted = seen["bridge", "ADD"], seen["bridge", "DEL"]
    assert added.has(
        "+ pod link eth0@if",
        "+ pod address 10.88.0.2/16 dev eth0",
        "+ pod route default via 10.88.0.1 dev eth0",
        "+ host link cni0",
        "+ host link veth",
        "+ host address 10.88.0.1/16 dev cni0",
        "+ host iptables nat -A POSTROUTING -s 10.88.0.2/32 ... -j CNI-",
        "~ host sysctl net.ipv4.ip_forward",
    )
    port = next(link for link in added.of("host", "link") if link["what"].startswith("veth"))
    assert port["after"].items() >= {"kind": "veth", "state": "up", "master": "cni0", "hairpin": "on"}.items()
    assert deleted.has(
        "- pod link eth0@if",
        "- pod address 10.88.0.2/16 dev eth0",
        "- host link veth",
        "- host iptables nat -A POSTROUTING -s 10.88.0.2/32 ... -j CNI-",
    )
    assert not any(line.startswith("+") for line in deleted.lines)
    assert [link["what"] for link in deleted.of("host", "link")] == [port["what"]]  # the bridge stays


def test_forwarding_is_told_once_and_not_for_each_link(watch):
    added = watch(BRIDGE)["bridge", "ADD"]
    forwarding = [change for change in added.of("host", "sysctl") if "forward" in change["what"]]
    assert [(change["what"], change["before"], change["after"]) for change in forwarding] == [
        ("net.ipv4.ip_forward", {"value": "0"}, {"value": "1"})
    ]


def test_a_new_link_brings_only_the_settings_that_are_not_the_default(watch):
    added = watch(BRIDGE)["bridge", "ADD"]
    names = {change["what"] for change in added.of("pod", "sysctl")}
    assert "net.ipv4.conf.eth0.arp_notify" in names
    assert len(names) < 6


def test_portmap(watch):
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}}
    seen = watch(BRIDGE, portmap, capabilities={"portMappings": [PORT]})
    rule = "host iptables nat -A CNI-DN- ... --dport 8080 -j DNAT --to-destination 10.88.0.2:80"
    assert seen["portmap", "ADD"].has(f"+ {rule}", "~ host sysctl net.ipv4.conf.cni0.route_localnet")
    assert seen["portmap", "DEL"].has(f"- {rule}")
    assert seen["portmap", "ADD"].of("pod", "link") == []


def test_bandwidth(watch):
    bandwidth = {"type": "bandwidth", "capabilities": {"bandwidth": True}}
    seen = watch(BRIDGE, bandwidth, capabilities={"bandwidth": LIMITS})
    added, deleted = seen["bandwidth", "ADD"], seen["bandwidth", "DEL"]
    assert added.has("+ host link bwp", "+ host qdisc ingress ffff: dev veth", "+ host filter u32 ... redirect to bwp")
    buckets = [change for change in added.of("host", "qdisc") if change["what"].startswith("tbf 1: dev ")]
    assert {change["what"].split()[3][:3]: change["after"]["rate"] for change in buckets} == {
        "vet": "1000000bit",
        "bwp": "2000000bit",
    }
    assert {change["after"]["burst"] for change in buckets} == {1_000_000}
    assert deleted.has("- host link bwp", "- host qdisc tbf 1: dev bwp")


def test_firewall(watch):
    seen = watch(BRIDGE, {"type": "firewall", "backend": "iptables"})
    rule = "host iptables filter -A CNI-FORWARD -s 10.88.0.2/32 -j ACCEPT"
    assert seen["firewall", "ADD"].has(f"+ {rule}", "+ host iptables filter chain CNI-ADMIN")
    assert seen["firewall", "DEL"].has(f"- {rule}")


def test_tuning(watch):
    tuning = {"type": "tuning", "sysctl": {"net.core.somaxconn": "500"}, "mtu": 1400, "promisc": True}
    seen = watch(BRIDGE, tuning)
    [setting] = seen["tuning", "ADD"].of("pod", "sysctl")
    assert (setting["what"], setting["after"]) == ("net.core.somaxconn", {"value": "500"})
    [link] = seen["tuning", "ADD"].of("pod", "link")
    assert (link["before"]["mtu"], link["after"]["mtu"]) == (1500, 1400)
    assert "promisc" not in link["before"]
    assert link["after"]["promisc"] == "on"
    [link] = seen["tuning", "DEL"].of("pod", "link")
    assert (link["before"]["mtu"], link["after"]["mtu"]) == (1400, 1500)
    assert seen["tuning", "DEL"].of("pod", "sysctl") == []  # the plugin restores no settings


def test_sbr(watch):
    seen = watch(BRIDGE, {"type": "sbr"})
    rule = "pod rule 32765: from 10.88.0.2 lookup 100"
    moved = ("- pod route default via 10.88.0.1 dev eth0", "+ pod route default via 10.88.0.1 dev eth0 table 100")
    assert seen["sbr", "ADD"].has(f"+ {rule}", *moved)
    assert seen["sbr", "DEL"].has(f"- {rule}")


def test_a_plugin_that_does_nothing_changes_nothing(watch):
    seen = watch(BRIDGE, {"type": "tuning"})
    assert seen["tuning", "ADD"].lines == set()


def test_a_link_that_goes_into_the_pod_is_gone_from_the_host(watch, node):
    node.run("ip", "link", "add", "spare", "type", "veth", "peer", "name", "other")
    seen = watch({"type": "host-device", "device": "spare"})
    assert seen["host-device", "ADD"].has("- host link spare", "+ pod link eth0")
    assert seen["host-device", "DEL"].has("+ host link spare", "- pod link eth0")


def test_rules_of_nftables_and_of_both_kinds_of_iptables(look, node):
    node.run("iptables-nft", "-t", "nat", "-A", "POSTROUTING", "-s", "10.0.0.1", "-j", "MASQUERADE")
    node.run("iptables-legacy", "-A", "FORWARD", "-s", "10.0.0.2", "-j", "DROP")
    node.run("nft", "add table inet mine; add chain inet mine c { type filter hook input priority 0; policy drop; }")
    node.run("nft", "add rule inet mine c ip saddr 10.0.0.3 counter accept")
    seen = look()
    assert seen["unseen"] == {}
    facts = {(kind, what) for kind, what, _ in seen["facts"]}
    assert facts >= {
        ("iptables", "nat -A POSTROUTING -s 10.0.0.1/32 -j MASQUERADE"),
        ("iptables", "legacy filter -A FORWARD -s 10.0.0.2/32 -j DROP"),
        ("nftables", "table inet mine"),
        ("nftables", "inet mine chain c ip saddr 10.0.0.3 counter accept"),
    }
    assert not any("MASQUERADE" in what or "masquerade" in what for kind, what in facts if kind == "nftables")


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("route", "-4 route add 10.6.0.0/16 via 10.0.0.9 dev left metric 5 mtu 1400"),
        (
            "route",
            "-4 route add 10.7.0.0/16 nexthop via 10.0.0.8 dev left weight 1 nexthop via 10.0.0.9 dev left weight 2",
        ),
        ("route", "-4 route add blackhole 10.5.0.0/16 table 77"),
        ("route", "-4 route add 10.8.0.0/16 via inet6 fe80::9 dev left"),
        ("route", "-6 route add fd00:9::/64 dev left metric 7"),
        ("route", "-4 route add default dev left scope link table 5 proto static"),
        ("rule", "-4 rule add fwmark 0x1/0xff iif left lookup 7"),
        ("rule", "-4 rule add not from 10.1.0.0/24 lookup main suppress_prefixlength 0"),
        ("rule", "-4 rule add from 10.2.0.0/24 tos 0x10 goto 32766"),
        ("rule", "-4 rule add to 10.0.0.0/8 ipproto tcp dport 80-90 unreachable"),
    ],
)
def test_routes_and_rules_are_worded_as_ip_does(look, node, kind, arguments):
    node.run("ip", "link", "add", "left", "type", "veth", "peer", "name", "right")
    node.run("ip", "link", "set", "left", "up")
    node.run("ip", "address", "add", "10.0.0.1/24", "dev", "left")
    family, noun, *_ = arguments.split()
    listing = ["ip", "-oneline", family, noun, "show", *(["table", "all"] if noun == "route" else [])]
    before = node.run(*listing).stdout.splitlines()
    node.run("ip", *arguments.split())
    [line] = set(node.run(*listing).stdout.splitlines()) - set(before)
    words = [word for word in line.replace("\\", " ").split() if word not in ("linkdown", "pref", "medium")]
    spoken = " ".join(words).replace("ipproto tcp", "ipproto 6")
    assert in_order(spoken) in {in_order(what) for found, what, _ in look()["facts"] if found == kind}


def in_order(line):
    """The words of a line whatever their order, which differs between versions of ``ip``."""
    return tuple(sorted(line.split()))


def test_names_neighbours_and_classes(look, node):
    for command in (
        "ip link add left type veth peer name right",
        "ip link property add dev right altname also",
        "ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:01 dev right",
        "ip neigh add proxy 10.0.0.8 dev right",
        "tc qdisc add dev right root handle 1: htb default 10",
        "tc class add dev right parent 1: classid 1:10 htb rate 10mbit ceil 20mbit burst 15k",
    ):
        node.run(*command.split())
    details = {(kind, what.split("@")[0]): details for kind, what, details in look()["facts"]}
    assert details["link", "right"]["altnames"] == "also"
    assert details["neighbour", "10.0.0.9 dev right"] == {"mac": "02:00:00:00:00:01"}
    assert ("neighbour", "proxy 10.0.0.8 dev right") in details
    shaped = details["class", "htb 1:10 dev right root"]
    assert (shaped["rate"], shaped["ceil"], shaped["burst"]) == ("10000000bit", "20000000bit", 15 * 1024)


def test_filters_are_told_with_what_they_match_as_tc_words_it(look, node):
    for command in (
        "ip link add left type veth peer name right",
        "tc qdisc add dev left ingress",
        (
            "tc filter add dev left parent ffff: protocol ip pref 5 u32 match ip src 10.0.0.0/8"
            " match ip dport 80 0xffff action mirred egress redirect dev right"
        ),
    ):
        node.run(*command.split())
    listed = node.run("tc", "filter", "show", "dev", "left", "parent", "ffff:").stdout.split("\n")
    matches = " ".join(line.strip() for line in listed if line.strip().startswith("match"))
    [filtered] = [what for kind, what, _ in look()["facts"] if kind == "filter"]
    assert matches.count("match") == 2
    assert filtered == f"u32 dev left parent ffff: pref 5 protocol ip {matches} redirect to right"


def test_the_settings_of_a_link_whose_name_has_a_dot(look, node):
    node.run("ip", "link", "add", "left.5", "type", "veth", "peer", "name", "right")
    node.run("sysctl", "-w", "net.ipv4.conf.left/5.proxy_arp=1", "net.ipv6.neigh.left/5.mcast_solicit=7")
    told = look()["links"]
    assert told["net.ipv4.conf.left.5"]["proxy_arp"] == "1"
    assert told["net.ipv6.neigh.left.5"]["mcast_solicit"] == "7"
    assert told["net.ipv4.conf.right"]["proxy_arp"] == "0"


def test_the_caller_stays_where_it_is(node):
    node.run("ip", "netns", "add", "web")
    script = """
import os, sys
from pathlib import Path
from cnictl.netns.visit import Visit
def here():
    return os.readlink("/proc/thread-self/ns/net")
before = here()
inside = Visit(Path("/run/netns/web"), here).result()
print(inside != before, here() == before)
"""
    assert node.run(sys.executable, "-c", script).stdout == "True True\n"
