"""How a snapshot is put together of what the tools show; what the kernel says is in tests/netns/test_changes.py."""

from __future__ import annotations

import pytest
from pyroute2.netlink.exceptions import NetlinkError

from cnictl.invoke.tools import Shown
from cnictl.netns import rulesets, snapshot
from cnictl.netns.snapshot import take

SAVED = "# v1.8.9 (nf_tables)\n*nat\n:CNI-X - [0:0]\nCOMMIT\n"
LISTED = "table ip nat {\n\tchain CNI-X {\n\t}\n}\ntable inet mine {\n}\n"
TOOLS = {"nft": Shown(LISTED), "iptables-nft-save": Shown(SAVED)}


class Tools:
    """Stands in for the tools of the system."""

    def __init__(self, shown):
        self.shown = shown
        self.asked: list[str] = []

    def __call__(self, tool, *_arguments):
        self.asked.append(tool)
        return self.shown.get(tool, Shown(None))


@pytest.fixture
def firewall(monkeypatch):
    """A kernel that has such a generation of rules, and such tables of the old iptables."""

    def set_up(generation, legacy=()):
        monkeypatch.setattr(rulesets, "generation", lambda: generation)
        monkeypatch.setattr(rulesets, "_lines", lambda path: list(legacy) if path.name == "ip_tables_names" else [])

    set_up(3)
    return set_up


def rules(shot):
    return {
        (fact.kind, fact.what) for fact in shot.facts.values() if fact.kind in ("nftables", "iptables", "ip6tables")
    }


def test_what_iptables_made_is_told_once(firewall):
    tools = Tools(TOOLS)
    assert rules(take(tools)) == {("iptables", "nat chain CNI-X"), ("nftables", "table inet mine")}
    assert tools.asked == ["nft", "iptables-nft-save"]


def test_without_iptables_its_rules_are_those_of_nftables(firewall):
    shot = take(Tools({"nft": Shown(LISTED)}))
    assert ("nftables", "ip nat chain CNI-X") in rules(shot)
    assert shot.unseen == {}


def test_rules_of_the_same_generation_are_not_asked_for_again(firewall):
    first, tools = take(Tools(TOOLS)), Tools(TOOLS)
    assert rules(take(tools, first)) == rules(first)
    assert tools.asked == []
    firewall(4)
    take(tools, first)
    assert tools.asked == ["nft", "iptables-nft-save"]


def test_a_kernel_without_nftables_needs_no_tools(firewall):
    firewall(None)
    tools = Tools({})
    shot = take(tools)
    assert (tools.asked, shot.unseen) == ([], {})


def test_without_nft_it_is_said_what_is_not_seen(firewall):
    shot = take(Tools({"iptables-nft-save": Shown(SAVED)}))
    assert rules(shot) == {("iptables", "nat chain CNI-X")}
    assert shot.unseen == {"nftables": "nft is not installed, so rules of nftables are not seen"}
    assert take(Tools({}), shot).unseen == shot.unseen


def test_a_tool_that_fails_says_why_and_nothing_is_known(firewall):
    shot = take(Tools({"nft": Shown(LISTED), "iptables-nft-save": Shown(None, "it is locked")}))
    assert shot.unseen == {"iptables": "it is locked"}
    assert shot.lost == {"iptables"}


@pytest.mark.parametrize("tool", ["iptables-legacy-save", "iptables-save"])
def test_the_old_iptables_by_either_name(firewall, tool):
    firewall(None, legacy=["nat"])
    shot = take(Tools({tool: Shown(SAVED.replace(" (nf_tables)", ""))}))
    assert rules(shot) == {("iptables", "legacy nat chain CNI-X")}
    assert shot.unseen == {}


def test_the_new_iptables_does_not_pass_for_the_old_one(firewall):
    firewall(None, legacy=["nat"])
    shot = take(Tools({"iptables-save": Shown(SAVED)}))
    assert rules(shot) == set()
    assert shot.unseen == {"legacy iptables": "iptables-legacy-save is not installed, so its rules are not seen"}


def test_a_kernel_that_answers_strangely_is_said_and_harms_nothing(firewall, monkeypatch):
    def fail(*_arguments):
        raise IndexError

    monkeypatch.setattr(snapshot, "route_facts", fail)
    shot = take(Tools(TOOLS))
    assert shot.unseen == {"route": "routes cannot be read: IndexError()"}
    assert shot.lost == {"route"}
    assert any(fact.kind == "link" for fact in shot.facts.values())


@pytest.mark.parametrize(
    ("error", "unseen"),
    [
        (NetlinkError(1), {"rule": "rules cannot be read: Operation not permitted"}),
        (PermissionError(1, "no"), {"rule": "rules cannot be read: Operation not permitted"}),
        (NetlinkError(95), {}),
    ],
)
def test_what_the_kernel_refuses_is_said_and_what_it_does_not_have_is_no_trouble(firewall, monkeypatch, error, unseen):
    def fail(*_arguments):
        raise error

    monkeypatch.setattr(snapshot, "rule_facts", fail)
    assert take(Tools(TOOLS)).unseen == unseen
