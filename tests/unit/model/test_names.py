from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnictl.model.names import container_id_fault, ifname_fault, network_name_fault, plugin_type_fault

RULE = "begins with a letter or digit and has only letters, digits, _ . and - after it"


@pytest.mark.parametrize("name", ["a", "0", "Z9", "pod-net", "a_b.c-d", "a..b", "a.", "a-", "1.2.3", "x" * 300])
def test_names_that_networks_and_containers_may_have(name):
    assert network_name_fault(name) is None
    assert container_id_fault(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "a\n",  # "$" would match before it
        "\na",
        "a\nb",
        "../x",
        "a/b",
        "a/../b",
        ".",
        "..",
        ".hidden",
        "-a",
        "_a",
        " a",
        "a b",
        "a\x00",
        "te%%st",
        "näme",
        "ñ",
        "名",
        "٣",  # a digit to str.isdigit
        "a\u2028",
        "a:b",
        "a\\b",
        "\ud800",
    ],
)
def test_names_that_would_not_be_safe_in_a_path_are_refused_with_the_rule(name):
    assert network_name_fault(name) == f'the network name "{name}" is not valid: it {RULE}'
    assert container_id_fault(name) == f'the container ID "{name}" is not valid: it {RULE}'


def test_an_empty_name_has_a_message_of_its_own():
    assert network_name_fault("") == "the network name is empty"
    assert container_id_fault("") == "the container ID is empty"


@pytest.mark.parametrize(
    "ifname",
    ["eth0", "e", "...", "a.b", "0", "-", "eth0.100", "a" * 15, "é" * 7, "名名名名名", "veth@if3", 'a"b', "a\\b"],
)
def test_interface_names_that_the_kernel_takes(ifname):
    assert len(ifname.encode()) <= 15
    assert ifname_fault(ifname) is None


@pytest.mark.parametrize(
    "ifname",
    ["a" * 16, "é" * 8, "名" * 5 + "a", "abcdefghijklmn😀", "eth0 and then some more"],
    ids=["16 letters", "8 letters of 2 bytes", "5 of 3 and 1", "14 and 1 of 4", "with a space too"],
)
def test_an_interface_name_is_measured_in_bytes(ifname):
    assert ifname_fault(ifname) == f'the interface name "{ifname}" is longer than 15 bytes'


@pytest.mark.parametrize("ifname", [".", ".."])
def test_an_interface_is_no_directory(ifname):
    assert ifname_fault(ifname) == f'the interface name cannot be "{ifname}"'


WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


@pytest.mark.parametrize("char", ["/", ":", "%", "\x00", "\x1b", "\x1c", "\x1f", "\x7f", *WHITE_SPACE], ids=ascii)
@pytest.mark.parametrize("form", ["{}", "{}a", "a{}", "a{}b"])
def test_characters_that_no_interface_name_has(char, form):
    ifname = form.format(char)
    reason = "has a character that is not allowed (/ : % or white space)"
    assert ifname_fault(ifname) == f'the interface name "{ifname}" {reason}'


def test_an_empty_interface_name_is_refused():
    assert ifname_fault("") == "the interface name is empty"


@pytest.mark.parametrize("plugin_type", ["bridge", "host-local", "a.b", "...", "my plugin", "näme", "-x"])
def test_plugin_types_are_any_base_names_of_files(plugin_type):
    assert plugin_type_fault(plugin_type) is None


@pytest.mark.parametrize("plugin_type", ["../bridge", "/opt/cni/bin/bridge", "a/", "a\\b", "a\x00b", "/"])
def test_a_plugin_type_is_no_path(plugin_type):
    message = f'the plugin type "{plugin_type}" is a path; it must be the bare name of the executable'
    assert plugin_type_fault(plugin_type) == message


@pytest.mark.parametrize(
    ("plugin_type", "message"),
    [
        ("", "the plugin type is empty"),
        (".", 'the plugin type cannot be "."'),
        ("..", 'the plugin type cannot be ".."'),
    ],
)
def test_plugin_types_that_are_no_file(plugin_type, message):
    assert plugin_type_fault(plugin_type) == message


@settings(deadline=None, max_examples=100)
@given(st.text(st.characters(exclude_categories=[]), max_size=20))
def test_an_accepted_name_is_one_plain_part_of_a_path(text):
    if network_name_fault(text) is None:
        assert text.isascii()
        assert not set(text) & set("/\\\x00\n ;=")
        assert text not in ("", ".", "..")
    if ifname_fault(text) is None:
        assert 0 < len(text.encode(errors="replace")) <= 15
        assert "".join(text.split()) == text
        assert not set(text) & set("/:%\x00")
    if plugin_type_fault(text) is None:
        assert text not in ("", ".", "..")
        assert "/" not in text
