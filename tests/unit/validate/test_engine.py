from __future__ import annotations

from typing import Any

import pytest

from cnictl.report.finding import Location, Severity
from cnictl.text.source import Source
from cnictl.validate import engine
from cnictl.validate.engine import judge
from cnictl.validate.registry import Hit, Rule, all_rules, manual

BROKEN = """{
  "cniVersion": "0.3.1", "disableCheck": "true",
  "name": "pods",
  "plugins": [
    {"type": "portmap", "isGateway": true, "mtu": "x"},
    {"type": "bridge", "mtu": 1.0, "vlan": 5000, "cniVersion": "1.0.0"}
  ]
}
"""


DOCSTRING = "It is.\n\nWhy:\n    a\nBad:\n    b\nGood:\n    c\nFix:\n    d\nReference:\n    e\n"


def rule(code: str = "CNI999", **looks_at: Any) -> Rule:
    return Rule(code, code.lower(), Severity.NOTE, DOCSTRING, **looks_at)


def codes(text: str, name: str = "10-net.conflist") -> list[str]:
    return [finding.code for finding in judge(Source(name, text.encode())).findings]


def test_findings_are_in_the_order_of_the_text():
    assert [(finding.code, finding.location.line) for finding in judge(Source("x", BROKEN.encode())).findings] == [
        ("CNI119", 2),
        ("CNI117", 2),
        ("CNI305", 5),
        ("CNI301", 5),
        ("CNI401", 5),
        ("CNI401", 5),
        ("CNI407", 6),
        ("CNI404", 6),
        ("CNI121", 6),
    ]


def test_findings_in_one_place_are_in_the_order_of_their_codes(monkeypatch):
    def everywhere(network):
        yield Hit(network.node.label, "seen")

    rules = [rule("CNI999", on_network=everywhere), rule("CNI111", on_network=everywhere)]
    monkeypatch.setattr(engine, "all_rules", lambda: rules)
    assert codes('{"type": "bridge"}') == ["CNI111", "CNI999"]


def test_a_finding_carries_what_its_rule_says_in_general():
    finding = judge(Source("10-net.conflist", b'{"cniVersion": "1.0.0", "plugins": [{"type": "bridge"}]}')).findings[0]
    explanation = next(rule.explanation for rule in all_rules() if rule.code == "CNI102")
    assert (finding.code, finding.name, finding.severity) == ("CNI102", "name-missing", Severity.ERROR)
    assert finding.why == explanation.why
    assert finding.reference == explanation.reference
    assert finding.location == Location("10-net.conflist", 1, 1, 1, 57, "")
    assert finding.fix == manual('add "name": "..."')
    assert finding.evidence == {}


def test_a_finding_carries_evidence_for_machines():
    ipam = '{"type": "host-local", "subnet": "10.1.0.1/24"}'
    text = f'{{"cniVersion": "1.0.0", "name": "pods", "plugins": [{{"type": "bridge", "ipam": {ipam}}}]}}'
    (finding,) = judge(Source("10-net.conflist", text.encode())).findings
    assert finding.evidence == {"network": "10.1.0.0/24"}


def test_standard_input_has_a_name_for_people():
    assert judge(Source("-", b"[]")).findings[0].location.file == "<stdin>"


def test_facts_of_a_list():
    assert judge(Source("x", BROKEN.encode())).facts == {
        "network": "pods",
        "cniVersion": "0.3.1",
        "plugins": ["portmap", "bridge"],
    }


def test_facts_of_a_single_plugin():
    report = judge(Source("x", b'{"name": "pods", "type": "bridge"}'))
    assert report.facts == {"network": "pods", "cniVersion": None, "plugins": ["bridge"]}


def test_facts_are_what_can_be_read():
    report = judge(Source("x", b'{"name": 5, "cniVersion": 1, "plugins": [{}, 5, {"type": null}, {"type": "bridge"}]}'))
    assert report.facts == {"network": None, "cniVersion": None, "plugins": [None, None, "bridge"]}


@pytest.mark.parametrize("text", ["", "[]", "null", '{"name": "pods", "type": bridge}', '{"name": "pods", '])
def test_what_cannot_be_read_has_no_facts(text):
    assert judge(Source("x", text.encode())).facts == {"network": None, "cniVersion": None, "plugins": []}


def test_a_mistake_that_leaves_no_doubt_hides_nothing():
    assert codes('{"cniVersion": "1.0.0", "name": "pods", "type": "bridge", "vlan": 5000,}', "x.conf") == [
        "CNI404",
        "CNI005",
    ]


def test_a_text_with_doubtful_values_is_not_judged_further():
    assert codes('{"cniVersion": 1.0.0, "type": "bridge", "vlan": 5000}', "x.conf") == ["CNI017"]


def test_of_equal_keys_the_last_one_is_judged_as_go_reads_it():
    text = '{"cniVersion": "1.0.0", "name": "pods", "type": "bridge", "vlan": 5000, "vlan": 5}'
    assert codes(text, "x.conf") == ["CNI010"]
    text = '{"cniVersion": "1.0.0", "name": "pods", "type": "bridge", "vlan": 5, "vlan": 5000}'
    assert codes(text, "x.conf") == ["CNI010", "CNI404"]


def test_a_rule_for_some_types_sees_no_others(monkeypatch):
    seen = []

    def watch(plugin):
        seen.append(plugin.type)
        yield from ()

    types = frozenset({"portmap", "ptp"})
    monkeypatch.setattr(engine, "all_rules", lambda: [rule(on_plugin=watch, types=types)])
    codes('{"plugins": [{"type": "bridge"}, {"type": "portmap"}, {}, {"type": "PTP"}, {"Type": "ptp"}]}')
    assert seen == ["portmap", "ptp"]


def test_a_rule_for_all_types_sees_them_all(monkeypatch):
    seen = []

    def watch(plugin):
        seen.append(plugin.index)
        yield from ()

    monkeypatch.setattr(engine, "all_rules", lambda: [rule(on_plugin=watch)])
    codes('{"plugins": [{"type": "bridge"}, "portmap", {}]}')
    codes('{"type": "bridge"}')
    assert seen == [0, 2, None]


def test_a_rule_for_files_sees_also_what_is_no_json(monkeypatch):
    seen = []

    def watch(file):
        seen.append(file.network)
        yield from ()

    monkeypatch.setattr(engine, "all_rules", lambda: [rule(on_file=watch)])
    codes("}")
    assert seen == [None]


def test_the_same_text_is_judged_the_same_twice():
    assert judge(Source("x", BROKEN.encode())).findings == judge(Source("x", BROKEN.encode())).findings
