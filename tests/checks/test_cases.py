"""Every check says of each node in its folder what it is expected to say, at this very place."""

from __future__ import annotations

import json
import re

import pytest

from cnictl.doctor.engine import examine
from cnictl.doctor.registry import all_checks
from cnictl.report.finding import Status
from cnictl.text.parser import parse
from cnictl.text.source import Source
from cnictl.validate.engine import judge
from tests.checks.cases import (
    ANSWERS,
    EXPECTED,
    MADE,
    MORE_ANSWERS,
    ROOT,
    cases,
    expected,
    folders,
    node_of,
    result_of,
    row,
)

CODES = [check.code for check in all_checks()]


def test_every_check_has_a_folder_and_every_folder_a_check():
    assert [folder.name for folder in folders()] == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_folder_has_sick_nodes_and_healthy_ones(code):
    outcomes = [expected(case) for case in cases() if case.startswith(code)]
    assert [outcome for outcome in outcomes if outcome["findings"]]
    assert [outcome for outcome in outcomes if outcome["status"] == "ok" and not outcome["findings"]]


@pytest.mark.parametrize("case", cases())
def test_a_case_is_complete(case):
    names = {path.name for path in (ROOT / case).iterdir()}
    assert {"root", EXPECTED} <= names <= {"root", EXPECTED, ANSWERS, MORE_ANSWERS}
    assert expected(case).keys() == {"status", "summary", "findings"}


_COMMAND = re.compile(
    r"\b(?:systemctl|ip6?tables(?:-nft|-legacy)?|nft|sysctl -w|modprobe|firewall-cmd|ufw|ip link|ip netns|crictl|cnictl"
    r"|kubectl (?:get|-n)|rm|mv|cp|ln -s|mkdir|chmod|chown|mount|echo|printf|sed) (?=[-/$a-z'{])"
)


@pytest.mark.parametrize("case", cases())
def test_commands_stand_in_backticks_where_no_terminal_folds_them(case):
    for finding in expected(case)["findings"]:
        said, *rest = finding["fix"].split("`")
        assert len(rest) % 2 == 0
        assert not _COMMAND.search(" ".join([said, *rest[1::2]])), finding["fix"]


def test_what_is_made_is_made_for_a_case():
    assert MADE.keys() <= set(cases())


@pytest.mark.parametrize("case", cases())
def test_case(case, tmp_path):
    result = result_of(case, tmp_path / "node")
    found = [row(finding, tmp_path / "node") for finding in result.findings]
    assert {"status": result.status.value, "summary": result.summary, "findings": found} == expected(case)


@pytest.mark.parametrize("case", cases())
def test_no_check_breaks_on_the_nodes_of_the_others(case, tmp_path):
    for result in examine(node_of(case, tmp_path / "node"), all_checks()).checks:
        assert result.status is not Status.ERROR, result
        assert result.summary
        for finding in result.findings:
            assert finding.message
            assert "None" not in finding.message, finding
            assert not finding.message.endswith("."), finding
            assert finding.location.file.startswith("/"), finding
            assert finding.fix is not None, finding
            assert finding.fix.description
            assert not finding.fix.description.endswith("."), finding
            assert finding.why
            assert finding.reference
            assert json.loads(json.dumps(dict(finding.evidence))) == finding.evidence


@pytest.mark.parametrize("check", all_checks(), ids=CODES)
def test_a_check_explains_itself(check):
    explanation = check.explanation
    assert (explanation.code, explanation.name, explanation.severity) == (check.code, check.name, check.severity)
    assert explanation.why
    assert explanation.fix
    assert explanation.bad != explanation.good
    for words in (check.reads, check.well, check.category):
        assert words
        assert not words.endswith(".")


@pytest.mark.parametrize("check", all_checks(), ids=CODES)
def test_examples_that_are_configs_are_json_and_the_good_one_is_accepted(check):
    explanation = check.explanation
    for name, text in ((explanation.bad_file, explanation.bad), (explanation.good_file, explanation.good)):
        if name.endswith((".conflist", ".conf", ".json")):
            assert parse(Source(name, text.encode())).problems == []
    if explanation.good_file.endswith((".conflist", ".conf", ".json")):
        assert judge(Source(explanation.good_file, explanation.good.encode())).findings == ()
