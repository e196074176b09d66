"""Results of one version that are wanted in another."""

from __future__ import annotations

import pytest

from cnictl.model.result import decode_result
from cnictl.model.version import DEFAULT, SpecVersion
from tests.libcni.scene import C1, CHAIN, OLDER, OLDEST, RESULT, SINGLE, keep, kept, prev_results


@pytest.mark.libcni(193)
def test_the_old_version_of_an_address_is_passed_over(cni):
    keep(cni, {"cniVersion": "1.0.0", "ips": [{"version": "4", "address": "10.1.0.5/16"}]})
    cni.check(SINGLE.network(), C1)
    assert prev_results(cni) == [RESULT]


@pytest.mark.libcni(195)
def test_a_plugin_never_meets_a_result_of_another_version(cni, plugin):
    # A plugin would refuse it; libcni hands it on from plugin to plugin as it was printed.
    plugin("a").on("ADD", result=OLDEST)
    cni.add(CHAIN.network("1.1.0"), C1)
    keep(cni, OLDEST)
    cni.check(CHAIN.network("1.1.0"), C1)
    assert prev_results(cni) == [None, *[RESULT | {"cniVersion": "1.1.0"}] * 5]


@pytest.mark.libcni(210)
def test_a_config_without_a_version_has_results_of_0_1_0(cni, plugin):
    plugin("a").on("ADD", result=OLDER)
    network = SINGLE.network(None)
    first = OLDEST | {"cniVersion": "0.1.0"}
    assert cni.add(network, C1).encode(network.version) == first
    assert kept(cni).result == first


@pytest.mark.libcni(212)
def test_a_result_without_a_version_is_of_0_1_0(cni):
    keep(cni, {"ip4": {"ip": "10.1.0.5/16"}})
    cni.check(SINGLE.network(), C1)
    assert prev_results(cni) == [RESULT]
    assert decode_result({}, DEFAULT).encode() == {"cniVersion": "0.1.0", "dns": {}}


@pytest.mark.libcni(213)
@pytest.mark.parametrize("version", ["0.3.0", "0.3.1"])
def test_the_first_address_of_each_family_keeps_the_routes_of_its_family(version):
    later = {
        "cniVersion": version,
        "interfaces": [{"name": "eth0"}],
        "ips": [
            {"version": "4", "interface": 0, "address": "1.2.3.30/24", "gateway": "1.2.3.1"},
            {"version": "6", "interface": 0, "address": "abcd:1234:ffff::cdde/64", "gateway": "abcd:1234:ffff::1"},
            {"version": "4", "interface": 0, "address": "1.2.4.30/24"},
        ],
        "routes": [
            {"dst": "1111:dddd::/80", "gw": "1111:dddd::aaaa"},
            {"dst": "15.5.6.0/24", "gw": "15.5.6.8"},
            {"dst": "0.0.0.0/0"},
        ],
    }
    assert decode_result(later, DEFAULT).encode(SpecVersion.V0_1_0) == {
        "cniVersion": "0.1.0",
        "ip4": {
            "ip": "1.2.3.30/24",
            "gateway": "1.2.3.1",
            "routes": [{"dst": "15.5.6.0/24", "gw": "15.5.6.8"}, {"dst": "0.0.0.0/0"}],
        },
        "ip6": {
            "ip": "abcd:1234:ffff::cdde/64",
            "gateway": "abcd:1234:ffff::1",
            "routes": [{"dst": "1111:dddd::/80", "gw": "1111:dddd::aaaa"}],
        },
        "dns": {},
    }


@pytest.mark.libcni(245)
@pytest.mark.parametrize("version", ["0.3.1", "0.4.0"])
def test_a_result_that_is_handed_on_has_dns_in_these_versions(cni, plugin, version):
    printed = {"cniVersion": version, "ips": [{"version": "4", "address": "10.1.0.5/16"}]}
    plugin("a").on("ADD", result=printed)
    result = cni.add(CHAIN.network(version), C1)
    assert prev_results(cni) == [None, printed | {"dns": {}}, printed | {"dns": {}}]
    assert result.encode() == printed | {"dns": {}}
