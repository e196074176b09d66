from __future__ import annotations

import io
import json

import pytest
from jsonschema import Draft202012Validator

from cnictl.netns.fact import KINDS
from cnictl.render import renderer
from cnictl.render.paper import Paper
from cnictl.runtime.changes import Change, Changes
from tests.support.command import PROJECT
from tests.support.plugins import exchange

SCHEMA = json.loads((PROJECT / "schemas" / "output" / "changes.schema.json").read_text())
RUN = exchange()
LINK = Change("link", "eth0@if5", None, {"name": "eth0", "kind": "veth", "state": "up", "mtu": 1500})
RULE = Change("iptables", f"nat -A POSTROUTING -s 10.1.0.5/32 -j CNI-{'x' * 24} -m comment --comment long", None, {})
FOUND = [
    Changes(
        RUN,
        {
            "pod": [LINK],
            "host": [
                Change("link", "cni0", {"mtu": 1500, "promisc": "on"}, {"mtu": 1400}),
                Change("link", "eth1", {"name": "eth9"}, {"name": "eth1", "altnames": "lan"}),
                Change("route", "default via 10.9.0.1 dev eth9", {}, None),
                RULE,
                Change("sysctl", "net.ipv4.ip_forward", {"value": "0"}, {"value": "1"}),
                Change("sysctl", "net.ipv6.conf.cni0.accept_ra", None, {"value": "0"}),
            ],
        },
    ),
    Changes(RUN._replace(invocation=RUN.invocation._replace(verb="CHECK")), {"pod": [], "host": []}),
    Changes(RUN._replace(invocation=RUN.invocation._replace(verb="VERSION")), {}),
]

TEXT = """\
bridge ADD
  pod
    + link      eth0@if5  kind veth, state up, mtu 1500
  host
    ~ link      cni0  mtu 1500 -> 1400, promisc on -> off
    ~ link      eth1  name eth9 -> eth1, altnames none -> lan
    - route     default via 10.9.0.1 dev eth9
    + iptables  nat -A POSTROUTING -s 10.1.0.5/32 -j CNI-xxxxxxxxxxxxxxxxxxxxxxxx -m comment --comment long
    ~ sysctl    net.ipv4.ip_forward  0 -> 1
    + sysctl    net.ipv6.conf.cni0.accept_ra  = 0

bridge CHECK  nothing changed

not looked at: host: nft is not installed
"""


def shown(form, width=None, **more):
    stream = io.StringIO()
    renderer("changes", form)(FOUND, Paper(stream, width=width), unseen=["host: nft is not installed"], **more)
    return stream.getvalue()


def test_as_text():
    assert shown("text") == TEXT


@pytest.mark.parametrize("width", [40, 80])
def test_on_a_terminal_no_line_is_too_long_and_nothing_is_lost(width):
    lines = shown("text", width).splitlines()
    assert max(map(len, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(TEXT.split())


def test_as_json():
    document = json.loads(shown("json", result={"cniVersion": "1.0.0"}))
    Draft202012Validator(SCHEMA).validate(document)
    first, second, third = document["runs"]
    assert first["changes"]["pod"] == [
        {"kind": "link", "what": "eth0@if5", "before": None, "after": dict(LINK.after or {})}
    ]
    assert (second["changes"], third["changes"]) == ({"pod": [], "host": []}, {})
    assert (document["unseen"], document["result"]) == (["host: nft is not installed"], {"cniVersion": "1.0.0"})


def test_the_schema_knows_every_kind():
    assert tuple(SCHEMA["$defs"]["change"]["properties"]["kind"]["enum"]) == KINDS
