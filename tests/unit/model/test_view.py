from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnictl.model.version import SpecVersion
from cnictl.model.view import (
    NetworkView,
    PluginView,
    given,
    is_true,
    items_at,
    object_at,
    string_at,
    top_level,
    view,
)
from cnictl.text.parser import parse
from cnictl.text.source import Source

if TYPE_CHECKING:
    from cnictl.text.node import ObjectNode


def network(text: str) -> NetworkView:
    found = view(parse(Source("net.conf", text.encode())))
    assert found is not None
    return found


def plugin(text: str) -> PluginView:
    return network(text).plugins[0]


def root(text: str) -> ObjectNode:
    return network(text).node


# Look-ups

ODD = (
    '{"text": "a", "empty": "", "null": null, "yes": true, "no": false, "one": 1, "list": [1, "b"], "object": {"k": 2}}'
)
KEYS = ["text", "empty", "null", "yes", "no", "one", "list", "object", "absent", "TEXT"]


@pytest.mark.parametrize(
    ("look", "found"),
    [
        (string_at, {"text": "a", "empty": "", "TEXT": "a"}),
        (lambda node, key: [item.value for item in items_at(node, key)] or None, {"list": [1, "b"]}),
        (lambda node, key: (found := object_at(node, key)) and found.value, {"object": {"k": 2}}),
        (lambda node, key: is_true(node, key) or None, {"yes": True}),
        (
            lambda node, key: given(node, key) or None,
            dict.fromkeys(["text", "empty", "yes", "no", "one", "list", "object", "TEXT"], True),
        ),
    ],
    ids=["string_at", "items_at", "object_at", "is_true", "given"],
)
def test_a_look_up_finds_its_kind_and_nothing_else(look, found):
    node = root(ODD)
    assert {key: look(node, key) for key in KEYS} == {key: found.get(key) for key in KEYS}


def test_an_empty_array_has_no_items():
    assert items_at(root('{"list": []}'), "list") == []


# The network


@pytest.mark.parametrize("text", ["[]", "null", '"x"', "1", "", "[{}]"])
def test_there_is_no_view_of_what_is_no_object(text):
    assert view(parse(Source("net.conf", text.encode()))) is None


def test_a_network_knows_its_document_and_its_node():
    document = parse(Source("net.conf", b'{"name": "pods"}'))
    found = view(document)
    assert found is not None
    assert found.document is document
    assert found.node is document.root


@pytest.mark.parametrize(
    ("text", "is_list"),
    [
        ('{"plugins": []}', True),
        ('{"plugins": null}', True),
        ('{"plugins": [], "type": "bridge"}', True),
        ('{"type": "bridge"}', False),
        ('{"Plugins": []}', False),
        ("{}", False),
    ],
)
def test_a_list_is_told_by_its_plugins(text, is_list):
    assert network(text).is_list is is_list


@pytest.mark.parametrize("key", ["name", "NAME", "Name", "nAmE"])
def test_the_name_of_a_single_plugin_is_found_in_any_letter_case(key):
    assert network(f'{{"{key}": "pods", "type": "bridge"}}').name == "pods"


@pytest.mark.parametrize(("key", "name"), [("name", "pods"), ("NAME", None), ("Name", None)])
def test_the_name_of_a_list_must_be_spelt_exactly(key, name):
    assert network(f'{{"{key}": "pods", "plugins": []}}').name == name


def test_of_several_spellings_in_a_single_plugin_the_last_one_wins():
    names = '"name": "a", "NAME": "b", "Name": "c"'
    found = network(f'{{{names}, "CNIVersion": "0.3.1", "cniversion": "0.4.0", "Type": "x", "type": "y"}}')
    assert (found.name, found.version, found.plugins[0].type) == ("c", SpecVersion.V0_4_0, "y")
    assert top_level(found.node, "cniVersion") is found.version_node
    assert found.version_node.pointer == "/cniversion"


def test_of_several_spellings_in_a_list_the_exact_one_wins():
    text = '{"name": "a", "NAME": "b", "cniVersion": "0.3.1", "CNIVERSION": "0.4.0", "plugins": []}'
    assert (network(text).name, network(text).version) == ("a", SpecVersion.V0_3_1)


def test_of_the_same_key_twice_the_last_one_wins():
    text = '{"name": "a", "name": "b", "plugins": [{"type": "x", "type": "y"}]}'
    assert (network(text).name, network(text).plugins[0].type) == ("b", "y")


@pytest.mark.parametrize("value", ["1", "null", "[]", "true"])
def test_a_name_that_is_no_string_is_none(value):
    assert network(f'{{"name": {value}, "plugins": []}}').name is None


@pytest.mark.parametrize(
    ("members", "text", "version"),
    [
        ("", None, "0.1.0"),
        ('"cniVersion": null', None, "0.1.0"),
        ('"cniVersion": ""', "", "0.1.0"),
        ('"cniVersion": "1.0.0"', "1.0.0", "1.0.0"),
        ('"cniVersion": "1.0"', "1.0", None),
        ('"cniVersion": "v1.0.0"', "v1.0.0", None),
        ('"cniVersion": "9.9.9"', "9.9.9", None),
        ('"cniVersion": 1', None, None),
        ('"cniVersion": false', None, None),
        ('"cniVersion": 0', None, None),
        ('"cniVersion": []', None, None),
    ],
)
@pytest.mark.parametrize("rest", ['"plugins": []', '"type": "bridge"'], ids=["list", "single"])
def test_the_version_as_written_and_as_a_runtime_takes_it(members, text, version, rest):
    found = network("{" + ", ".join(filter(None, [members, rest])) + "}")
    assert found.version_text == text
    assert found.version == (SpecVersion(version) if version else None)


