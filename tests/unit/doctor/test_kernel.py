"""What the running kernel has, and what it could have."""

from __future__ import annotations

import pytest

from cnictl.doctor.facts.kernel import Presence
from cnictl.doctor.node import Node
from tests.support.nodes import Folder, NodeTree, plant

RELEASE = {"proc/sys/kernel/osrelease": "6.1.0\n"}
LOADED = {"proc/modules": "veth 36864 0 - Live 0x0\nbridge 421888 1 veth, Live 0x0\n"}
DEP = {"lib/modules/6.1.0/modules.dep": "kernel/drivers/net/ipvlan/ipvlan.ko.xz: kernel/x.ko.xz\n"}
BUILTIN = {"usr/lib/modules/6.1.0/modules.builtin": ""} | {"lib/modules/6.1.0/modules.builtin": "kernel/net/tun.ko\n"}
MODULES = {"proc/modules": "a 1 0 - Live 0x0\n"}


@pytest.mark.parametrize(
    ("files", "module", "option", "presence"),
    [
        ({**RELEASE, **LOADED}, "veth", "CONFIG_VETH", Presence.THERE),
        ({**RELEASE, **BUILTIN}, "tun", "CONFIG_TUN", Presence.THERE),
        ({**RELEASE, "boot/config-6.1.0": "CONFIG_VETH=y\n"}, "veth", "CONFIG_VETH", Presence.THERE),
        ({**RELEASE, "sys/module/8021q": Folder()}, "8021q", "CONFIG_VLAN_8021Q", Presence.THERE),
        ({**RELEASE, **DEP}, "ipvlan", "CONFIG_IPVLAN", Presence.LOADABLE),
        ({**RELEASE, **DEP, **BUILTIN}, "macvlan", "CONFIG_MACVLAN", Presence.ABSENT),
        ({**RELEASE, **DEP}, "macvlan", "CONFIG_MACVLAN", Presence.UNKNOWN),
        ({**RELEASE, "boot/config-6.1.0": "# CONFIG_VETH is not set\n"}, "veth", "CONFIG_VETH", Presence.ABSENT),
        ({**RELEASE, **DEP, "boot/config-6.1.0": "CONFIG_VETH=m\n"}, "veth", "CONFIG_VETH", Presence.ABSENT),
        ({**RELEASE, **MODULES, "boot/config-6.1.0": "CONFIG_VETH=m\n"}, "veth", "CONFIG_VETH", Presence.LOST),
        ({**RELEASE, "boot/config-6.1.0": "CONFIG_VETH=m\n"}, "veth", "CONFIG_VETH", Presence.UNKNOWN),
        ({**RELEASE, "lib/modules/6.1.0/config": "CONFIG_VETH=y\n"}, "veth", "CONFIG_VETH", Presence.THERE),
        ({}, "veth", "CONFIG_VETH", Presence.UNKNOWN),
    ],
)
def test_whether_it_has_something(tmp_path, files, module, option, presence):
    node = Node(NodeTree(plant(tmp_path / "node", {"etc/hostname": "a", **files})))
    assert node.kernel.has(module, option) is presence


def test_modules_of_an_upgraded_kernel_are_lost(tmp_path):
    node = Node(NodeTree(plant(tmp_path / "node", {**RELEASE, **LOADED})))
    assert node.kernel.lost_modules
    assert node.kernel.may_load


def test_in_a_container_they_are_elsewhere(tmp_path):
    node = Node(NodeTree(plant(tmp_path / "node", {**RELEASE, **LOADED, ".dockerenv": ""})))
    assert not node.kernel.lost_modules
