"""What an editor says to configs: the examples of the manual, and those of 90 projects."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cnictl.schema.standalone import standalone
from tests.support.command import PROJECT

SCHEMAS = {name: Draft202012Validator(standalone(name)) for name in ("conflist", "conf")}
EXAMPLES = PROJECT / "docs" / "examples"
GOOD = [path for path in sorted(EXAMPLES.glob("*.conflist")) if path.name != "90-broken.conflist"]
WILD = sorted((PROJECT / "tests/corpus/valid").iterdir())
FRAGMENT = "'name' is a required property"
REFUSED = {
    "cni-spec-bridge-plugin-input.json": "'keyA' does not match",  # stands for keys of a plugin's own
    "istio-cni-minikube-expected.conflist": "'addIf' does not match",  # no plugin reads it
    "istio-list-with-istio.conflist": "None is not of type 'array'",  # Go reads it as absent
    "microk8s-flannel-nocniversion.conflist": "'cniVersion' is a required property",
    **dict.fromkeys(
        (
            "antrea-secondary-vlan-static.conf",
            "aws-appmesh.conf",
            "cnidev-host-device-device.conf",
            "cnidev-host-device-kernelpath.conf",
            "crio-v1.9-99-loopback.conf",
            "kube-ovn-macvlan-ipam.conf",
            "multus-macvlan-pod-tuning.conflist",
            "openshift-cno-macvlan-dhcp.conf",
            "ovs-readme.conf",
        ),
        FRAGMENT,
    ),
}
"""Configs in the wild that are refused although they work somewhere, and why."""


def told(document: dict[str, Any]) -> list[tuple[str, str]]:
    schema = SCHEMAS["conflist" if "plugins" in document else "conf"]
    return sorted((error.json_path, error.message) for error in schema.iter_errors(document))


@pytest.mark.parametrize("path", [*GOOD, *WILD], ids=lambda path: path.name)
def test_what_works_is_accepted(path):
    messages = [message for _, message in told(json.loads(path.read_text()))]
    if path.name in REFUSED:
        (message,) = messages
        assert message.startswith(REFUSED[path.name])
    else:
        assert messages == []


def test_the_broken_example_is_refused_at_the_right_places():
    text = (EXAMPLES / "90-broken.conflist").read_text()
    assert [at for at, _ in told(json.loads(text.replace("],\n}", "]\n}")))] == [
        "$.cniVersion",
        "$.plugins[0].snat",
        "$.plugins[1]",
    ]


@pytest.mark.parametrize(
    ("document", "places"),
    [
        ({}, ["$", "$"]),
        ({"cniVersion": "0.4.0", "name": "a", "plugins": [], "disableGC": True}, ["$", "$.plugins"]),
        ({"cniVersion": "1.1.0", "name": "a", "plugins": [{"type": "bridge", "disableGC": 1}]}, ["$.plugins[0]"]),
        ({"cniVersion": "0.3.1", "name": "a", "plugins": [{"type": "firewall"}]}, ["$.plugins[0].type"]),
        ({"cniVersion": "0.4.0", "cniVersions": ["0.4.0"], "name": "a", "plugins": [{"type": "ptp"}]}, []),
        ({"cniVersion": "2.0.0", "name": "a", "plugins": [{"type": 5}]}, ["$.cniVersion", "$.plugins[0].type"]),
        ({"name": "a", "type": "bridge", "mtu": "big"}, ["$.mtu"]),
        ({"cniVersion": "", "name": "a", "type": "bridge"}, []),
        ({"cniVersion": "0.1.0", "name": "a", "type": "vrf", "vrfname": "a"}, ["$.type"]),
        ({"$schema": "conf.schema.json", "cniVersion": "1.0.0", "name": "a", "type": "ptp", "_note": "ours"}, []),
        ({"cniVersion": "1.0.0", "name": "a", "type": "ptp", "note": "ours"}, ["$"]),
    ],
    ids=str,
)
def test_the_version_and_the_types_say_what_there_may_be(document, places):
    assert [at for at, _ in told(document)] == places
