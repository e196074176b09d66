"""Configs judged by other spec versions than the one that they declare."""

from __future__ import annotations

import pytest

from cnictl.model.version import SpecVersion
from cnictl.text.source import Source
from cnictl.validate.engine import How, judge

V = SpecVersion


def found(text: str, *versions: SpecVersion) -> dict[str, object]:
    report = judge(Source("n.conflist", text.encode()), How(versions))
    return {finding.code: finding.evidence.get("specVersions") for finding in report.findings}


def listed(version: str, plugins: str = '[{"type": "bridge", "isGateway": true}, {"type": "firewall"}]') -> str:
    return f'{{"cniVersion": {version}, "name": "pods", "plugins": {plugins}}}'


def test_the_declared_version_does_not_count():
    assert "CNI206" in found(listed('"0.2.0"'))
    assert "CNI206" not in found(listed('"0.2.0"'), V.V1_0_0)
    assert "CNI206" in found(listed('"1.0.0"'), V.V0_2_0)


@pytest.mark.parametrize("declared", ['"9.9.9"', '"v1"', '""', "null"])
def test_what_is_wrong_with_the_declared_version_is_not_told(declared):
    assert not {code for code in found(listed(declared), V.V1_0_0) if code.startswith("CNI20")}


def test_what_only_some_versions_have_says_which():
    text = listed('"1.0.0"').replace('"isGateway": true', '"isGateway": true, "mtu": "1"')
    codes = found(text, V.V0_2_0, V.V1_0_0, V.V1_1_0)
    assert codes["CNI206"] == ["0.2.0"]
    assert codes["CNI402"] is None


def test_the_facts_name_the_versions():
    report = judge(Source("n.conflist", listed('"0.4.0"').encode()), How((V.V1_0_0, V.V1_1_0)))
    assert (report.facts["cniVersion"], report.facts["judgedAs"]) == ("0.4.0", ["1.0.0", "1.1.0"])
    assert "judgedAs" not in judge(Source("n.conflist", b"{}")).facts


@pytest.mark.parametrize("text", ["", "{", "[]", "5", '{"plugins": [5]}', '{"cniVersion": {"a": 1}, "type": "bridge"}'])
def test_whatever_a_file_holds(text):
    assert found(text, *SpecVersion)


def test_no_fix_changes_a_version_that_was_not_judged_by():
    report = judge(Source("n.conflist", listed('"1.0.0"').encode()), How((V.V0_2_0,)))
    assert not any(finding.fix and finding.fix.automatic for finding in report.findings)
