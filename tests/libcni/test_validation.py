"""Whether the plugins of a network are there and speak its version.

libcni has a function for this, which also names the capabilities. Here a config that was loaded has its capabilities,
``cnictl validate`` asks the plugins, and ADD does so too before the first one runs.
"""

from __future__ import annotations

import json

import pytest

from cnictl import NetworkConfigList
from cnictl.cli import validation
from tests.libcni.scene import BOTH, CHAIN, SINGLE
from tests.support.command import run_here


@pytest.fixture
def findings(cni, tmp_path, capsys):
    """Validates a config; the errors, and what there is to say about its plugins, each with its place."""

    def call(config) -> list[tuple[str, str, str]]:
        path = tmp_path / ("net.conflist" if "plugins" in config else "net.conf")
        path.write_text(json.dumps(config))
        ended = run_here(capsys, "validate", "-f", "json", "--bin-dir", *cni.bin_dirs, path)
        assert ended.status in (0, 1), ended.err
        found = [each for each in ended.data["files"][0]["findings"] if _concerns(each)]
        return [(each["code"], each["location"]["pointer"], each["message"]) for each in found]

    return call


def _concerns(finding):
    return finding["severity"] == "error" or finding["code"].startswith("CNI7")


@pytest.mark.libcni(3)
def test_the_capabilities_of_a_plugin_are_those_that_are_on():
    (plugin,) = SINGLE.network(capabilities={"portMappings": True, "noop": True, "ips": False}).plugins
    assert plugin.capabilities == {"portMappings", "noop"}


@pytest.mark.libcni(65)
def test_the_capabilities_of_a_list_are_those_of_all_its_plugins(findings):
    plugins = [
        {"type": "a", "capabilities": {"portMappings": True, "mac": False}},
        {"type": "b", "capabilities": {"portMappings": True, "otherCapability": True}},
        {"type": "c"},
    ]
    config = CHAIN.document(plugins=plugins)
    network = NetworkConfigList.from_dict(config)
    assert set().union(*(plugin.capabilities for plugin in network.plugins)) == {"portMappings", "otherCapability"}
    assert findings(config) == []


@pytest.mark.libcni(31)
def test_nothing_is_wrong_with_a_plugin_that_is_there_and_speaks_the_version(findings):
    assert findings(SINGLE.document()) == []


@pytest.mark.libcni(32, 66)
@pytest.mark.parametrize(("shape", "place"), [(SINGLE, "/type"), (CHAIN, "/plugins/0/type")], ids=["single", "list"])
def test_a_plugin_without_executable_is_one_finding(findings, plugin, bin_dir, shape, place):
    plugin("a").path.unlink()
    assert findings(shape.document()) == [("CNI701", place, f'plugin "a" is not in {bin_dir}')]


@BOTH
@pytest.mark.libcni(33, 67)
def test_the_version_broken_is_one_finding(findings, shape):
    # libcni asks every plugin and has an error for each.
    message = '"broken" is not a spec version, which has three numbers: 1.0.0'
    assert [finding[1:] for finding in findings(shape.document("broken"))] == [("/cniVersion", message)]


@pytest.mark.libcni(34)
def test_without_a_version_0_1_0_counts(findings, plugin):
    plugin("a").speaks("0.1.0", "0.2.0")
    assert findings(SINGLE.document(None)) == []
    plugin("a").speaks("1.0.0")
    assert findings(SINGLE.document(None)) == [
        ("CNI702", "/type", "the installed a does not speak spec 0.1.0; it speaks 1.0.0")
    ]


@pytest.mark.libcni(77, 81)
@pytest.mark.parametrize(("shape", "place"), [(SINGLE, "/type"), (CHAIN, "/plugins/0/type")], ids=["single", "list"])
def test_a_plugin_that_sleeps_gives_no_answer(findings, plugin, monkeypatch, shape, place):
    monkeypatch.setattr(validation, "_PATIENCE", 0.3)
    plugin("a").on("VERSION", delay=60)
    ((code, pointer, message), *_) = findings(shape.document())
    assert (code, pointer) == ("CNI703", place)
    assert message.endswith(": did not end within 0.3 s and was stopped")
