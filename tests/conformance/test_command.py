"""``cnictl conformance``: what it refuses, what it ends with, its formats, and that nothing of the host is touched."""

from __future__ import annotations

import json
import subprocess
from xml.etree import ElementTree as ET

import pytest

from cnictl.cli.entry import run
from tests.golden.test_golden import require_documented
from tests.support.node import plugin_dir
from tests.support.throwaway import as_user, run_in_throwaway_node


def told(capsys, *arguments):
    """What it says when it tests nothing: its exit status, stdout and stderr."""
    status = run(["conformance", *map(str, arguments)])
    return status, *capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "no plugin is named"),
        (["no-such-plugin"], 'plugin "no-such-plugin" is not in'),
        (["./no-such-plugin"], 'plugin "no-such-plugin" is not in'),
        (["PLUGIN", "--spec-version", "1.0"], "there is no CNI spec 1.0"),
        (["PLUGIN", "--select", "CNI001"], "there is no case CNI001"),
        (["PLUGIN", "--timeout", "0"], "--timeout is 0, and it must be more than 0"),
        (["PLUGIN"], "no config can be made for mine: its keys are not known"),
        (["PLUGIN", "--config", "CONFIG"], "the config does not name the plugin mine"),
    ],
)
def test_what_cannot_be_tested_is_refused_with_a_way_out(capsys, tmp_path, arguments, says):
    (tmp_path / "mine").write_text("#!/bin/sh")
    (tmp_path / "mine").chmod(0o755)
    (tmp_path / "net.conf").write_text('{"cniVersion": "1.0.0", "name": "pods", "type": "other"}')
    names = {"PLUGIN": tmp_path / "mine", "CONFIG": tmp_path / "net.conf"}
    status, out, err = told(capsys, *(names.get(word, word) for word in arguments))
    assert (status, out) == (2, "")
    assert says in err
    assert "hint: " in err or "--timeout" in says or "CNI spec" in says


def test_what_cannot_work_in_a_throwaway_node_is_not_tested(capsys, tmp_path):
    (tmp_path / "dhcp").write_text("#!/bin/sh")
    (tmp_path / "dhcp").chmod(0o755)
    status, out, err = told(capsys, "dhcp", "--bin-dir", tmp_path)
    assert (status, out) == (2, "")
    assert "dhcp cannot be tested here: dhcp asks a DHCP server" in err


def test_a_list_of_all_cases(capsys):
    status, out, _ = told(capsys, "--list", "--select", "spec-del-again")
    assert status == 0
    assert out == 'CNI964  spec-del-again: DEL again\n        CNI spec 1.1.0, section 2, "DEL"\n'


def conformance(*arguments, user=False):
    return run_in_throwaway_node("conformance", *arguments, "--bin-dir", plugin_dir(), user=user)


@pytest.mark.netns
@pytest.mark.parametrize("user", [False, True], ids=["root", "ordinary user"])
def test_nothing_of_the_host_is_changed(user):
    if user and not as_user():
        pytest.skip("no ordinary user may run a Python of this version")
    commands = (["ip", "-br", "link"], ["ip", "route"], ["ip", "netns"], ["iptables", "-t", "nat", "-S"])
    seen = [subprocess.run(command, capture_output=True, text=True, check=False).stdout for command in commands]
    ended = conformance("bridge", "--select", "CNI940,CNI963", "-f", "json", user=user)
    assert [case["status"] for case in ended.data["cases"]] == ["ok", "ok"]
    assert ended.status == 0
    assert seen == [subprocess.run(command, capture_output=True, text=True, check=False).stdout for command in commands]


@pytest.mark.netns
def test_json_is_as_its_schema_says():
    ended = conformance("loopback", "--select", "CNI930,CNI939,CNI970", "--spec-version", "1.0.0", "-f", "json")
    require_documented("conformance", ended.data)
    assert ended.data["conforms"] is False
    assert ended.data["supportedVersions"]
    evidence = next(case for case in ended.data["cases"] if case["code"] == "CNI970")["findings"][0]["evidence"]
    assert evidence["environment"]["CNI_COMMAND"] == "ADD"
    assert json.loads(evidence["stdin"])["cniVersion"] == "0.1.0"


@pytest.mark.netns
def test_warnings_count_with_strict():
    arguments = ("loopback", "--select", "CNI939", "-f", "json")
    assert conformance(*arguments).status == 0
    assert conformance(*arguments, "--strict").status == 1


@pytest.mark.netns
def test_versions_and_formats_for_pipelines():
    versions = ("--spec-version", "0.4.0", "--spec-version", "1.0.0")
    ended = conformance("loopback", "--select", "CNI930,CNI957", *versions, "-f", "junit")
    suites = ET.fromstring(ended.out).findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["loopback 0.4.0", "loopback 1.0.0"]
    assert [case.get("classname") for case in suites[0]] == ["cnictl.conformance.loopback"] * 2
    github = conformance("loopback", "--select", "CNI957", "-f", "github").out
    assert github.startswith("::warning file=")
    assert "title=CNI957 spec-check-address-gone::" in github


@pytest.mark.netns
def test_a_version_that_the_plugin_does_not_speak_is_no_verdict(tmp_path):
    (tmp_path / "mine").write_text("""#!/bin/sh
echo '{"cniVersion": "0.4.0", "supportedVersions": ["0.4.0"]}'
""")
    (tmp_path / "mine").chmod(0o755)
    (tmp_path / "net.conf").write_text('{"cniVersion": "0.4.0", "name": "pods", "type": "mine"}')
    ended = conformance(tmp_path / "mine", "--config", tmp_path / "net.conf", "--spec-version", "1.0.0")
    assert ended.status == 2
    assert "mine does not speak version 1.0.0: it speaks 0.4.0" in ended.err


@pytest.mark.netns
def test_cases_that_are_all_skipped_are_no_verdict():
    ended = conformance("loopback", "--select", "CNI942")
    assert ended.status == 2
    assert "skip  CNI942" in ended.out
