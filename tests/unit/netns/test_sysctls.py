from __future__ import annotations

import pytest

from cnictl.netns.sysctls import defaults, read_settings

FILES = {
    "ipv4/ip_forward": "1\n",
    "ipv4/tcp_rmem": "4096\t131072\t6291456\n",
    "ipv4/tcp_fastopen_key": "secret\n",
    "ipv4/conf/all/rp_filter": "2\n",
    "ipv4/conf/default/rp_filter": "1\n",
    "ipv4/conf/eth0/rp_filter": "0\n",
    "ipv4/conf/eth0.5/rp_filter": "1\n",
    "ipv4/conf/gone/rp_filter": "1\n",
    "ipv6/conf/default/mtu": "1280\n",
    "ipv6/conf/eth0/mtu": "1500\n",
    "ipv6/conf/eth0/accept_ra": "1\n",
    "ipv6/neigh/eth0/retrans_time": "100\n",
    "ipv6/neigh/eth0/retrans_time_ms": "1000\n",
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(tmp_path)


def test_settings_that_belong_to_no_link_have_their_whole_name(root):
    common, _ = read_settings({2: "eth0"}, root)
    assert common == {
        "net.ipv4.ip_forward": "1",
        "net.ipv4.tcp_rmem": "4096 131072 6291456",
        "net.ipv4.conf.all.rp_filter": "2",
        "net.ipv4.conf.default.rp_filter": "1",
        "net.ipv6.conf.default.mtu": "1280",
    }


def test_settings_of_links_are_known_by_the_index_of_the_link_and_are_told_once(root):
    _, of_links = read_settings({2: "eth0", 5: "eth0.5"}, root)
    assert of_links == {
        ("net.ipv4.conf", 2): {"rp_filter": "0"},
        ("net.ipv4.conf", 5): {"rp_filter": "1"},
        ("net.ipv6.conf", 2): {"accept_ra": "1"},
        ("net.ipv6.neigh", 2): {"retrans_time_ms": "1000"},
    }


def test_a_new_link_gets_the_defaults_of_its_folder(root):
    common, _ = read_settings({}, root)
    assert defaults("net.ipv4.conf", common) == {"rp_filter": "1"}
