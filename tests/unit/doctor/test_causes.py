"""Causes: what is wrong by itself comes first, and what follows from it is tied to it."""

from __future__ import annotations

import pytest

from cnictl.doctor.causes import find_causes
from cnictl.doctor.registry import Check
from cnictl.report.finding import Finding, Fix, Location, Severity, Status
from cnictl.report.report import CheckResult


def check(code, category, leads_to=(), follows=()):
    return Check(code, code.lower(), Severity.ERROR, category, "x", "y", lambda _: iter(()), "", leads_to, follows)


def result(code, status=Status.FAIL, *, fix=True, severity=Severity.ERROR):
    finding = Finding(
        code, "name", severity, f"{code} is wrong", Location("/x"), fix=Fix(f"mend {code}") if fix else None
    )
    return CheckResult(code, "name", "category", status, "summary", (finding,) if status is not Status.OK else ())


RUNTIME = check("CNI812", "runtime", leads_to=("not-ready", "add-fails"))
CONFIG = check("CNI802", "config files", leads_to=("not-ready",))
READY = check("CNI813", "runtime", follows=("not-ready",))
PLUGIN = check("CNI803", "plugins", leads_to=("add-fails",), follows=("wrong-network",))
LEASES = check("CNI880", "addresses", leads_to=("no-address",))
KERNEL = check("CNI810", "kernel", leads_to=("unreachable",))
ALL = (CONFIG, PLUGIN, KERNEL, RUNTIME, READY, LEASES)


def causes(*results):
    return [(cause.code, cause.explains) for cause in find_causes(ALL, results)]


def test_nothing_is_the_cause_of_nothing():
    assert causes(result("CNI802", Status.OK), result("CNI813", Status.SKIP)) == []


def test_a_sign_stands_for_itself_when_nobody_explains_it():
    assert causes(result("CNI813")) == [("CNI813", ())]


def test_a_sign_is_explained_by_all_that_bring_it_about():
    assert causes(result("CNI802"), result("CNI812"), result("CNI813")) == [
        ("CNI812", ("CNI813",)),
        ("CNI802", ("CNI813",)),
    ]


def test_of_one_category_what_explains_most_comes_first():
    lost = check("CNI800", "config files", leads_to=("del-fails",))
    found = find_causes([lost, CONFIG, READY], [result("CNI800"), result("CNI802"), result("CNI813")])
    assert [(cause.code, cause.explains) for cause in found] == [("CNI802", ("CNI813",)), ("CNI800", ())]


def test_the_order_is_that_of_the_categories():
    assert causes(result("CNI810"), result("CNI880"), result("CNI803")) == [
        ("CNI803", ()),
        ("CNI880", ()),
        ("CNI810", ()),
    ]


def test_a_failure_comes_before_a_warning_and_is_not_explained_by_one():
    warning = Status.WARN
    assert causes(result("CNI802", warning), result("CNI813")) == [("CNI813", ()), ("CNI802", ())]
    assert causes(result("CNI802", warning), result("CNI813", warning)) == [("CNI802", ("CNI813",))]
    assert causes(result("CNI802"), result("CNI813", warning)) == [("CNI802", ("CNI813",))]


def test_two_that_explain_each_other_both_stand_for_themselves():
    one = check("CNI820", "runtime", leads_to=("leak",), follows=("del-fails",))
    two = check("CNI821", "leftovers", leads_to=("del-fails",), follows=("leak",))
    found = find_causes([one, two], [result("CNI820"), result("CNI821")])
    assert [(cause.code, cause.explains) for cause in found] == [("CNI820", ()), ("CNI821", ())]


def test_a_cause_is_worded_as_its_worst_finding_and_says_what_to_do():
    mild = Finding("CNI305", "n", Severity.WARNING, "mild", Location("/x"), fix=Fix("wait"))
    bad = Finding("CNI306", "n", Severity.ERROR, "bad", Location("/x"), fix=Fix("act"))
    [cause] = find_causes(ALL, [CheckResult("CNI802", "n", "c", Status.FAIL, "s", (mild, bad))])
    assert (cause.code, cause.message, cause.command) == ("CNI802", "bad", "act")


@pytest.mark.parametrize("code", ["CNI802", "CNI812"])
def test_what_has_no_fix_is_explained(code):
    [cause] = find_causes(ALL, [result(code, fix=False)])
    assert cause.command == f"`cnictl explain {code}`"
