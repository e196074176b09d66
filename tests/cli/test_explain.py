"""``cnictl explain`` and ``cnictl rules``."""

from __future__ import annotations

import pytest

from cnictl.cli.catalogue import all_explanations

ALL = all_explanations()


@pytest.mark.parametrize("explanation", ALL, ids=lambda explanation: explanation.code)
def test_every_code_is_explained(cnictl, explanation):
    ended = cnictl("explain", explanation.code)
    assert ended.status == 0
    assert ended.out.startswith(f"{explanation.code} {explanation.name} ({explanation.severity})\n")
    for heading in ("Why it matters", "Bad", "Good", "What to do", "Silence it", "Source"):
        assert f"\n\n{heading}" in ended.out


def test_a_code_may_be_given_in_any_case_and_by_name(cnictl):
    assert cnictl("explain", "cni305") == cnictl("explain", "CNI305") == cnictl("explain", "portmap-without-capability")


def test_as_json(cnictl):
    data = cnictl("explain", "CNI305", "-f", "json").data
    assert data["schema"] == "cnictl.explanation/1"
    assert (data["code"], data["severity"]) == ("CNI305", "error")
    assert data["good"]["file"] == "10-net.conflist"
    assert '"portMappings": true' in data["good"]["text"]


def test_rules_lists_every_code(cnictl):
    lines = cnictl("rules").out.splitlines()
    assert [line.split()[0] for line in lines] == [explanation.code for explanation in ALL]
    assert [code["code"] for code in cnictl("rules", "-f", "json").data["codes"]] == [code.code for code in ALL]


def test_rules_can_be_chosen(cnictl):
    assert {line[:4] for line in cnictl("rules", "--select", "CNI5").out.splitlines()} == {"CNI5"}
    assert "CNI305" not in cnictl("rules", "--ignore", "CNI305").out
