from __future__ import annotations

from dataclasses import fields

import pytest

from cnictl.report.finding import Applicable, Severity
from cnictl.validate import registry
from cnictl.validate.registry import (
    Hit,
    Rule,
    all_rules,
    file_rule,
    manual,
    network_rule,
    plugin_rule,
    safe,
    unsafe,
)

DECORATORS = [file_rule, network_rule, plugin_rule]


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """The rules; what a test adds is gone after it."""
    all_rules()
    rules = dict(registry._RULES)
    monkeypatch.setattr(registry, "_RULES", rules)
    return rules


def look(_):
    """Nothing to see."""
    yield from ()


@pytest.mark.parametrize("decorate", DECORATORS)
def test_a_code_is_given_once(decorate):
    with pytest.raises(ValueError, match="CNI305 brand-new: the code or the name is taken"):
        decorate("CNI305", "brand-new", Severity.NOTE)(look)


@pytest.mark.parametrize("decorate", DECORATORS)
def test_a_name_is_given_once(decorate):
    with pytest.raises(ValueError, match="CNI599 unknown-key: the code or the name is taken"):
        decorate("CNI599", "unknown-key", Severity.NOTE)(look)


def test_a_refused_rule_leaves_nothing_behind(registered):
    before = dict(registered)
    with pytest.raises(ValueError, match="taken"):
        file_rule("CNI305", "brand-new", Severity.NOTE)(look)
    assert registered == before


def test_a_decorated_function_is_still_the_function(registered):
    assert plugin_rule("CNI599", "brand-new", Severity.NOTE, "bridge", "ptp")(look) is look
    rule = registered["CNI599"]
    assert (rule.on_file, rule.on_network, rule.on_plugin) == (None, None, look)
    assert rule.types == {"bridge", "ptp"}
    assert rule.docstring == "Nothing to see."


def test_what_a_rule_looks_at(registered):
    file_rule("CNI597", "of-files", Severity.NOTE)(look)
    network_rule("CNI598", "of-networks", Severity.NOTE)(look)
    assert registered["CNI597"].on_file is look
    assert registered["CNI598"].on_network is look


def test_rules_come_in_the_order_of_their_codes():
    codes = [rule.code for rule in all_rules()]
    assert codes == sorted(set(codes))


def test_every_rule_looks_at_one_thing():
    for rule in all_rules():
        hooks = [getattr(rule, field.name) for field in fields(rule) if field.name.startswith("on_")]
        assert len(hooks) - hooks.count(None) == 1


def test_a_docstring_is_read_when_it_is_needed():
    rule = Rule("CNI599", "brand-new", Severity.NOTE, "Too short.", on_file=look)
    with pytest.raises(ValueError, match="CNI599: the docstring needs the sections Why, Bad, Good, Fix, Reference"):
        _ = rule.explanation


def test_fixes_say_who_may_apply_them():
    assert [fix("do it").applicable for fix in (safe, unsafe, manual)] == [
        Applicable.SAFE,
        Applicable.UNSAFE,
        Applicable.MANUAL,
    ]


def test_a_hit_needs_a_place_and_a_message_only():
    hit = Hit(label=None, message="it is wrong")  # type: ignore[arg-type]
    assert (hit.fix, hit.evidence) == (None, {})
