"""The engine: checks one after the other, and none can keep the others from being heard."""

from __future__ import annotations

import threading
import time

import pytest

from cnictl.doctor.engine import examine
from cnictl.doctor.node import Node
from cnictl.doctor.registry import Check, CheckFunction, Hit, Skip
from cnictl.report.finding import Applicable, Fix, Location, Severity, Status
from tests.support.nodes import NodeTree

DOCSTRING = """Something is wrong.

    Why:
        Things go wrong.
    Bad:
        1
    Good:
        2
    Fix:
        Mend it.
    Reference:
        A book, section 3
    """


def check(number: int, run: CheckFunction, severity: Severity = Severity.ERROR) -> Check:
    return Check(f"CNI89{number}", f"check-{number}", severity, "tests", "nothing", "all is well", run, DOCSTRING)


def hit(message: str, severity: Severity | None = None) -> Hit:
    return Hit(Location("/etc/x", 2, 3), message, Fix("mend it", Applicable.SAFE), {"seen": 1}, severity)


def well(_node):
    yield from ()


def ill(_node):
    yield hit("it is ill")


def broken(_node):
    yield hit("never heard")
    message = "an hour has 60 minutes"
    raise ZeroDivisionError(message)


def skipped(_node):
    yield from ()
    message = "nobody can know"
    raise Skip(message)


@pytest.fixture
def node(tmp_path):
    return Node(NodeTree(tmp_path))


