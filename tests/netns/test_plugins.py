"""ADD, CHECK and DEL of each of Debian's plugins that this kernel can run, in every spec version that it speaks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cnictl.testing import ScriptedPlugin
from tests.netns.conftest import kind

pytestmark = pytest.mark.netns

V4 = {"subnet": "10.88.0.0/16"}
V6 = {"subnet": "fd00:88::/64"}
DEFAULT = [{"dst": "0.0.0.0/0"}]


def host_local(*ranges: dict[str, str]) -> dict[str, Any]:
    return {"type": "host-local", "ranges": [[each] for each in ranges]}


def bridge(*ranges: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"type": "bridge", "bridge": "cni-pods", "isGateway": True, "ipam": host_local(*ranges), **more}


STATIC = {"type": "static", "addresses": [{"address": "10.88.0.9/16"}, {"address": "fd00:88::9/64"}]}
PORTMAP = {"type": "portmap", "capabilities": {"portMappings": True}}
BANDWIDTH = {
    "type": "bandwidth",
    "ingressRate": 10**7,
    "ingressBurst": 10**7,
    "egressRate": 10**7,
    "egressBurst": 10**7,
}
TUNING = {"type": "tuning", "sysctl": {"net.ipv4.conf.eth0.log_martians": "1"}, "mtu": 1400}

CHAINS = {
    "bridge-v4": [bridge(V4, ipMasq=True)],
    "bridge-v6": [bridge(V6)],
    "bridge-dual-stack": [bridge(V4, V6)],
    "bridge-static": [bridge() | {"ipam": STATIC}],
    "ptp-v4": [{"type": "ptp", "ipam": host_local(V4) | {"routes": DEFAULT}}],
    "ptp-dual-stack": [{"type": "ptp", "ipam": host_local(V4, V6)}],
    "portmap": [bridge(V4), PORTMAP],
    "bandwidth": [bridge(V4), BANDWIDTH],
    "firewall": [bridge(V4), {"type": "firewall", "backend": "iptables"}],
    "tuning": [bridge(V4), TUNING],
    "all-of-them": [bridge(V4, V6), PORTMAP, BANDWIDTH, {"type": "firewall", "backend": "iptables"}, TUNING],
}
SINCE_0_4_0 = {"firewall", "all-of-them"}
"""firewall speaks nothing older."""
CASES = [
    (name, version)
    for name in CHAINS
    for version in ("0.3.1", "0.4.0", "1.0.0")
    if version != "0.3.1" or name not in SINCE_0_4_0
]


def addresses(node, netns: str) -> list[str]:
    found = node.links(netns)["eth0"]["addr_info"]
    return [f"{info['local']}/{info['prefixlen']}" for info in found if info["scope"] == "global"]


@pytest.mark.parametrize(("name", "version"), CASES)
def test_a_chain_comes_up_is_checked_and_goes_without_trace(node, name, version):
    node.write(*CHAINS[name], version=version)
    added = node.exec("add", "web", "--create-netns", "--port", "8080:80")
    assert added.status == 0, added.err
    assert added.data["cniVersion"] == version
    assert sorted(ip["address"] for ip in added.data["ips"]) == sorted(addresses(node, "web"))
    checked = node.exec("check")
    assert checked.status == (2 if version == "0.3.1" else 0), checked.err
    assert node.exec("del").status == 0
    assert node.is_clean(), (node.links(), node.leases(), node.rules(), node.cached())
    assert node.exec("del").status == 0


def test_what_is_checked_is_what_was_made(node):
    node.write(*CHAINS["all-of-them"])
    node.exec("add", "web", "--create-netns")
    link = node.links("web")["eth0"]
    assert (link["mtu"], kind(link)) == (1400, "veth")
    assert node.run("ip", "netns", "exec", "web", "cat", "/proc/sys/net/ipv4/conf/eth0/log_martians").stdout == "1\n"
    node.run("ip", "-netns", "web", "link", "set", "eth0", "mtu", "1300")
    checked = node.exec("check")
    assert checked.status == 1
    assert "mtu" in checked.err.lower()


def test_sbr(node):
    """CHECK is left out: bridge looks for the default route in the table that sbr has moved it out of."""
    node.write(bridge(V4), {"type": "sbr"})
    added = node.exec("add", "web", "--create-netns")
    assert added.status == 0, added.err
    assert "from 10.88.0.2 lookup 100" in node.run("ip", "-netns", "web", "rule").stdout
    assert "default via 10.88.0.1" in node.run("ip", "-netns", "web", "route", "show", "table", "100").stdout
    assert node.exec("del").status == 0
    assert node.is_clean()


def test_loopback(node):
    node.write({"type": "loopback"})
    added = node.exec("add", "web", "--create-netns", "--ifname", "lo")
    assert added.status == 0, added.err
    assert "127.0.0.1/8" in [ip["address"] for ip in added.data["ips"]]
    assert "UP" in node.links("web")["lo"]["flags"]
    assert node.exec("check", "web", "--ifname", "lo").status == 0
    assert node.exec("del", "web", "--ifname", "lo").status == 0
    assert node.is_clean()


def test_gc_and_status_of_1_1_0(node, tmp_path):
    """No plugin of Debian's speaks 1.1.0 yet, so the chain is of one that does what it is told."""
    plugin = ScriptedPlugin(tmp_path / "bin", "modern", versions=("1.0.0", "1.1.0"))
    plugin.on("ADD", result={"cniVersion": "1.1.0", "ips": [{"address": "10.1.0.5/24"}]})
    plugin.on("STATUS", error={"code": 51, "msg": "the agent is down"}, times=1)
    node.network.write_text(json.dumps({"cniVersion": "1.1.0", "name": "pods", "plugins": [{"type": "modern"}]}))
    places = ("--bin-dir", tmp_path / "bin")
    refused = node.exec("status", "unused", *places)
    assert (refused.status, "the agent is down (code 51)" in refused.err) == (1, True)
    assert node.exec("status", "unused", *places).status == 0
    for name in ("one", "two"):
        assert node.exec("add", name, "--create-netns", *places).status == 0
    node.run("ip", "netns", "del", "one")
    assert node.exec("gc", "unused", *places).status == 0
    (kept,) = node.cached()
    (valid,) = plugin.runs[-1].config["cni.dev/valid-attachments"]
    assert (plugin.runs[-1].verb, valid["ifname"]) == ("GC", "eth0")
    assert valid["containerID"] in kept
