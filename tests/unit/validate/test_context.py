from __future__ import annotations

from cnictl.text.parser import parse
from cnictl.text.source import Source
from cnictl.validate.context import ConfigFile


def config(text: str, name: str = "10-net.conflist") -> ConfigFile:
    return ConfigFile(parse(Source(name, text.encode())))


def test_a_clear_text_has_a_network():
    file = config('{"name": "pods", "plugins": [{"type": "bridge"}]}')
    assert file.path == "10-net.conflist"
    assert file.network
    assert file.network.name == "pods"
    assert [plugin.type for plugin in file.plugins] == ["bridge"]


def test_a_text_with_a_mistake_that_leaves_no_doubt_has_one_too():
    assert config('{"name": "pods", "type": "bridge",} // end').network


def test_without_a_clear_object_there_is_no_network_and_nothing_to_say_about_it():
    for text in ("", "{", '{"type": bridge, "name": "a b"}', '{"type": "bri\\dge"}'):
        file = config(text)
        assert file.network is None
        assert file.plugins == []
        assert file.faults == []
        assert file.violations == []


def test_a_document_that_is_no_object_has_a_fault_and_no_network():
    file = config("[]")
    assert file.network is None
    assert [fault.kind for fault in file.faults] == ["not-an-object"]


def test_problems_are_told_apart_by_their_kind():
    file = config('{"a": 1,, "a": 2,}')
    assert [problem.kind for problem in file.problems("trailing-comma")] == ["trailing-comma"]
    assert len(file.problems("extra-comma")) == 1
    assert len(file.problems("duplicate-key")) == 1
    assert file.problems("comment") == []


def test_violations_are_those_of_plugins_and_of_their_ipam():
    file = config(
        '{"plugins": [{"type": "bridge", "vlan": 5000}, {"type": "unknown", "x": 1,'
        ' "IPAM": {"Type": "host-local", "rangeStrat": "x"}}, {"type": "portmap", "snat": 1}]}'
    )
    assert [(violation.kind, violation.label.pointer) for violation in file.violations] == [
        ("out-of-range", "/plugins/0/vlan"),
        ("key-case", "/plugins/1/IPAM/Type"),
        ("unknown-key", "/plugins/1/IPAM/rangeStrat"),
        ("wrong-type", "/plugins/2/snat"),
    ]


def test_an_ipam_plugin_is_judged_in_its_ipam_object_only():
    text = '{"type": "host-local", "ipam": {"type": "host-local", "x": 1}}'
    assert [violation.label.pointer for violation in config(text).violations] == ["/ipam/x"]


def test_what_costs_is_worked_out_once():
    file = config('{"plugins": [{"type": "bridge", "vlan": 5000}]}')
    assert file.network is file.network
    assert file.violations is file.violations
    assert file.faults is file.faults
