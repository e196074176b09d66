from __future__ import annotations

import dataclasses
import io
import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.errors import ExitCode, InvalidConfig, SourceError, SourceNotFound
from cnictl.model.network import NetworkConfigList
from cnictl.model.version import SpecVersion
from cnictl.text.parser import parse
from cnictl.text.source import Source

LIST = b"""{
  "cniVersion": "1.1.0",
  "cniVersions": ["0.4.0", "1.0.0"],
  "name": "pods",
  "disableCheck": true,
  "example.com/note": [1, 1.0, null],
  "plugins": [
    {"type": "bridge", "capabilities": {"mac": true, "ips": false}, "big": 9007199254740993, "x": {"y": 1e2}},
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
"""
SINGLE = b'{"type": "bridge", "name": "pods", "cniVersion": "0.4.0", "mtu": 9007199254740993, "note": "<\\u00e9>"}\n'


def test_a_list_is_read_with_all_that_it_says():
    network = NetworkConfigList.from_bytes(LIST, "10-pods.conflist")
    assert network.name == "pods"
    assert network.version is SpecVersion.V1_1_0
    assert network.disable_check is True
    assert network.path == "10-pods.conflist"
    assert [plugin.type for plugin in network.plugins] == ["bridge", "portmap"]
    assert [plugin.capabilities for plugin in network.plugins] == [{"mac"}, {"portMappings"}]


def test_the_bytes_of_a_list_are_kept_as_they_are():
    assert NetworkConfigList.from_bytes(LIST).source == LIST


def test_keys_that_the_spec_does_not_know_and_large_integers_survive():
    first, second = NetworkConfigList.from_bytes(LIST).plugins
    assert first.data == {
        "type": "bridge",
        "capabilities": {"mac": True, "ips": False},
        "big": 2**53 + 1,
        "x": {"y": 100.0},
    }
    assert isinstance(first.data["big"], int)
    assert list(second.data) == ["type", "capabilities"]


def test_a_single_plugin_becomes_a_list_of_one():
    network = NetworkConfigList.from_bytes(SINGLE)
    assert (network.name, network.version, network.disable_check) == ("pods", SpecVersion.V0_4_0, False)
    (only,) = network.plugins
    assert only.type == "bridge"
    assert only.data == json.loads(SINGLE)
    assert only.data["mtu"] == 2**53 + 1


def test_the_list_document_of_a_single_plugin_is_the_one_that_libcni_makes():
    assert NetworkConfigList.from_bytes(SINGLE).source == (
        b'{"cniVersion":"0.4.0","name":"pods","plugins":[{"cniVersion":"0.4.0","mtu":9007199254740993,'
        b'"name":"pods","note":"<\\u00e9>","type":"bridge"}]}'
    )


def test_the_list_document_of_a_single_plugin_reads_as_the_same_network():
    single = NetworkConfigList.from_bytes(SINGLE)
    again = NetworkConfigList.from_bytes(single.source)
    assert again == single


def test_a_single_plugin_without_a_version_has_an_empty_one_in_its_list_document():
    network = NetworkConfigList.from_bytes(b'{"name":"pods","type":"bridge"}')
    assert network.version is SpecVersion.V0_1_0
    assert network.source == b'{"cniVersion":"","name":"pods","plugins":[{"name":"pods","type":"bridge"}]}'


def test_the_keys_of_a_single_plugin_are_found_in_any_letter_case_and_the_last_one_wins():
    text = b'{"NAME":"a","Name":"pods","CNIVersion":"0.4.0","TYPE":"bridge","Capabilities":{"mac":true}}'
    network = NetworkConfigList.from_bytes(text)
    assert (network.name, network.version) == ("pods", SpecVersion.V0_4_0)
    assert (network.plugins[0].type, network.plugins[0].capabilities) == ("bridge", frozenset({"mac"}))
    assert list(network.plugins[0].data) == ["NAME", "Name", "CNIVersion", "TYPE", "Capabilities"]
    assert json.loads(network.source)["name"] == "pods"


def test_the_keys_of_a_list_must_be_exact():
    with pytest.raises(InvalidConfig) as caught:
        NetworkConfigList.from_bytes(b'{"Name": "pods", "plugins": [{"type": "bridge"}]}', "net.conflist")
    assert str(caught.value) == 'net.conflist:1:2: "name" is missing; "Name" is not read as such'


