"""What is put into the config of a plugin.

libcni offers a function that puts any key into a config. Here a runtime puts in what the spec says and nothing else.
"""

from __future__ import annotations

import json

import pytest

from cnictl import InvalidConfig, NetworkConfigList
from tests.libcni.scene import BOTH, C1, CHAIN, RESULT, SINGLE, asked


@pytest.mark.libcni(119)
def test_nothing_can_be_put_into_what_is_no_json():
    with pytest.raises(InvalidConfig, match=r"^<stdin>:1:"):
        NetworkConfigList.from_bytes(b'{"name": "net", "type": nonsense')


@pytest.mark.libcni(121)
@BOTH
def test_nothing_is_put_in_as_null(cni, plugin, shape):
    network = shape.network("1.1.0", own=None)
    cni.delete(network, C1)
    cni.gc(network, [])
    for run in plugin("a").runs:
        assert [key for key, value in run.config.items() if value is None and key != "own"] == []
    assert asked(cni)[-1] == f"GC {shape.types[-1]}"


@pytest.mark.libcni(122)
def test_a_new_key_stands_in_its_place_among_the_others(cni, plugin):
    plugin("a").on("ADD", result=RESULT)
    cni.add(CHAIN.network(plugins=[{"type": "a"}, {"zeta": 1, "type": "b", "alpha": 2}]), C1)
    (run,) = plugin("b").runs
    assert run.stdin == json.dumps(run.config, sort_keys=True, separators=(",", ":")).encode()
    assert list(run.config) == ["alpha", "cniVersion", "name", "prevResult", "type", "zeta"]


@pytest.mark.libcni(123)
def test_a_key_that_is_there_gets_the_value_of_the_list(cni, plugin):
    cni.add(CHAIN.network(plugins=[{"type": "a", "name": "mine", "cniVersion": "0.3.1"}]), C1)
    assert plugin("a").runs[0].config == {"type": "a", "name": "net", "cniVersion": "1.0.0"}


@pytest.mark.libcni(124)
def test_a_key_that_has_its_value_already_keeps_it(cni, plugin):
    cni.add(SINGLE.network(mtu=1400), C1)
    assert plugin("a").runs[0].config == SINGLE.document(mtu=1400)


@pytest.mark.libcni(125)
def test_what_a_config_says_and_what_its_plugin_reads_are_one(cni, plugin):
    changed = SINGLE.document() | {"type": "b", "dns": {"nameservers": ["1.2.3.4"]}}
    network = NetworkConfigList.from_dict(changed)
    cni.add(network, C1)
    assert network.plugins[0].type == "b"
    assert network.plugins[0].data["dns"] == {"nameservers": ["1.2.3.4"]}
    assert plugin("b").runs[0].config == changed
