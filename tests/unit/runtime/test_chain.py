from __future__ import annotations

from typing import Any

import pytest

from cnictl.model.attachment import Attachment
from cnictl.model.network import NetworkConfigList
from cnictl.runtime.chain import capability_args, compact_json, plugin_stdin, unclaimed_capabilities

PORTS = [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]
PLAIN = Attachment("c1", "/run/netns/c1")


def network(plugin: str, version: str = "1.0.0") -> NetworkConfigList:
    text = f'{{"cniVersion":"{version}","name":"net","disableCheck":true,"plugins":[{plugin}]}}'
    return NetworkConfigList.from_bytes(text.encode())


def stdin(plugin: str, attachment: Attachment = PLAIN, prev_result: dict[str, Any] | None = None) -> str:
    net = network(plugin)
    return plugin_stdin(net, net.plugins[0], attachment, prev_result).decode()


def test_a_plugin_reads_its_own_object_with_the_lists_name_and_version():
    assert stdin('{"type":"bridge"}') == '{"cniVersion":"1.0.0","name":"net","type":"bridge"}'


def test_the_lists_name_and_version_win_over_the_plugins_own():
    text = stdin('{"type":"bridge","name":"mine","cniVersion":"0.3.1"}')
    assert text == '{"cniVersion":"1.0.0","name":"net","type":"bridge"}'


def test_unknown_keys_survive_at_every_depth_and_keys_are_sorted():
    text = stdin('{"zeta":{"b":[{"d":1,"c":null}],"a":""},"type":"bridge","Alpha":false}')
    assert text == (
        '{"Alpha":false,"cniVersion":"1.0.0","name":"net","type":"bridge","zeta":{"a":"","b":[{"c":null,"d":1}]}}'
    )


@pytest.mark.parametrize(
    "number",
    ["0", "-1", "12345678901234567890", "9007199254740993", "-9223372036854775809", "1450.0", "0.1", "1e+20"],
)
def test_numbers_are_what_they_were(number):
    assert stdin(f'{{"type":"bridge","x":{number}}}') == (
        f'{{"cniVersion":"1.0.0","name":"net","type":"bridge","x":{number}}}'
    )


def test_capabilities_are_the_runtimes_business_and_are_left_out():
    text = stdin('{"type":"portmap","capabilities":{"portMappings":true}}')
    assert text == '{"cniVersion":"1.0.0","name":"net","type":"portmap"}'


def test_a_plugin_gets_the_capability_arguments_that_it_declares():
    attachment = Attachment("c1", "", capability_args={"portMappings": PORTS, "mac": "0a:58:0a:09:00:07", "ips": None})
    text = stdin(
        '{"type":"portmap","capabilities":{"portMappings":true,"mac":false,"ips":true,"bandwidth":true}}', attachment
    )
    assert text == (
        '{"cniVersion":"1.0.0","name":"net","runtimeConfig":{"ips":null,"portMappings":'
        '[{"containerPort":80,"hostPort":8080,"protocol":"tcp"}]},"type":"portmap"}'
    )


def test_go_spelled_keys_inside_a_capability_argument_are_handed_on_as_they_are():
    attachment = Attachment("c1", "", capability_args={"portMappings": [{"HostPort": 8080, "HostIP": ""}]})
    text = stdin('{"type":"portmap","capabilities":{"portMappings":true}}', attachment)
    assert '"runtimeConfig":{"portMappings":[{"HostIP":"","HostPort":8080}]}' in text


def test_a_written_runtime_config_stays_without_arguments_and_is_replaced_by_them():
    plugin = '{"type":"p","runtimeConfig":{"mac":"a"},"capabilities":{"ips":true}}'
    assert '"runtimeConfig":{"mac":"a"}' in stdin(plugin)
    assert '"runtimeConfig":{"ips":[]}' in stdin(plugin, Attachment("c1", "", capability_args={"ips": []}))


def test_the_previous_result_is_put_in_also_when_it_is_empty():
    assert stdin('{"type":"p"}', prev_result={}) == '{"cniVersion":"1.0.0","name":"net","prevResult":{},"type":"p"}'


def test_a_written_previous_result_stays_until_there_is_a_real_one():
    plugin = '{"type":"p","prevResult":{"cniVersion":"0.4.0"}}'
    assert '"prevResult":{"cniVersion":"0.4.0"}' in stdin(plugin)
    assert '"prevResult":{"cniVersion":"1.0.0"}' in stdin(plugin, prev_result={"cniVersion": "1.0.0"})


def test_the_config_itself_is_not_changed():
    net = network('{"type":"p","capabilities":{"ips":true}}')
    plugin_stdin(net, net.plugins[0], Attachment("c1", "", capability_args={"ips": []}), {})
    assert net.plugins[0].data == {"type": "p", "capabilities": {"ips": True}}


def test_capability_arguments_are_those_of_the_plugin():
    net = network('{"type":"a","capabilities":{"ips":true}},{"type":"b"}')
    attachment = Attachment("c1", "", capability_args={"ips": ["10.1.0.5"], "mac": "x"})
    assert [capability_args(plugin, attachment) for plugin in net.plugins] == [{"ips": ["10.1.0.5"]}, {}]


def test_capabilities_that_no_plugin_declares_are_named():
    net = network('{"type":"a","capabilities":{"ips":true,"mac":false}},{"type":"b","capabilities":{"dns":true}}')
    attachment = Attachment("c1", "", capability_args={"mac": "x", "ips": [], "dns": {}, "aliases": []})
    assert unclaimed_capabilities(net, attachment) == ["mac", "aliases"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"b": 1, "a": [1, {}]}, '{"a":[1,{}],"b":1}'),
        ("<a href='x'>&", r'''"\u003ca href='x'\u003e\u0026"'''),
        ("\u2028\u2029", r'"\u2028\u2029"'),
        ("\N{GREEK SMALL LETTER MU}m \N{SNOWMAN}", '"\N{GREEK SMALL LETTER MU}m \N{SNOWMAN}"'),
        ('"\\\n\t\x01', r'"\"\\\n\t\u0001"'),
        ({"\N{SNOWMAN}": 1, "z": 2, "Z": 3}, '{"Z":3,"z":2,"\N{SNOWMAN}":1}'),
    ],
    ids=["compact", "html", "separators", "unicode", "control", "order"],
)
def test_json_is_written_as_gos_encoder_does(data, text):
    assert compact_json(data).decode() == text


def test_a_lone_surrogate_does_not_keep_json_from_being_written():
    assert compact_json("a\ud800b") == b'"a?b"'