def test_a_single_plugin_offers_no_other_versions_and_has_no_flags():
    text = b'{"cniVersion":"0.4.0","cniVersions":["1.1.0"],"disableCheck":true,"name":"pods","type":"bridge"}'
    network = NetworkConfigList.from_bytes(text)
    assert (network.version, network.disable_check) == (SpecVersion.V0_4_0, False)


@pytest.mark.parametrize(
    ("value", "read"),
    [(True, True), (False, False), ("true", True), ("TRUE", True), ("False", False), ("false", False)],
)
def test_check_is_disabled_by_a_boolean_or_by_its_text(value, read):
    data = {"name": "pods", "disableCheck": value, "plugins": [{"type": "bridge"}]}
    assert NetworkConfigList.from_dict(data).disable_check is read


@pytest.mark.parametrize(
    ("members", "version"),
    [
        ({}, "0.1.0"),
        ({"cniVersion": ""}, "0.1.0"),
        ({"cniVersion": "0.3.1"}, "0.3.1"),
        ({"cniVersion": "0.4.0", "cniVersions": ["1.0.0"]}, "1.0.0"),
        ({"cniVersion": "1.1.0", "cniVersions": ["1.0.0"]}, "1.1.0"),
        ({"cniVersion": "9.9.9", "cniVersions": ["1.0.0", "9.9.9"]}, "1.0.0"),
        ({"cniVersion": "1.1.0", "cniVersions": ["1.1"]}, "1.1.0"),
    ],
)
def test_the_version_to_speak(members, version):
    network = NetworkConfigList.from_dict({**members, "name": "pods", "plugins": [{"type": "bridge"}]})
    assert str(network.version) == version


def test_plain_data_is_taken_with_all_its_keys():
    data = {"name": "pods", "plugins": [{"type": "x", "big": 2**70, "nested": {"é": [1, 1.5, None, True]}}], "own": 1}
    network = NetworkConfigList.from_dict(data, "made up")
    assert network.plugins[0].data == data["plugins"][0]  # type: ignore[index]
    assert json.loads(network.source) == data
    assert network.path == "made up"


def test_plain_data_is_not_shared_with_the_network():
    plugin: dict[str, Any] = {"type": "bridge"}
    network = NetworkConfigList.from_dict({"name": "pods", "plugins": [plugin]})
    plugin["type"] = "macvlan"
    assert network.plugins[0].data == {"type": "bridge"}


def test_a_file_is_read(tmp_path):
    path = tmp_path / "10-pods.conflist"
    path.write_bytes(LIST)
    network = NetworkConfigList.from_file(path)
    assert network == NetworkConfigList.from_bytes(LIST, str(path))
    assert network == NetworkConfigList.from_file(str(path))


@pytest.mark.parametrize("name", ["net.conflist", "net.conf", "net.json", "net"])
def test_the_content_and_not_the_name_of_a_file_tells_what_it_is(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(LIST)
    assert len(NetworkConfigList.from_file(path).plugins) == 2
    path.write_bytes(SINGLE)
    assert len(NetworkConfigList.from_file(path).plugins) == 1


def test_a_config_is_read_from_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(SINGLE)))
    network = NetworkConfigList.from_file("-")
    assert (network.name, network.path) == ("pods", "-")


def test_a_source_and_a_document_are_taken_too():
    source = Source("net.conf", SINGLE)
    assert NetworkConfigList.from_source(source) == NetworkConfigList.from_document(parse(source))