@pytest.mark.parametrize(
    ("members", "version"),
    [
        ('"cniVersions": ["1.0.0", "1.1.0", "0.4.0"]', "1.1.0"),
        ('"cniVersion": "1.1.0", "cniVersions": ["0.4.0"]', "1.1.0"),
        ('"cniVersion": "9.0.0", "cniVersions": ["1.0.0", "2.0.0"]', "1.0.0"),
        ('"cniVersion": "0.4.0", "cniVersions": ["1.1", 7, null, "1.0.0"]', "1.0.0"),
        ('"cniVersion": "0.4.0", "cniVersions": "1.0.0"', "0.4.0"),
        ('"cniVersions": []', "0.1.0"),
        ('"cniVersions": ["1.1"]', "0.1.0"),
        ('"cniVersion": "9.0.0", "cniVersions": ["8.0.0"]', None),
        ('"cniVersion": "0.4.0", "CNIVERSIONS": ["1.0.0"]', "0.4.0"),
    ],
)
def test_of_the_versions_that_a_list_offers_the_newest_known_one_is_taken(members, version):
    found = network(f'{{{members}, "plugins": []}}').version
    assert found == (SpecVersion(version) if version else None)


def test_a_single_plugin_offers_no_more_versions():
    text = '{"cniVersion": "0.4.0", "cniVersions": ["1.1.0"], "name": "pods", "type": "bridge"}'
    assert network(text).version is SpecVersion.V0_4_0


def test_the_place_of_a_missing_version_is_the_config():
    found = network('{"plugins": []}')
    assert found.version_node is found.node


# Its plugins


def test_plugins_know_their_place_and_what_is_no_object_is_left_out():
    found = network('{"plugins": [{"type": "a"}, null, "b", {"type": "c"}, []]}')
    assert [(entry.type, entry.index) for entry in found.plugins] == [("a", 0), ("c", 3)]
    assert [entry.node.pointer for entry in found.plugins] == ["/plugins/0", "/plugins/3"]
    assert all(entry.network is found for entry in found.plugins)


def test_a_single_plugin_is_the_document():
    found = network('{"name": "pods", "type": "bridge"}')
    (only,) = found.plugins
    assert (only.type, only.index, only.node) == ("bridge", None, found.node)


@pytest.mark.parametrize("text", ["{}", '{"name": "pods"}', '{"plugins": {}}', '{"plugins": null, "type": "x"}'])
def test_a_network_may_have_no_plugin_at_all(text):
    assert network(text).plugins == []


@pytest.mark.parametrize("key", ["type", "Type", "TYPE"])
@pytest.mark.parametrize("form", ['{{"{}": "bridge"}}', '{{"plugins": [{{"{}": "bridge"}}]}}'], ids=["single", "list"])
def test_the_type_is_found_in_any_letter_case_in_a_list_too(form, key):
    assert plugin(form.format(key)).type == "bridge"


@pytest.mark.parametrize("value", ["null", "1", "[]", "{}"])
def test_a_type_that_is_no_string_is_none(value):
    assert plugin(f'{{"plugins": [{{"type": {value}}}]}}').type is None


def test_capabilities_are_those_that_are_true():
    text = '{"type": "x", "Capabilities": {"a": true, "b": false, "c": "true", "d": 1, "e": null, "mac": true}}'
    assert plugin(text).capabilities == {"a", "mac"}


@pytest.mark.parametrize(
    "members", ["", ', "capabilities": null', ', "capabilities": ["mac"]', ', "capabilities": true']
)
def test_there_may_be_no_capabilities(members):
    assert plugin(f'{{"type": "x"{members}}}').capabilities == frozenset()


@pytest.mark.parametrize(
    ("members", "ipam_type"),
    [
        ("", None),
        (', "ipam": null', None),
        (', "ipam": "host-local"', None),
        (', "ipam": {}', None),
        (', "ipam": {"type": 1}', None),
        (', "ipam": {"type": ""}', ""),
        (', "ipam": {"type": "host-local"}', "host-local"),
        (', "IPAM": {"Type": "host-local"}', "host-local"),
        (', "ipam": {"type": "a"}, "Ipam": {"type": "b"}', "b"),
    ],
)
def test_the_ipam_plugin_is_found_or_none(members, ipam_type):
    found = plugin(f'{{"type": "x"{members}}}')
    assert found.ipam_type == ipam_type


def test_the_ipam_object_is_a_node():
    ipam = plugin('{"type": "x", "IPAM": {"type": "static"}}').ipam
    assert ipam is not None
    assert (ipam.pointer, ipam.value) == ("/IPAM", {"type": "static"})


def test_executables_come_with_their_places():
    text = '{"type": "flannel", "delegate": {"type": "bridge"}, "ipam": {"Type": "host-local"}}'
    found = [(name, node.pointer) for name, node in plugin(text).executables()]
    assert found == [("flannel", "/type"), ("host-local", "/ipam/Type"), ("bridge", "/delegate/type")]


def test_executables_without_a_name_are_left_out():
    text = '{"plugins": [{"type": 1, "ipam": {"type": ""}, "delegate": {"isGateway": true}}]}'
    assert list(plugin(text).executables()) == []
