"""What the configs promise of bridges, subnets and ranges."""

from __future__ import annotations

import json

import pytest

from cnictl.doctor.node import Node
from tests.support.nodes import NodeTree, plant

ENV = "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n"
BOTH = ENV + "FLANNEL_IPV6_NETWORK=fd00::/48\nFLANNEL_IPV6_SUBNET=fd00:0:0:1::1/64\n"
FLANNEL = {"type": "flannel", "delegate": {"hairpinMode": True}}


def bridge(*ranges, **more):
    sets = [[each] if isinstance(each, dict) else [{"subnet": each}] for each in ranges]
    return {"type": "bridge", "isGateway": True, "ipam": {"type": "host-local", "ranges": sets}, **more}


@pytest.fixture
def made(tmp_path):
    """Makes a node with a network of these plugins."""

    def make(*plugins, env=None, **files):
        text = json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": plugins})
        entries = {"etc/cni/net.d/10-pods.conflist": text} | ({"run/flannel/subnet.env": env} if env else {})
        return Node(NodeTree(plant(tmp_path / "node", entries | files)))

    return make


def gateways(node):
    return [[list(map(str, group)) for group in use.gateways] for use in node.promised.bridges]


def test_a_bridge_gets_the_gateway_of_each_range_set(made):
    node = made(bridge("10.1.0.0/24", {"subnet": "fd00::/64", "gateway": "fd00::9"}, bridge="br0", mtu=1400))
    (use,) = node.promised.bridges
    assert (use.name, use.mtu, use.force) == ("br0", 1400, False)
    assert gateways(node) == [[["10.1.0.1/24"], ["fd00::9/64"]]]


@pytest.mark.parametrize("more", [{"isGateway": False}, {"bridge": "kube-bridge"}])
def test_a_bridge_that_gets_none(made, more):
    assert gateways(made(bridge("10.1.0.0/24", **more))) == [[]]


def test_flannel_puts_pods_on_cni0_with_the_nodes_part(made):
    node = made(FLANNEL, env=BOTH)
    (use,) = node.promised.bridges
    assert (use.name, use.mtu) == ("cni0", 1450)
    assert gateways(node) == [[["10.244.1.1/24"], ["fd00:0:0:1::1/64"]]]
    assert [str(each.subnet) for each in node.promised.subnets] == ["10.244.1.0/24", "fd00:0:0:1::/64"]


def test_flannel_that_has_noted_nothing_yet(made):
    node = made(FLANNEL)
    assert node.promised.flannel is None
    assert gateways(node) == [[]]
    assert node.promised.subnets == ()


def test_flannel_with_another_delegate_has_no_bridge(made):
    assert made({"type": "flannel", "delegate": {"type": "ptp"}}, env=ENV).promised.bridges == ()


def test_what_flannel_notes_is_read_leniently(made):
    node = made(FLANNEL, env='junk\nFLANNEL_SUBNET="x"\nFLANNEL_MTU=99999\nFLANNEL_NETWORK=10.0.0.0/8\n')
    assert node.promised.flannel is not None
    assert (node.promised.flannel.gateways, node.promised.flannel.mtu) == ((), None)


def test_subnets_of_a_lan_are_not_routed(made):
    node = made({"type": "macvlan", "ipam": {"type": "host-local", "subnet": "192.168.1.0/24"}})
    assert node.promised.subnets == ()


def room(node):
    return [(each.words, each.room) for each in node.ranges.sets]


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (["10.1.0.0/24"], [("10.1.0.1-10.1.0.254", 253)]),
        (
            [{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.10", "rangeEnd": "10.1.0.19"}],
            [("10.1.0.10-10.1.0.19", 10)],
        ),
        (["10.1.0.0/24", "fd00::/125"], [("10.1.0.1-10.1.0.254", 253), ("fd00::1-fd00::7", 6)]),
        (["10.1.0.0/99"], []),
    ],
)
def test_how_much_room_there_is(made, ranges, expected):
    assert room(made(bridge(*ranges))) == expected


def test_the_room_of_flannels_part(made):
    assert room(made(FLANNEL, env=ENV)) == [("10.244.1.1-10.244.1.254", 253)]


def test_what_is_taken_of_it(made):
    leases = {f"var/lib/cni/networks/pods/10.1.0.{n}": "web" for n in (1, 2, 3)}
    other = {"var/lib/cni/networks/pods/10.9.0.3": "web", "var/lib/cni/networks/pods/10.1.0.300": "web"}
    (ranges,) = made(bridge("10.1.0.0/24"), **leases, **other).ranges.sets
    assert [lease.address for lease in ranges.taken()] == ["10.1.0.2", "10.1.0.3"]  # the gateway is given to nobody
    assert ranges.covers("10.1.0.1")
    assert not ranges.covers("fd00::1")
