"""Zones of firewalld."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.firewalld import read_zone

ZONE = """<?xml version="1.0" encoding="utf-8"?>
<zone target="ACCEPT">
  <short>Trusted</short>
  <!-- pods and services -->
  <source address="10.244.0.0/16"/>
  <source address="fd00::/48"/>
  <source address="nonsense"/>
  <source ipset="nodes"/>
  <interface name="cni0"/>
  <forward/>
</zone>
"""


def test_a_zone():
    zone = read_zone("trusted", ZONE)
    assert zone is not None
    assert (zone.name, zone.accepts) == ("trusted", True)
    assert zone.interfaces == {"cni0"}
    assert list(map(str, zone.sources)) == ["10.244.0.0/16", "fd00::/48"]
    assert zone.ipsets == {"nodes"}


def test_a_zone_without_a_target_accepts_not_everything():
    zone = read_zone("public", '<zone><service name="ssh"/></zone>')
    assert zone is not None
    assert not zone.accepts


@pytest.mark.parametrize(
    "text", ["", "<zone", "<service/>", '<!DOCTYPE z [<!ENTITY a "b">]><zone>&a;</zone>', "\0", "<zone>&x;</zone>"]
)
def test_what_is_no_zone(text):
    assert read_zone("x", text) is None


@given(st.text(alphabet='<>/zone "=a!-&;', max_size=60))
def test_no_text_breaks_it(text):
    read_zone("x", text)
    read_zone("x", f"<zone>{text}</zone>")
