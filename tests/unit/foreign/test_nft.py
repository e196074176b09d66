"""What ``nft list ruleset`` prints."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.nft import read_nft_ruleset

PRINTED = """table ip nat {
	chain POSTROUTING {
		type nat hook postrouting priority srcnat; policy accept;
		counter jump CNI-HOSTPORT-MASQ
	}
}
# Warning: table ip nat is managed by iptables-nft, do not touch!
table inet host {
	comment "a { in quotes"

	set admins {
		type ipv4_addr
		flags interval
		elements = { 192.0.2.10, 192.0.2.11,
				198.51.100.0/24 }
	}

	map ports {
		type inet_service : verdict
		elements = { 22 : accept }
	}

	flowtable fast {
		hook ingress priority filter
		devices = { eth0, eth1 }
	}

	chain forward {
		type filter hook forward priority filter + 10; policy drop;
		ct state vmap { invalid : drop, established : accept }
		tcp dport { 22, 80,
				443 } accept comment "web }"
		jump more
	}

	chain ingress {
		type filter hook ingress device "eth0" priority -500; policy accept;
	}

	chain more {
	}
}
"""


def test_tables_chains_and_rules():
    nat, host = read_nft_ruleset(PRINTED)
    assert (nat.title, nat.by_iptables) == ("ip nat", True)
    assert (host.title, host.by_iptables) == ("inet host", False)
    assert list(host.chains) == ["forward", "ingress", "more"]
    base = host.chains["forward"]
    assert (base.kind, base.hook, base.priority, base.policy) == ("filter", "forward", "filter + 10", "drop")
    assert base.rules == [
        "ct state vmap { invalid : drop, established : accept }",
        'tcp dport { 22, 80, 443 } accept comment "web }"',
        "jump more",
    ]
    assert host.chains["ingress"].priority == "-500"
    assert host.chains["more"].hook == ""


def test_what_is_in_sets():
    assert read_nft_ruleset(PRINTED)[1].sets == {"admins": "192.0.2.10, 192.0.2.11, 198.51.100.0/24"}


def test_nothing():
    assert read_nft_ruleset("") == []


@given(st.text(alphabet='tablechinset {}"\n\t#x=,;', max_size=200))
def test_no_text_breaks_it(text):
    for table in read_nft_ruleset(f"table ip x {{\nchain y {{\n{text}\n}}\n}}\n{text}"):
        assert isinstance(table.chains, dict)
