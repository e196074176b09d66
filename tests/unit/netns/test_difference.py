from __future__ import annotations

import pytest

from cnictl.netns.difference import Change, compare
from cnictl.netns.fact import Fact, collect
from cnictl.netns.snapshot import Snapshot

RULE = Fact("iptables", "nat -A POSTROUTING -j MASQUERADE")


def shot(*facts, settings=None, links=None, of_links=None):
    return Snapshot(facts=collect(facts), settings=settings or {}, links=links or {}, link_settings=of_links or {})


def link(index, name, **details):
    return Fact("link", name, {"name": name, **details}, index)


def test_the_same_twice_is_no_change():
    facts = (link(1, "lo", mtu=65536), RULE, RULE)
    assert compare(shot(*facts), shot(*facts)) == []


def test_what_appeared_what_vanished_and_what_became_different():
    before = shot(link(1, "lo"), link(2, "eth0", mtu=1500), RULE)
    after = shot(link(1, "lo"), link(2, "eth0", mtu=1400), Fact("route", "default via 10.1.0.1 dev eth0"))
    assert compare(before, after) == [
        Change("link", "eth0", {"name": "eth0", "mtu": 1500}, {"name": "eth0", "mtu": 1400}),
        Change("route", "default via 10.1.0.1 dev eth0", None, {}),
        Change("iptables", RULE.what, {}, None),
    ]


def test_a_link_that_was_renamed_is_the_same_link():
    [change] = compare(shot(link(2, "eth1")), shot(link(2, "eth0")))
    assert change == Change("link", "eth0", {"name": "eth1"}, {"name": "eth0"})


def test_a_link_that_was_made_anew_under_its_name_is_another_one():
    changes = compare(shot(link(2, "eth0")), shot(link(3, "eth0")))
    assert [(change.before is None, change.after is None) for change in changes] == [(False, True), (True, False)]


def test_a_rule_that_is_there_once_more_is_a_change():
    assert compare(shot(RULE), shot(RULE, RULE)) == [Change("iptables", RULE.what, None, {})]
    assert compare(shot(RULE, RULE), shot(RULE)) == [Change("iptables", RULE.what, {}, None)]


def test_empty_chains_of_a_new_table_are_not_told_and_a_new_policy_is():
    accept, drop = (Fact("iptables", "filter chain FORWARD", {"policy": policy}) for policy in ("ACCEPT", "DROP"))
    assert compare(shot(), shot(accept)) == []
    assert compare(shot(accept), shot()) == []
    assert compare(shot(), shot(drop)) == [Change("iptables", accept.what, None, {"policy": "DROP"})]
    assert compare(shot(accept), shot(drop)) == [
        Change("iptables", accept.what, {"policy": "ACCEPT"}, {"policy": "DROP"})
    ]


@pytest.mark.parametrize("side", ["before", "after"])
def test_what_could_not_be_looked_at_has_not_vanished(side):
    shots = {"before": shot(RULE), "after": shot(link(1, "lo"))}
    shots[side].lost.add("iptables")
    assert [change.kind for change in compare(**shots)] == ["link"]


def test_settings():
    before = shot(settings={"net.core.somaxconn": "4096", "net.ipv4.tcp_ecn": "2"})
    after = shot(settings={"net.core.somaxconn": "500", "net.ipv4.tcp_ecn": "2"})
    assert compare(before, after) == [Change("sysctl", "net.core.somaxconn", {"value": "4096"}, {"value": "500"})]


def test_the_settings_that_a_kernel_module_brings_are_one_change():
    module = {f"net.netfilter.nf_{number}": "1" for number in range(5)}
    few = {"net.mptcp.enabled": "1"}
    assert compare(shot(), shot(settings=module | few)) == [
        Change("sysctl", "net.mptcp.enabled", None, {"value": "1"}),
        Change("sysctl", "net.netfilter.*", None, {}),
    ]


def test_what_follows_from_forwarding_is_not_told_for_each_link_and_what_does_not_is():
    place = ("net.ipv4.conf", 2)
    names = ("net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding", "net.ipv4.conf.default.forwarding")
    before = shot(
        settings=dict.fromkeys(names, "0"),
        links={2: "eth0"},
        of_links={place: {"forwarding": "0", "proxy_arp": "0"}},
    )
    after = shot(
        settings=dict.fromkeys(names, "1"),
        links={2: "eth0"},
        of_links={place: {"forwarding": "1", "proxy_arp": "1"}},
    )
    assert [change.what for change in compare(before, after)] == ["net.ipv4.ip_forward", "net.ipv4.conf.eth0.proxy_arp"]


def test_forwarding_of_one_link_alone_is_told():
    settings = {"net.ipv4.ip_forward": "0"}
    before, after = (
        shot(settings=settings, links={2: "eth0"}, of_links={("net.ipv4.conf", 2): {"forwarding": value}})
        for value in "01"
    )
    assert [change.what for change in compare(before, after)] == ["net.ipv4.conf.eth0.forwarding"]


def test_of_a_new_link_the_settings_that_are_not_the_default_are_told():
    settings = {"net.ipv6.conf.default.accept_ra": "1", "net.ipv6.conf.default.autoconf": "1"}
    place = ("net.ipv6.conf", 7)
    after = shot(settings=settings, links={7: "eth0.5"}, of_links={place: {"accept_ra": "0", "autoconf": "1"}})
    assert compare(shot(settings=settings), after) == [
        Change("sysctl", "net.ipv6.conf.eth0/5.accept_ra", None, {"value": "0"})
    ]
    assert compare(after, shot(settings=settings)) == []  # they go with the link
