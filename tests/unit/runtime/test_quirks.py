from __future__ import annotations

import json
from typing import Any

import pytest

from cnictl.errors import CNIError, PluginError
from cnictl.invoke.decode import failure_of
from cnictl.runtime.quirks import known_defect
from tests.support.plugins import exchange

IPV6_RULES = PluginError(999, "could not check ipv6 dnat", "no such chain", exchange(status=1))
IPV4_RULES = PluginError(999, "could not check ipv4 dnat", "no such chain", exchange(status=1))
ONLY_IPV4 = {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/16"}]}
BOTH = {"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.5/16"}, {"address": "2001:db8::5/64"}]}


def test_portmap_may_miss_ipv6_rules_of_a_container_without_ipv6():
    defect = known_defect("portmap", "CHECK", IPV6_RULES, ONLY_IPV4)
    assert defect == (
        "portmap looks among the IPv6 rules for those of an IPv4 address, where they cannot be: a defect of this "
        "plugin (containernetworking/plugins issue 819, mended in v1.3.0), not of the attachment"
    )


@pytest.mark.parametrize(
    ("told", "overlooked"), [("10.1.0.5", True), ("10.1.0.55", True), ("2001:db8::5", False)], ids=["v4", "v4s", "v6"]
)
def test_of_two_families_portmap_misses_the_rules_of_ipv4_among_those_of_ipv6(told, overlooked):
    rule = f"rule [[-p tcp --dport 8080 -j DNAT --to-destination {told}:80]] in chain CNI-DN-x not found"
    error = PluginError(999, f"could not check ipv6 dnat: {rule}", "", exchange(status=1))
    both = {
        "cniVersion": "1.0.0",
        "ips": [{"address": f"{told}/64"}, {"address": "10.9.0.1/16"}, {"address": "fd00::1/64"}],
    }
    assert (known_defect("portmap", "CHECK", error, both) is not None) is overlooked


@pytest.mark.parametrize(
    ("plugin", "verb", "error", "prev_result"),
    [
        ("portmap", "CHECK", IPV6_RULES, BOTH),
        ("portmap", "CHECK", IPV4_RULES, ONLY_IPV4),
        ("portmap", "DEL", IPV6_RULES, ONLY_IPV4),
        ("bridge", "CHECK", IPV6_RULES, ONLY_IPV4),
    ],
    ids=["has-ipv6", "other-message", "other-verb", "other-plugin"],
)
def test_every_other_failure_of_portmap_is_believed(plugin, verb, error, prev_result):
    assert known_defect(plugin, verb, error, prev_result) is None


PANIC = b"""panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x5f2a1c]

goroutine 1 [running, locked to thread]:
main.cmdCheck(0xc0000b6000)
"""


def crash(config: dict[str, Any] | None = None, stderr: bytes = PANIC) -> CNIError:
    run = exchange(status=2, stderr=stderr)
    return failure_of(run._replace(invocation=run.invocation._replace(stdin=json.dumps(config or {}).encode())))


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"runtimeConfig": {}},
        {"runtimeConfig": None},
        {"runtimeConfig": {"bandwidth": {}}},
        {"ingressRate": 0, "egressRate": 0},
    ],
)
def test_bandwidth_may_crash_when_it_has_nothing_to_check(config):
    assert known_defect("bandwidth", "CHECK", crash(config), ONLY_IPV4) == (
        "bandwidth crashed because the container has no limits, so there was nothing to check: a defect of "
        "this plugin (containernetworking/plugins issue 1221, mended in v1.9.1), not of the attachment"
    )


@pytest.mark.parametrize(
    ("plugin", "verb", "error"),
    [
        ("bandwidth", "CHECK", crash({"runtimeConfig": {"bandwidth": {"ingressRate": 1000}}})),
        ("bandwidth", "CHECK", crash({"egressRate": 1000, "egressBurst": 1000})),
        ("bandwidth", "CHECK", crash(stderr=PANIC.replace(b"main.cmdCheck", b"main.parseConfig"))),
        ("bandwidth", "CHECK", crash(stderr=PANIC.replace(b"nil pointer dereference", b"index out of range"))),
        ("bandwidth", "CHECK", PluginError(999, "nil pointer dereference in main.cmdCheck", "", exchange(status=1))),
        ("bandwidth", "DEL", crash()),
        ("tuning", "CHECK", crash()),
    ],
    ids=["limits", "limits-in-the-config", "elsewhere", "other-panic", "no-panic", "other-verb", "other-plugin"],
)
def test_every_other_failure_of_bandwidth_is_believed(plugin, verb, error):
    assert known_defect(plugin, verb, error, ONLY_IPV4) is None
