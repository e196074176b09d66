from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnictl.invoke.invocation import CNI_VARIABLES, Invocation, plugin_environment, version_invocation
from cnictl.model.attachment import Attachment
from tests.support.plugins import exchange

ATTACHMENT = Attachment("c1", "/run/netns/c1", "eth0", args=(("IgnoreUnknown", "1"), ("K8S_POD_NAME", "web-0")))


def test_the_environment_of_an_attachment_is_the_six_variables_over_what_is_inherited():
    inherited = {"PATH": "/bin", "CNI_ARGS": "leaked", "CNI_NETNS_OVERRIDE": "1"}
    assert plugin_environment("ADD", [Path("/a"), Path("/b")], ATTACHMENT, inherited) == {
        "PATH": "/bin",
        "CNI_NETNS_OVERRIDE": "1",
        "CNI_COMMAND": "ADD",
        "CNI_CONTAINERID": "c1",
        "CNI_NETNS": "/run/netns/c1",
        "CNI_IFNAME": "eth0",
        "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAME=web-0",
        "CNI_PATH": "/a:/b",
    }
    assert inherited["CNI_ARGS"] == "leaked"


def test_variables_without_a_value_are_set_and_empty_so_that_none_leaks_in():
    environment = plugin_environment("DEL", [], Attachment("c1", ""), {"CNI_NETNS": "leaked", "CNI_ARGS": "leaked"})
    assert (environment["CNI_NETNS"], environment["CNI_ARGS"], environment["CNI_PATH"]) == ("", "", "")


def test_the_variables_of_a_container_are_empty_for_verbs_that_are_about_the_network():
    environment = plugin_environment("GC", [Path("/a")], None, {"CNI_CONTAINERID": "leaked"})
    told = {name for name, value in environment.items() if value}
    assert (set(environment), told) == (set(CNI_VARIABLES), {"CNI_COMMAND", "CNI_PATH"})


@pytest.mark.libcni(138)
def test_the_environment_of_this_process_is_inherited_when_none_is_given(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "proxy")
    assert plugin_environment("ADD", [], ATTACHMENT)["HTTPS_PROXY"] == "proxy"


@pytest.mark.libcni(147, 150)
def test_version_asks_with_dummy_values_for_old_plugins_and_hands_on_nothing_but_the_path(monkeypatch):
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setenv("CNI_ARGS", "leaked")
    asked = version_invocation("bridge", Path("/opt/cni/bin/bridge"))
    assert (asked.plugin, asked.path, asked.verb) == ("bridge", Path("/opt/cni/bin/bridge"), "VERSION")
    assert asked.environment == {
        "PATH": "/bin",
        "CNI_COMMAND": "VERSION",
        "CNI_CONTAINERID": "",
        "CNI_NETNS": "dummy",
        "CNI_IFNAME": "dummy",
        "CNI_ARGS": "",
        "CNI_PATH": "dummy",
    }
    assert json.loads(asked.stdin) == {"cniVersion": "1.1.0"}


def test_the_protocols_variables_can_be_told_from_the_rest_of_the_environment():
    environment = plugin_environment("ADD", [], ATTACHMENT, {"PATH": "/bin"})
    asked = Invocation("bridge", Path("/opt/cni/bin/bridge"), "ADD", environment, b"")
    assert list(asked.cni_environment) == list(CNI_VARIABLES)
    assert asked.cni_environment["CNI_CONTAINERID"] == "c1"


@pytest.mark.parametrize(
    ("outcome", "ok"),
    [
        ({"status": 0}, True),
        ({"status": 1}, False),
        ({"status": None, "signal": 9}, False),
        ({"status": 0, "timed_out": True}, False),
    ],
)
def test_only_status_0_within_the_time_is_success(outcome, ok):
    assert exchange(**outcome).ok is ok
