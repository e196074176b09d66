from __future__ import annotations

import json
from ipaddress import ip_address, ip_network

import pytest

from cnictl.model.view import PluginView, view
from cnictl.text.node import ObjectNode
from cnictl.text.parser import parse
from cnictl.text.source import Source
from cnictl.validate.pools import Pool, address_at, destination, pools, routes


def plugin(ipam: object) -> PluginView:
    network = view(parse(Source("-", json.dumps({"name": "pods", "type": "bridge", "ipam": ipam}).encode())))
    assert network
    return network.plugins[0]


def pools_of(*sets: list[dict[str, object]]) -> list[Pool]:
    return pools(plugin({"type": "host-local", "ranges": [*sets]}))


def one(**keys: object) -> Pool:
    return pools_of([keys])[0]


@pytest.mark.parametrize(
    ("subnet", "first", "last"),
    [
        ("10.1.0.0/24", "10.1.0.1", "10.1.0.254"),
        ("10.1.0.0/30", "10.1.0.1", "10.1.0.2"),
        ("0.0.0.0/0", "0.0.0.1", "255.255.255.254"),
        ("fd00:1::/64", "fd00:1::1", "fd00:1::ffff:ffff:ffff:ffff"),
        ("fd00:1::/126", "fd00:1::1", "fd00:1::3"),
        ("::/0", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ],
)
def test_a_subnet_is_given_out_without_its_own_and_its_broadcast_address(subnet, first, last):
    pool = one(subnet=subnet)
    assert pool.subnet == ip_network(subnet)
    assert (pool.first, pool.last) == (ip_address(first), ip_address(last))


@pytest.mark.parametrize(
    "subnet", ["255.255.255.255/32", "0.0.0.0/32", "255.255.255.254/31", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"]
)
def test_the_ends_of_the_address_space_do_not_overflow(subnet):
    pool = one(subnet=subnet)
    assert pool.subnet
    assert pool.first in pool.subnet
    assert pool.last in pool.subnet


def test_a_range_has_the_limits_that_it_is_given():
    pool = one(subnet="10.1.0.0/24", rangeStart="10.1.0.10", rangeEnd="10.1.0.20")
    assert (pool.first, pool.last) == (ip_address("10.1.0.10"), ip_address("10.1.0.20"))


def test_limits_that_cannot_be_read_are_as_absent():
    pool = one(subnet="10.1.0.0/24", rangeStart="x", rangeEnd=5)
    assert (pool.first, pool.last) == (ip_address("10.1.0.1"), ip_address("10.1.0.254"))


@pytest.mark.parametrize("subnet", ["x", "10.1.0.0", "", None, 5, [], "10.1.0.0/" + "9" * 5000])
def test_without_a_subnet_that_can_be_read_there_are_no_limits(subnet):
    pool = one(subnet=subnet, rangeStart="10.1.0.5")
    assert (pool.subnet, pool.first, pool.last) == (None, None, None)


def test_limits_are_worked_out_once_because_every_range_is_compared_with_every_other():
    pool = one(subnet="10.1.0.0/24", rangeStart="10.1.0.5")
    assert pool.first is pool.first
    assert pool.last is pool.last


def test_host_bits_are_noticed():
    assert one(subnet="10.1.0.1/24").host_bits
    assert one(subnet="10.1.0.1/24").subnet == ip_network("10.1.0.0/24")
    assert one(subnet="fd00::1/64").host_bits
    assert not one(subnet="10.1.0.0/24").host_bits


def test_range_sets_are_counted():
    found = pools_of([{"subnet": "10.1.0.0/24"}, {"subnet": "10.2.0.0/24"}], [{"subnet": "10.3.0.0/24"}])
    assert [pool.range_set for pool in found] == [0, 0, 1]


def test_the_old_form_is_a_range_set_before_the_others():
    found = pools(plugin({"type": "host-local", "subnet": "10.1.0.0/24", "ranges": [[{"subnet": "10.2.0.0/24"}]]}))
    assert [(str(pool.subnet), pool.range_set) for pool in found] == [("10.1.0.0/24", 0), ("10.2.0.0/24", 1)]
    assert found[0].node.pointer == "/ipam"


@pytest.mark.parametrize(
    "ipam",
    [
        None,
        5,
        {},
        {"subnet": "10.1.0.0/24"},
        {"type": "dhcp", "subnet": "10.1.0.0/24"},
        {"type": "host-local"},
        {"type": "host-local", "ranges": {"subnet": "10.1.0.0/24"}},
        {"type": "host-local", "ranges": [{"subnet": "10.1.0.0/24"}]},
        {"type": "host-local", "ranges": [["10.1.0.0/24", None]]},
    ],
)
def test_everything_else_has_no_pools(ipam):
    assert pools(plugin(ipam)) == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"subnet": "10.1.0.0/24"}, {"subnet": "10.1.0.0/24"}, True),
        ({"subnet": "10.1.0.0/16"}, {"subnet": "10.1.5.0/24"}, True),
        ({"subnet": "10.1.0.0/24"}, {"subnet": "10.1.1.0/24"}, False),
        ({"subnet": "10.1.0.0/24", "rangeEnd": "10.1.0.9"}, {"subnet": "10.1.0.0/16", "rangeStart": "10.1.0.9"}, True),
        ({"subnet": "10.1.0.0/24", "rangeEnd": "10.1.0.8"}, {"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.9"}, False),
        ({"subnet": "0.0.0.0/0"}, {"subnet": "::/0"}, False),
        ({"subnet": "fd00::/64"}, {"subnet": "fd00::/120"}, True),
        ({"subnet": "10.1.0.0/24"}, {"subnet": "x"}, False),
        ({"subnet": "255.255.255.255/32"}, {"subnet": "255.255.255.255/32"}, True),
    ],
)
def test_ranges_overlap_when_an_address_is_in_both(first, second, expected):
    one, two = pools_of([first, second])
    assert one.overlaps(two) == expected
    assert two.overlaps(one) == expected


def test_an_address_is_read_or_is_not_there():
    node = plugin({"a": "10.1.0.1", "b": "10.1.0.1/24", "c": "", "d": None, "e": 5, "f": "fe80::1"}).ipam
    assert isinstance(node, ObjectNode)
    found = [address_at(node, key) for key in "abcdefg"]
    assert found == [ip_address("10.1.0.1"), None, None, None, None, ip_address("fe80::1"), None]


def test_routes_are_those_of_host_local_and_static_that_are_objects():
    ipam = {"type": "host-local", "routes": [{"dst": "10.0.0.0/8"}, "x", None, {"dst": "x"}, {}]}
    assert [destination(route) for route in routes(plugin(ipam))] == [ip_network("10.0.0.0/8"), None, None]
    assert list(routes(plugin({**ipam, "type": "dhcp"}))) == []
    assert len(list(routes(plugin({**ipam, "type": "static"})))) == 3
    assert list(routes(plugin({**ipam, "routes": {"dst": "10.0.0.0/8"}}))) == []
    assert list(routes(plugin(None))) == []
