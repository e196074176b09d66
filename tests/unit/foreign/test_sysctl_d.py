"""Files with settings of the kernel."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.sysctl_d import of_link, path_of, plain_name, settings_in
from cnictl.text.source import Source


def read(text):
    found = settings_in(Source("/etc/sysctl.d/a.conf", text.encode()))
    return [(each.name, each.value, each.location.line) for each in found]


def test_assignments_in_both_ways_of_writing():
    text = "# a comment\n  ; another\n\nnet.ipv4.ip_forward = 1\nnet/ipv4/conf/eth0.5/forwarding=0\r\n"
    text += "kernel.domainname=a b  \n"
    assert read(text) == [
        ("net.ipv4.ip_forward", "1", 4),
        ("net.ipv4.conf.eth0/5.forwarding", "0", 5),
        ("kernel.domainname", "a b", 6),
    ]


def test_a_minus_lets_it_fail_or_keeps_wildcards_away():
    assert read("-net.ipv4.ip_forward = 1\n-net.ipv4.conf.all.rp_filter\nnet.ipv4.conf.*.rp_filter = 2\n") == [
        ("net.ipv4.ip_forward", "1", 1),
        ("net.ipv4.conf.all.rp_filter", None, 2),
        ("net.ipv4.conf.*.rp_filter", "2", 3),
    ]


def test_what_assigns_nothing_is_left_out():
    assert read("net.ipv4.ip_forward\n= 1\nhello world\n") == []


def test_only_wildcards_are_for_many():
    first, second = settings_in(Source("a", b"net.ipv4.conf.*.rp_filter = 1\nnet.ipv4.ip_forward = 1\n"))
    assert (first.is_glob, second.is_glob) == (True, False)


def test_names_paths_and_links():
    assert plain_name("net.ipv4.conf.enp3s0/200.forwarding") == "net.ipv4.conf.enp3s0/200.forwarding"
    assert path_of("net.ipv4.conf.enp3s0/200.forwarding") == "/proc/sys/net/ipv4/conf/enp3s0.200/forwarding"
    assert path_of(of_link(6, "enp3s0.200", "accept_ra")) == "/proc/sys/net/ipv6/conf/enp3s0.200/accept_ra"


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data):
    for setting in settings_in(Source("a", data)):
        assert setting.name
        assert setting.location.line
