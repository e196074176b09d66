"""What may become of a packet."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.doctor.facts.packets import Packet, outcomes_in
from cnictl.doctor.facts.packets_nft import outcomes_in_nft
from cnictl.foreign.iptables import read_saved_rules
from cnictl.foreign.nft import read_nft_ruleset

POD = Packet(4, "cni0", "eth0", ip_address("10.88.0.5"), protocol="tcp")
OVERLAY = Packet(4, "eth0", "", protocol="udp", port=8472)
POD6 = Packet(6, "cni0", "eth0", ip_address("fd00:88::5"), protocol="tcp")


def fate(rules, packet=POD, policy="DROP", chain="FORWARD", chains=()):
    declared = "".join(f":{name} - [0:0]\n" for name in chains)
    text = f"*filter\n:{chain} {policy} [0:0]\n{declared}" + "".join(f"-A {rule}\n" for rule in rules)
    return "|".join(sorted(outcomes_in(read_saved_rules(text).tables["filter"], chain, packet)))


@pytest.mark.parametrize(
    ("match", "outcome"),
    [
        ("-s 10.88.0.0/16", "accept"),
        ("-s 10.89.0.0/16", "drop"),
        ("! -s 10.89.0.0/16", "accept"),
        ("-d 10.88.0.0/16", "accept|drop"),
        ("-d 0.0.0.0/0", "accept"),
        ("-i cni0", "accept"),
        ("-i cni+", "accept"),
        ("-i cali+", "drop"),
        ("! -i docker0 -o eth0", "accept"),
        ("-i docker0 ! -o docker0", "drop"),
        ("-p tcp", "accept"),
        ("-p icmp", "drop"),
        ("-p all", "accept"),
        ("-p tcp -m tcp --dport 80", "accept|drop"),
        ("-m conntrack --ctstate RELATED,ESTABLISHED", "drop"),
        ("-m conntrack --ctstate NEW,ESTABLISHED", "accept"),
        ("-m state --state NEW", "accept"),
        ("-m mark --mark 0x4000/0x4000", "drop"),
        ("-m mark ! --mark 0x4000/0x4000", "accept"),
        ("-m mark --mark 0x10000/0x10000", "accept|drop"),
        ("-m addrtype --dst-type LOCAL", "drop"),
        ("-m addrtype ! --dst-type LOCAL", "accept"),
        ("-m set --match-set nodes src", "accept|drop"),
        ("-m physdev --physdev-is-bridged", "accept|drop"),
        ('-m comment --comment "! -s 1.2.3.4"', "accept"),
        ("-s nonsense", "accept|drop"),
    ],
)
def test_matches_of_iptables(match, outcome):
    assert fate([f"FORWARD {match} -j ACCEPT"]) == outcome


@pytest.mark.parametrize(
    ("match", "outcome"),
    [
        ("-p udp -m udp --dport 8472", "accept"),
        ("-p udp -m multiport --dports 53,8000:9000", "accept"),
        ("-p udp -m multiport --dports 53,67", "drop"),
        ("-p udp --dport domain", "accept|drop"),
        ("-s 192.168.5.0/24 -p udp", "accept|drop"),
        ("-m addrtype --dst-type LOCAL", "accept"),
        ("-i lo", "drop"),
    ],
)
def test_matches_of_what_comes_in(match, outcome):
    assert fate([f"INPUT {match} -j ACCEPT"], OVERLAY, chain="INPUT") == outcome


def test_chains_are_followed_and_returned_from():
    rules = [
        "FORWARD -j USER",
        "FORWARD -j LOG",
        "FORWARD -j GONE",
        "FORWARD -g LAST",
        "FORWARD -j ACCEPT",
        "USER -i docker0 -j DROP",
        "USER -s 10.88.0.0/16 -j RETURN",
        "USER -j DROP",
        "LAST -i cni0 -j REJECT --reject-with icmp-port-unreachable",
    ]
    assert fate(rules, policy="ACCEPT", chains=("USER", "LAST")) == "drop"


def test_what_comes_back_from_a_goto_ends_with_the_policy():
    assert fate(["FORWARD -g LAST", "FORWARD -j DROP"], policy="ACCEPT", chains=("LAST",)) == "accept"


def test_chains_that_lead_in_a_circle_end():
    assert fate(["FORWARD -j A", "A -j B", "B -j A"], policy="ACCEPT", chains=("A", "B")) == "accept"


def test_a_chain_that_is_not_there_drops_nothing():
    assert outcomes_in({}, "FORWARD", POD) == {"accept"}


def test_masquerading():
    rules = [
        "POSTROUTING -s 10.88.0.0/16 -j NAT",
        "NAT -d 10.88.0.0/16 -j ACCEPT",
        "NAT ! -d 224.0.0.0/4 -j MASQUERADE",
    ]
    away = POD._replace(target=ip_address("192.0.2.1"))
    assert fate(rules, away, "ACCEPT", "POSTROUTING", ("NAT",)) == "masquerade"
    assert fate(rules, POD._replace(target=ip_address("10.88.0.9")), "ACCEPT", "POSTROUTING", ("NAT",)) == "accept"


def nft(*rules, packet=POD, policy="drop", hook="forward", family="inet", more=""):
    body = "\n".join(rules)
    text = (
        f"table {family} t {{\n{more}chain c {{\ntype filter hook {hook} priority 0; policy {policy};\n{body}\n}}\n}}\n"
    )
    return "|".join(sorted(outcomes_in_nft(read_nft_ruleset(text)[0], "c", packet)))


@pytest.mark.parametrize(
    ("match", "outcome"),
    [
        ("", "accept"),
        ("counter packets 12 bytes 900", "accept"),
        ('log prefix "x drop" level info', "accept"),
        ('iifname "cni0"', "accept"),
        ('iifname != "cni0"', "drop"),
        ('iifname { "docker0", "cni*" }', "accept"),
        ('oifname "wlan0"', "drop"),
        ("ip saddr 10.88.0.0/16", "accept"),
        ("ip saddr != { 10.88.0.0/16, 10.89.0.0/16 }", "drop"),
        ("ip saddr @pods", "accept"),
        ("ip saddr @unknown", "accept|drop"),
        ("ip saddr 10.88.0.1-10.88.0.9", "accept|drop"),
        ("ip6 saddr fd00::/8", "drop"),
        ("ip daddr 192.0.2.0/24", "accept|drop"),
        ("ct state established,related", "drop"),
        ("ct state { new, established }", "accept"),
        ("ct state invalid", "drop"),
        ("ct status dnat", "drop"),
        ("meta l4proto { icmp, ipv6-icmp }", "drop"),
        ("meta nfproto ipv4", "accept"),
        ("meta nfproto ipv6", "drop"),
        ("tcp dport { 80, 443 }", "accept|drop"),
        ("udp dport 53", "drop"),
        ("icmp type echo-request", "drop"),
        ("meta mark 0x00000001", "accept|drop"),
        ("fib daddr type local", "accept|drop"),
        ("limit rate 5/minute", "accept|drop"),
    ],
)
def test_matches_of_nftables(match, outcome):
    sets = "set pods {\ntype ipv4_addr\nelements = { 10.88.0.0/16 }\n}\n"
    assert nft(f'{match} accept comment "a {{ drop"', more=sets) == outcome


def test_maps_of_verdicts():
    assert nft("ct state vmap { invalid : drop, established : accept }", "drop", policy="accept") == "drop"
    assert nft("ct state vmap { new : accept, established : accept }", "drop", policy="accept") == "accept|drop"
    assert nft("ip daddr . meta l4proto . th dport vmap @services", policy="accept") == "accept|drop"


def test_jumps_of_nftables():
    more = 'chain pods {\niifname "cni0" return\ndrop\n}\nchain last {\nreject with icmpx admin-prohibited\n}\n'
    assert nft("jump pods", "goto last", "accept", policy="accept", more=more) == "drop"


def test_tables_of_another_family_do_not_count():
    assert nft("drop", family="ip6") == "accept"
    assert nft("drop", family="ip6", packet=POD6) == "drop"
    assert nft("ip saddr 10.0.0.0/8 accept", "ip6 saddr fd00::/8 accept", packet=POD6) == "accept"


WORDS = st.sampled_from(
    ["accept", "drop", "jump", "goto", "c", "ct", "state", "new", "vmap", "{", "}", "@s"]
) | st.sampled_from(["ip", "saddr", "daddr", "!=", "tcp", "dport", "80", "iifname", '"x"', "log", "counter", "comment"])


@given(st.lists(WORDS, max_size=8), st.text(max_size=20))
def test_no_rule_breaks_it(words, text):
    line = " ".join(words)
    for rule in (line, text.replace("\n", " ")):
        for packet in (POD, OVERLAY, POD6, Packet(4)):
            assert nft(rule, packet=packet)
            assert fate([f"FORWARD {rule}"], packet)
