"""How steps are made: what was not seen is no pass, and none breaks another."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from cnictl.errors import CNIError
from cnictl.report.finding import Location, Severity, Status
from cnictl.throwaway import engine
from cnictl.trial.registry import Flaw, Seen, Skip, Step, all_steps, step

if TYPE_CHECKING:
    from cnictl.report.trial import StepResult

DOCSTRING = """It does not hold.

Why:
    Because.
Bad:
    bad
Good:
    good
Fix:
    Mend it.
Reference:
    This test.
"""


def nothing(_bench):
    yield from ()


def fine(_bench):
    yield Seen("it holds")


def flawed(_bench):
    yield Seen("one thing holds")
    yield Flaw("another does not", "mend it")


def mild(_bench):
    yield Flaw("it bites later", "mend it", severity=Severity.WARNING)


def skipped(_bench):
    message = "there is no such thing here"
    yield from ()
    raise Skip(message)


def skipped_after_a_flaw(_bench):
    yield Flaw("it does not hold", "mend it")
    message = "the rest cannot be tried"
    raise Skip(message)


def refused(_bench):
    yield Seen("it began well")
    message = "the plugin refused"
    raise CNIError(message, hint="ask nicely")


def broken(_bench):
    yield Seen("it began well")
    raise ZeroDivisionError


def noted(_bench):
    yield Flaw("it is worth knowing", severity=Severity.NOTE)


def made(*functions, needs=()):
    steps = [
        Step(f"CNI99{number}", f"try-{number}", f"step {number}", needs if number else (), function, DOCSTRING)
        for number, function in enumerate(functions)
    ]
    bench = SimpleNamespace(place=lambda _: Location("net.conflist", 3), failure=lambda error: Flaw(error.message))
    results: list[StepResult] = []
    engine.make_steps(steps, cast("Any", bench), results.append)
    return results


@pytest.mark.parametrize(
    ("function", "status", "summary"),
    [
        (nothing, Status.SKIP, "there was nothing to try"),
        (fine, Status.OK, "it holds"),
        (flawed, Status.FAIL, "another does not"),
        (mild, Status.WARN, "it bites later"),
        (noted, Status.OK, "it is worth knowing"),
        (skipped, Status.SKIP, "there is no such thing here"),
        (skipped_after_a_flaw, Status.FAIL, "it does not hold"),
        (refused, Status.FAIL, "the plugin refused"),
        (broken, Status.ERROR, "the step broke: ZeroDivisionError: "),
    ],
)
def test_what_a_step_comes_to(function, status, summary):
    [result] = made(function)
    assert (result.status, result.summary) == (status, summary)
    assert bool(result.findings) == (status in (Status.FAIL, Status.WARN) or function is noted)


def test_a_finding_says_where_why_and_what_to_do():
    [result] = made(flawed)
    [finding] = result.findings
    assert (finding.code, finding.location.line, finding.why) == ("CNI990", 3, "Because.")
    assert finding.fix is not None
    assert finding.fix.description == "mend it"
    assert result.evidence == ("one thing holds",)


@pytest.mark.parametrize(
    ("first", "made_too"), [(fine, True), (mild, True), (flawed, False), (skipped, False), (broken, False)]
)
def test_a_step_is_skipped_when_what_it_needs_did_not_pass(first, made_too):
    before, after = made(first, fine, needs=("try-0",))
    assert (after.status is Status.OK) == made_too
    if not made_too:
        assert after.summary == f"step 0 did not pass ({before.code})"


def test_steps_need_only_what_comes_before_them():
    names: list[str] = []
    for entry in all_steps():
        assert set(entry.needs) <= set(names), entry.name
        names.append(entry.name)


def test_a_code_is_taken_once():
    with pytest.raises(ValueError, match="is taken"):
        step("CNI904", "try-something", "something")(fine)
    with pytest.raises(ValueError, match="is taken"):
        step("CNI999", "try-add", "something")(fine)