@pytest.fixture
def never():
    """What a check waits for that never comes; it comes when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def outcome(node: Node, *checks: Check, timeout: float = 10.0) -> list[tuple[str, Status, str]]:
    return [(result.code, result.status, result.summary) for result in examine(node, checks, timeout).checks]


def test_checks_are_made_in_the_order_given(node):
    order = []

    def noting(number: int) -> Check:
        def run(_node):
            order.append(number)
            yield from ()

        return check(number, run)

    results = examine(node, [noting(3), noting(1), noting(2)]).checks
    assert order == [3, 1, 2]
    assert [result.code for result in results] == ["CNI893", "CNI891", "CNI892"]


def test_a_check_that_breaks_is_named_and_the_others_are_unaffected(node):
    assert outcome(node, check(1, well), check(2, broken), check(3, ill)) == [
        ("CNI891", Status.OK, "all is well"),
        ("CNI892", Status.ERROR, "the check broke: ZeroDivisionError: an hour has 60 minutes"),
        ("CNI893", Status.FAIL, "it is ill"),
    ]
    assert examine(node, [check(2, broken)]).findings() == []


def test_a_check_that_skips_says_why(node):
    assert outcome(node, check(1, skipped)) == [("CNI891", Status.SKIP, "nobody can know")]


@pytest.mark.alone
def test_a_check_that_hangs_is_named_and_the_others_are_still_made(node, never):
    def hangs(_node):
        never.wait()
        yield from ()

    def slow(_node):
        time.sleep(0.05)
        yield hit("it is ill")

    began = time.monotonic()
    results = outcome(node, check(1, well), check(2, hangs), check(3, slow), check(4, well), timeout=1.0)
    assert time.monotonic() - began < 2
    assert results == [
        ("CNI891", Status.OK, "all is well"),
        ("CNI892", Status.ERROR, "it did not end in time; something that it asked does not answer"),
        ("CNI893", Status.FAIL, "it is ill"),
        ("CNI894", Status.OK, "all is well"),
    ]


@pytest.mark.alone
def test_checks_that_all_hang_take_no_longer_than_they_may(node, never):
    def hangs(_node):
        never.wait()
        yield from ()

    began = time.monotonic()
    results = outcome(node, *(check(number, hangs) for number in range(1, 6)), timeout=0.2)
    assert time.monotonic() - began < 1
    assert [status for _, status, _ in results] == [Status.ERROR] * 5


@pytest.mark.alone
def test_a_fact_that_many_checks_wait_for_keeps_none_of_the_others_from_being_made(node, never):
    def hangs(_node):
        never.wait()
        yield from ()

    checks = [check(1, hangs if number % 3 else ill) for number in range(90)]
    began = time.monotonic()
    results = examine(node, checks, timeout=2.0).checks
    assert time.monotonic() - began < 3
    assert [result.status for result in results] == [
        Status.ERROR if number % 3 else Status.FAIL for number in range(90)
    ]


def test_a_check_that_takes_longer_than_its_share_is_heard_all_the_same(node):
    def slow(_node):
        time.sleep(0.5)
        yield hit("it is ill")

    results = outcome(node, check(1, slow), *(check(number, well) for number in range(2, 9)), timeout=0.9)
    assert [status for _, status, _ in results] == [Status.FAIL] + [Status.OK] * 7


def test_the_last_check_may_take_all_that_is_left(node):
    def slow(_node):
        time.sleep(0.6)
        yield from ()

    assert outcome(node, check(1, slow), timeout=1.0) == [("CNI891", Status.OK, "all is well")]


def test_a_node_that_does_not_tell_its_facts_does_not_hang_the_rest(node, never, monkeypatch):
    monkeypatch.setattr(node, "facts", lambda: never.wait() and {})
    checkup = examine(node, [check(1, well)], timeout=0.2)
    assert dict(checkup.node) == {}
    assert [result.status for result in checkup.checks] == [Status.OK]


def test_no_checks_at_all(node):
    checkup = examine(node, [])
    assert list(checkup.checks) == []
    assert checkup.node["confDir"] == "/etc/cni/net.d"


@pytest.mark.parametrize(
    ("severities", "status", "summary"),
    [
        ([None], Status.FAIL, "0"),
        ([None, None], Status.FAIL, "0 (and 1 more)"),
        ([Severity.WARNING], Status.WARN, "0"),
        ([Severity.NOTE], Status.OK, "0"),
        ([Severity.NOTE, Severity.NOTE, Severity.NOTE], Status.OK, "0 (and 2 more)"),
        ([Severity.NOTE, Severity.WARNING], Status.WARN, "1"),
        ([Severity.NOTE, Severity.WARNING, None], Status.FAIL, "1 (and 1 more)"),
        ([], Status.OK, "all is well"),
    ],
)
def test_the_worst_finding_decides_and_notes_stand_back(node, severities, status, summary):
    def run(_node):
        yield from (hit(str(number), severity) for number, severity in enumerate(severities))

    assert outcome(node, check(1, run)) == [("CNI891", status, summary)]


def test_a_finding_carries_the_checks_why_fix_and_reference(node):
    (finding,) = examine(node, [check(1, ill, Severity.WARNING)]).findings()
    assert (finding.code, finding.name, finding.severity) == ("CNI891", "check-1", Severity.WARNING)
    assert finding.message == "it is ill"
    assert finding.location == Location("/etc/x", 2, 3)
    assert finding.why == "Things go wrong."
    assert finding.fix == Fix("mend it", Applicable.SAFE)
    assert dict(finding.evidence) == {"seen": 1}
    assert finding.reference == "A book, section 3"


def test_how_long_a_check_took(node):
    def slow(_node):
        time.sleep(0.05)
        yield from ()

    slow_one, fast_one = examine(node, [check(1, slow), check(2, well)]).checks
    assert 50 <= slow_one.milliseconds < 5000
    assert fast_one.milliseconds < slow_one.milliseconds


def test_a_node_that_cannot_be_described_is_examined_all_the_same(node, monkeypatch, capsys):
    def fail(_self):
        raise TypeError(_self)

    monkeypatch.setattr(Node, "facts", fail)
    checkup = examine(node, [check(1, well)])
    assert (checkup.node, checkup.checks[0].status) == ({}, Status.OK)
    assert capsys.readouterr() == ("", "")
