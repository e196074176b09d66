"""What plugins made of libcni's skeleton count on, and what they say."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cnictl import ChainFailed, PluginError
from tests.libcni.scene import C1, RESULT, SINGLE, keep

NEEDED = {
    "ADD": {"CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"},
    "CHECK": {"CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"},
    "DEL": {"CNI_COMMAND", "CNI_CONTAINERID", "CNI_IFNAME", "CNI_PATH"},
}


@pytest.mark.libcni(225)
@pytest.mark.parametrize("verb", ["ADD", "CHECK"])
def test_a_plugin_is_told_what_it_needs_and_arguments_need_not_be(cni, plugin, verb):
    keep(cni, RESULT)
    {"ADD": cni.add, "CHECK": cni.check}[verb](SINGLE.network(), C1)
    (run,) = plugin("a").runs
    assert {name for name, value in run.environment.items() if value} == NEEDED[verb]
    assert run.environment["CNI_ARGS"] == ""


@pytest.mark.libcni(236)
def test_at_del_the_namespace_need_not_be(cni, plugin):
    cni.delete(SINGLE.network(), replace(C1, netns=""))
    (run,) = plugin("a").runs
    assert {name for name, value in run.environment.items() if value} == NEEDED["DEL"]
    assert run.environment["CNI_NETNS"] == ""


@pytest.mark.libcni(243)
def test_a_code_of_the_plugins_own_is_handed_on(cni, plugin, command):
    plugin("a").on("ADD", error={"code": 1234, "msg": "insufficient excellence", "details": "try harder"})
    with pytest.raises(ChainFailed) as caught:
        cni.add(SINGLE.network(), C1)
    assert isinstance(caught.value.cause, PluginError)
    assert caught.value.cause.code == 1234
    said = {"cniVersion": "1.0.0", "code": 1234, "msg": "insufficient excellence", "details": "try harder"}
    assert command("add", SINGLE.document()).data == said


@pytest.mark.libcni(249)
def test_an_error_object_need_not_name_a_version(cni, plugin):
    plugin("a").on("ADD", error={"code": 999, "msg": "banana"})
    with pytest.raises(ChainFailed) as caught:
        cni.add(SINGLE.network(), C1)
    cause = caught.value.cause
    assert isinstance(cause, PluginError)
    assert (cause.exchange.status, json.loads(cause.exchange.stdout)) == (1, {"code": 999, "msg": "banana"})
    assert (cause.code, cause.msg) == (999, "banana")
