"""Symptoms: what programs say leads to the checks that explain it."""

from __future__ import annotations

import time

from cnictl.doctor.registry import Check, all_checks
from cnictl.doctor.symptoms import Matcher
from cnictl.report.finding import Severity


def check(code, *symptoms):
    return Check(code, code.lower(), Severity.ERROR, "runtime", "x", "y", lambda _: iter(()), "", symptoms=symptoms)


CHECKS = (
    check("CNI801", r"cni plugin not initialized"),
    check("CNI804", r'failed to find plugin "loopback"', "lo is down"),
)


def found(*lines, checks=CHECKS):
    matcher = Matcher(checks)
    matcher.read(lines)
    return [(symptom.code, symptom.line, symptom.times) for symptom in matcher.found()]


def test_lines_lead_to_checks_whatever_their_case():
    assert found("x", "  err: CNI plugin not initialized \n", "lo is down") == [
        ("CNI801", "err: CNI plugin not initialized", 1),
        ("CNI804", "lo is down", 1),
    ]


def test_the_most_frequent_comes_first_with_its_last_line():
    assert found("1 cni plugin not initialized", "1 lo is down", "2 lo is down") == [
        ("CNI804", "2 lo is down", 2),
        ("CNI801", "1 cni plugin not initialized", 1),
    ]


def test_a_line_may_lead_to_several_checks_and_none_may_be_known():
    assert [code for code, *_ in found("cni plugin not initialized: lo is down")] == ["CNI801", "CNI804"]
    assert found("all is well", "") == []
    assert found("anything", checks=(check("CNI801"),)) == []


def test_a_line_without_end_is_looked_at_in_its_beginning():
    assert found("x" * 10_000 + "lo is down") == []


def test_every_symptom_is_an_expression_and_none_matches_every_line():
    innocent = ["", "Started Session 4 of User root.", "INFO all pods are running", "error", "network", "failed"]
    for each in all_checks():
        assert found(*innocent, checks=(each,)) == [], each.code


def test_a_long_log_is_read_in_a_moment():
    lines = [f"Nov 29 12:00:00 node-1 kubelet[812]: I1129 pod {number} is running" for number in range(20_000)]
    matcher = Matcher(all_checks())
    began = time.process_time()
    matcher.read(lines)
    assert time.process_time() - began < 5
    assert matcher.found() == ()
