from __future__ import annotations

import pytest

from cnictl.text.suggest import closest

_KEYS = ["isGateway", "isDefaultGateway", "ipMasq", "hairpinMode", "mtu", "vlan"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("isGatway", "isGateway"),
        ("ISGATEWAY", "isGateway"),
        ("isgateway", "isGateway"),
        ("isGateway", "isGateway"),
        ("isDefaultGatway", "isDefaultGateway"),
        ("ipmask", "ipMasq"),
        ("vlna", "vlan"),
        ("mtuu", "mtu"),
        ("hairpin_mode", "hairpinMode"),
    ],
)
def test_a_slip_is_recognised_in_any_letter_case(word, meant):
    assert closest(word, _KEYS) == meant


@pytest.mark.parametrize("word", ["", "x", "subnet", "promiscMode"])
def test_nothing_is_suggested_for_what_resembles_nothing(word):
    assert closest(word, _KEYS) is None


def test_the_nearest_of_several_is_suggested():
    assert closest("rangeStar", ["rangeEnd", "range", "rangeStart"]) == "rangeStart"


def test_nothing_is_suggested_where_there_is_nothing():
    assert closest("mtu", []) is None


def test_any_iterable_will_do():
    assert closest("mtU", iter(_KEYS)) == "mtu"