def test_a_network_cannot_be_changed():
    network = NetworkConfigList.from_bytes(SINGLE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.name = "other"  # type: ignore[misc]


def test_a_key_that_stands_twice_is_read_as_go_does():
    network = NetworkConfigList.from_bytes(b'{"name":"a","name":"b","plugins":[{"type":"x","mtu":1,"mtu":2}]}')
    assert network.name == "b"
    assert network.plugins[0].data == {"type": "x", "mtu": 2}


def test_a_missing_file_is_said(tmp_path):
    path = tmp_path / "net.conf"
    with pytest.raises(SourceNotFound) as caught:
        NetworkConfigList.from_file(path)
    assert str(caught.value) == f"{path}: no such file or directory"


def test_a_directory_is_no_config(tmp_path):
    with pytest.raises(SourceError) as caught:
        NetworkConfigList.from_file(tmp_path)
    assert str(caught.value) == f"{tmp_path}: is a directory, not a file"


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "the file is empty"),
        ("[]", 1, 1, "a network config is an object, and this is an array"),
        ('{"name": "pods",\n "plugins": [],\n}', 2, 15, "a comma stands before the closing }"),
        ('{"name": "pods",\n "plugins": []\n}', 2, 13, '"plugins" is empty'),
        ('{\n  "name": "a/b", "type": 1\n}', 2, 11, None),
        ('{"name": "pods",\n\n  "plugins": [\n    {"type": "ä"}, {"type": "../x"}]}', 4, 29, None),
        ('{"name": "pods", "cniVersion": "1.0", "type": "bridge"}', 1, 32, None),
        ("{}", 1, 1, 'this is no network config: it has neither "plugins" (a list) nor "type" (a single plugin)'),
    ],
)
def test_what_is_refused_is_refused_with_its_place(text, line, column, reason):
    with pytest.raises(InvalidConfig) as caught:
        NetworkConfigList.from_bytes(text.encode(), "net.conf")
    error = caught.value
    assert (error.path, error.line, error.column) == ("net.conf", line, column)
    assert str(error) == f"net.conf:{line}:{column}: {error.reason}"
    assert reason in (None, error.reason)
    assert error.hint == "`cnictl validate net.conf` shows every problem in it"
    assert error.exit_code == ExitCode.UNABLE


def test_only_the_first_and_outermost_fault_is_told():
    with pytest.raises(InvalidConfig) as caught:
        NetworkConfigList.from_dict({"name": "", "cniVersion": 1, "plugins": [{}]})
    assert str(caught.value) == "<stdin>:1:10: the network name is empty"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_plain_data_that_is_no_json_is_refused(value):
    with pytest.raises(InvalidConfig):
        NetworkConfigList.from_dict({"name": "pods", "plugins": [{"type": "bridge", "mtu": value}]})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OWN = st.dictionaries(st.text(max_size=8).map(lambda key: f"x-{key}"), JSON, max_size=4)


@settings(deadline=None, max_examples=50)
@given(OWN, OWN)
def test_whatever_a_plugin_has_of_its_own_survives(at_top, in_plugin):
    data = {**at_top, "name": "pods", "plugins": [{"type": "x", **in_plugin}]}
    network = NetworkConfigList.from_dict(data)
    assert network.plugins[0].data == {"type": "x", **in_plugin}
    assert json.loads(network.source) == data
    single = NetworkConfigList.from_dict({"name": "pods", "type": "x", **in_plugin})
    assert json.loads(single.source)["plugins"] == [{"name": "pods", "type": "x", **in_plugin}]


KEYS = ["name", "type", "plugins", "cniVersion", "cniVersions", "capabilities", "ipam", "dns", "disableCheck", "NAME"]
CONFIG = st.dictionaries(
    st.sampled_from(KEYS),
    JSON
    | st.just("pods")
    | st.lists(st.dictionaries(st.sampled_from(KEYS), JSON | st.just("pods"), max_size=4), max_size=2),
    max_size=6,
)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=40) | st.text(st.sampled_from('{}[]:,"nametype 1'), max_size=40).map(str.encode))
def test_any_bytes_are_a_network_or_an_invalid_config(data):
    with pytest.raises(InvalidConfig):
        NetworkConfigList.from_bytes(data)


@settings(deadline=None, max_examples=150)
@given(CONFIG | JSON.map(lambda value: {"name": "pods", "plugins": value}))
def test_any_data_is_a_network_or_an_invalid_config(data):
    try:
        network = NetworkConfigList.from_dict(data)
    except InvalidConfig:
        return
    assert network.name
    assert network.plugins
    assert all(plugin.type for plugin in network.plugins)
    again = NetworkConfigList.from_bytes(network.source)
    assert [plugin.data for plugin in again.plugins] == [plugin.data for plugin in network.plugins]
