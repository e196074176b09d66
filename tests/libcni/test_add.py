"""ADD of a single plugin and of a list."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cnictl import CacheError, ChainFailed, NetworkConfigList, PluginError, PluginNotFound
from cnictl.testing import runs_in
from tests.libcni.scene import BOTH, C1, CHAIN, OLDEST, REFUSAL, RESULT, SINGLE, asked, cache_file, kept, prev_results

ARGUED = replace(C1, args=(("IgnoreUnknown", "1"), ("COLOUR", "red")), capability_args={"mac": "0a:58:0a:01:00:05"})


# What plugins are given


@pytest.mark.libcni(1)
def test_a_plugin_gets_arguments_for_the_capabilities_that_it_declares_as_true(cni, plugin):
    capabilities = {"mac": True, "ips": False, "bandwidth": True}
    given = {"mac": "0a:58:0a:01:00:05", "ips": ["10.1.0.5/16"], "aliases": ["web"]}
    cni.add(SINGLE.network(capabilities=capabilities), replace(C1, capability_args=given))
    assert plugin("a").runs[0].config["runtimeConfig"] == {"mac": "0a:58:0a:01:00:05"}


@pytest.mark.libcni(2)
def test_a_plugin_that_declares_nothing_that_is_given_has_no_runtime_config(cni, plugin):
    cni.add(SINGLE.network(capabilities={"ips": True, "mac": False}), ARGUED)
    assert "runtimeConfig" not in plugin("a").runs[0].config


@pytest.mark.libcni(4, 222)
def test_a_plugin_is_told_everything_of_its_network_and_its_container(cni, plugin, bin_dir):
    cni.add(SINGLE.network(capabilities={"mac": True}, mtu=1400), ARGUED)
    (run,) = plugin("a").runs
    assert run.environment == {
        "CNI_COMMAND": "ADD",
        "CNI_CONTAINERID": "c1",
        "CNI_NETNS": "/run/netns/c1",
        "CNI_IFNAME": "eth0",
        "CNI_ARGS": "IgnoreUnknown=1;COLOUR=red",
        "CNI_PATH": str(bin_dir),
    }
    own = {"cniVersion": "1.0.0", "name": "net", "type": "a", "mtu": 1400}
    assert run.config == own | {"runtimeConfig": ARGUED.capability_args}


@pytest.mark.libcni(36)
def test_each_plugin_of_a_list_gets_its_own_arguments_and_the_result_of_the_one_before(cni, plugin):
    plugins = [
        {"type": "a", "name": "mine", "capabilities": {"mac": True}},
        {"type": "b", "cniVersion": "0.3.1"},
        {"type": "c", "capabilities": {"ips": True}},
    ]
    plugin("a").on("ADD", result=RESULT)
    plugin("b").on("ADD", result=RESULT | {"dns": {"domain": "b"}})
    given = {"mac": "0a:58:0a:01:00:05", "ips": ["10.1.0.5/16"]}
    cni.add(CHAIN.network(plugins=plugins), replace(C1, capability_args=given))
    top = {"cniVersion": "1.0.0", "name": "net"}
    assert [run.config for run in runs_in(cni.bin_dirs[0])] == [
        top | {"type": "a", "runtimeConfig": {"mac": given["mac"]}},
        top | {"type": "b", "prevResult": RESULT},
        top | {"type": "c", "prevResult": RESULT | {"dns": {"domain": "b"}}, "runtimeConfig": {"ips": given["ips"]}},
    ]


# What comes back


@pytest.mark.libcni(5)
def test_the_result_is_returned_and_the_config_kept(cni, plugin):
    plugin("a").on("ADD", result=RESULT)
    network = SINGLE.network(mtu=1400)
    assert cni.add(network, C1).encode() == RESULT
    # libcni keeps the plugin's own text here, and cnitool the list that it makes of it, as cnictl does.
    assert kept(cni).config == network.source
    assert json.loads(network.source)["plugins"] == [SINGLE.document(mtu=1400)]


@pytest.mark.libcni(6)
def test_the_arguments_of_add_come_back_from_the_cache(cni):
    cni.add(SINGLE.network(), ARGUED)
    entry = kept(cni)
    assert (entry.args, entry.capability_args) == (ARGUED.args, ARGUED.capability_args)


@pytest.mark.libcni(7)
def test_an_attachment_is_listed(cni):
    assert list(cni.cache.entries()) == []
    network = SINGLE.network()
    cni.add(network, ARGUED)
    (entry,) = cni.cache.entries()
    assert entry.key == ("net", "c1", "eth0")
    assert (entry.netns, entry.config, entry.args) == ("/run/netns/c1", network.source, ARGUED.args)


@pytest.mark.libcni(35, 246)
def test_a_list_runs_in_order_and_each_plugin_may_add_to_the_result(cni, plugin):
    plugin("a").on("ADD", result=RESULT)
    plugin("c").on("ADD", result=RESULT | {"dns": {"nameservers": ["1.2.3.4"]}})
    result = cni.add(CHAIN.network(), C1)
    assert asked(cni) == ["ADD a", "ADD b", "ADD c"]
    assert prev_results(cni) == [None, RESULT, RESULT]
    assert result.encode() == RESULT | {"dns": {"nameservers": ["1.2.3.4"]}}


@pytest.mark.libcni(37)
def test_the_result_of_a_list_is_kept_as_it_is_returned(cni, plugin):
    plugin("c").on("ADD", result=RESULT | {"dns": {"search": ["corp.example"]}})
    result = cni.add(CHAIN.network(), C1)
    assert json.loads(cache_file(cni).read_bytes())["result"] == result.encode() != {}


@pytest.mark.libcni(38)
def test_a_list_is_kept_byte_by_byte(cni):
    text = b'{"name":"net",  "cniVersion":"1.0.0",\n\t"own": 1.0, "plugins":[{"type":"a"}] }\n'
    cni.add(NetworkConfigList.from_bytes(text), C1)
    assert kept(cni).config == text


@pytest.mark.libcni(82)
def test_two_interfaces_are_two_attachments(cni, plugin):
    addresses = {"eth0": "10.1.0.5/16", "eth1": "10.1.0.6/16"}
    for ifname, address in addresses.items():
        plugin("a").on("ADD", result={"cniVersion": "1.0.0", "ips": [{"address": address}]})
        cni.add(SINGLE.network(), replace(C1, ifname=ifname))
    entries = {entry.ifname: entry.result for entry in cni.cache.entries()}
    assert sorted(path.name for path in cni.cache.results.iterdir()) == ["net-c1-eth0", "net-c1-eth1"]
    assert {ifname: result["ips"][0]["address"] for ifname, result in entries.items()} == addresses


@pytest.mark.libcni(133)
@pytest.mark.parametrize("version", [None, "0.1.0"])
def test_the_result_of_a_plugin_that_knows_no_versions_is_of_0_1_0(cni, plugin, version):
    answer = {"ip4": {"ip": "10.1.0.5/16"}}
    old = {"code": 100, "msg": "unknown CNI_COMMAND: VERSION"}
    plugin("a").on("VERSION", error=old).on("ADD", result=answer)
    assert cni.add(SINGLE.network(version), C1).encode() == {"cniVersion": "0.1.0", **answer, "dns": {}}


@pytest.mark.libcni(134)
@pytest.mark.parametrize("version", [None, "", "0.1.0"])
def test_a_config_of_the_first_days_runs_with_a_current_plugin(cni, plugin, version):
    plugin("a").on("ADD", result=OLDEST | {"cniVersion": "0.1.0"})
    network = SINGLE.network(version)
    assert cni.add(network, C1).ips[0].address == "10.1.0.5/16"
    cni.delete(network, C1)
    # libcni hands an empty version on; cnictl gives the one that it means.
    assert [run.config["cniVersion"] for run in plugin("a").runs] == ["0.1.0", "0.1.0"]


# When it fails


@pytest.mark.libcni(8, 39)
@pytest.mark.parametrize(("shape", "missing"), [(SINGLE, "a"), (CHAIN, "b")], ids=["single", "list"])
def test_a_plugin_without_executable_keeps_all_from_running(cni, plugin, bin_dir, shape, missing):
    # libcni notices when its turn comes, after those before it have run.
    plugin(missing).path.unlink()
    with pytest.raises(PluginNotFound, match=f'^plugin "{missing}" is not in {bin_dir}$'):
        cni.add(shape.network(), C1)
    assert asked(cni) == []


@pytest.mark.libcni(9, 161)
def test_what_a_plugin_says_is_the_error(cni, plugin):
    plugin("a").on("ADD", error=REFUSAL)
    with pytest.raises(ChainFailed) as caught:
        cni.add(SINGLE.network(), C1)
    assert isinstance(caught.value.cause, PluginError)
    assert str(caught.value.cause) == "no; not today (code 107)"


@BOTH
@pytest.mark.libcni(10, 51)
def test_a_cache_that_cannot_be_made_is_noticed_before_anything_runs(cni, shape):
    # libcni notices when all plugins have run.
    cni.cache.directory.mkdir()
    cni.cache.results.write_text("a file where the directory should be")
    with pytest.raises(CacheError, match=r"^the result cache cannot be made: .*/results: file exists$"):
        cni.add(shape.network(), C1)
    assert asked(cni) == []


@pytest.mark.libcni(49, 50)
def test_a_refusal_names_plugin_and_command_and_nothing_is_kept(cni, plugin):
    plugin("b").on("ADD", error=REFUSAL)
    with pytest.raises(ChainFailed) as caught:
        cni.add(CHAIN.network(), C1)
    assert str(caught.value) == 'plugin "b" failed (ADD): no; not today (code 107)'
    assert list(cni.cache.results.iterdir()) == []
    # libcni leaves what the first plugin made.
    assert asked(cni) == ["ADD a", "ADD b", "DEL c", "DEL b", "DEL a"]
