"""Each kind that `cnictl generate` makes and this kernel can run: ADD, CHECK and DEL with the real plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.netns.conftest import RealNode

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.netns

SUBNET = ("--subnet", "10.88.0.0/16", "--subnet", "fd00:88::/64")
CASES = {
    "bridge": (*SUBNET, "--portmap", "--bandwidth", "--firewall", "--tuning", "net.ipv4.ip_unprivileged_port_start=80"),
    "ptp": (*SUBNET, "--portmap", "--bandwidth", "--firewall"),
    "macvlan": (*SUBNET, "--master", "host0", "--tuning", "promisc=false"),
    "macvlan, static": ("--address", "10.88.0.2/16", "--gateway", "10.88.0.1", "--master", "host0", "--sbr"),
    "host-device": (*SUBNET, "--device", "host0"),
    "host-device without addresses": ("--ipam", "none", "--device", "host0"),
    "bridge without addresses": ("--ipam", "none"),
    "loopback": (),
}


@pytest.fixture
def bare(tmp_path) -> Iterator[RealNode]:
    """A throwaway node with a link ``host0`` and no network."""
    with RealNode(tmp_path) as node:
        node.run("ip", "link", "add", "host0", "type", "veth", "peer", "name", "host1")
        node.run("ip", "link", "set", "host0", "up")
        node.run("ip", "link", "set", "host1", "up")
        yield node


@pytest.mark.parametrize("case", CASES)
def test_a_kind_is_added_checked_and_deleted(bare, case):
    kind = case.partition(",")[0].split()[0]
    ended = bare.cnictl("generate", kind, "--name", "pods", *CASES[case], "-o", bare.network)
    assert ended == (0, "", "")
    assert bare.cnictl("validate", "--strict", "--with-plugins", "--bin-dir", bare.bin_dir, bare.network).status == 0
    interface = "lo" if kind == "loopback" else "eth0"
    added = bare.exec("add", "web", "--create-netns", "-i", interface)
    assert added.status == 0, added.err
    if any(option in CASES[case] for option in ("--subnet", "--address")):
        assert added.data["ips"][0]["address"] == "10.88.0.2/16"
    assert interface in bare.links("web")
    checked = bare.exec("check", "web", "-i", interface)
    assert checked.status == 0, checked.err
    assert bare.exec("del", "web", "-i", interface).status == 0
    assert bare.leases() == []
    assert {"host0", "host1"} <= set(bare.links())


@pytest.mark.parametrize("kind", ["ipvlan", "vlan", "macvlan", "ptp", "bridge", "host-device", "loopback"])
def test_the_installed_plugin_speaks_the_version_that_is_written(bare, kind):
    needed = {
        "vlan": ("--master", "host0", "--vlan-id", "5"),
        "host-device": ("--device", "host0"),
    }.get(kind, ())
    subnet = () if kind == "loopback" else ("--subnet", "10.88.0.0/16")
    made = bare.cnictl("generate", kind, "--name", "pods", *subnet, *needed, "-o", bare.network)
    assert made == (0, "", "")
    assert bare.cnictl("validate", "--strict", "--with-plugins", "--bin-dir", bare.bin_dir, bare.network).status == 0


def test_a_config_that_was_upgraded_and_got_a_plugin_works(bare):
    made = bare.cnictl("generate", "ptp", "--name", "pods", "--subnet", "10.88.0.0/16", "-o", bare.network)
    assert made == (0, "", "")
    assert (
        bare.cnictl("upgrade", bare.network, "--to", "0.4.0", "--with-plugins", "--bin-dir", bare.bin_dir).status == 0
    )
    assert bare.cnictl("chain", "add", "portmap", bare.network).status == 0
    assert bare.exec("add", "web", "--create-netns", "--port", "8080:80").data["cniVersion"] == "0.4.0"
    assert any("--dport 8080 -j DNAT" in rule for rule in bare.rules())
    assert bare.exec("check").status == 0
    assert bare.exec("del").status == 0
    assert bare.leases() == []
