"""The formats of ``cnictl conformance``, kept in files; ``UPDATE_GOLDEN=1`` writes them anew."""

from __future__ import annotations

import io
import json

import pytest

from cnictl.render import formats, renderer
from cnictl.render.paper import Paper
from cnictl.report.conformance import CaseResult, Conformance
from cnictl.report.finding import Finding, Fix, Location, Severity, Status
from cnictl.report.trial import StepResult
from tests.golden.test_golden import compare, require_documented
from tests.support.terminal import too_wide

ENDINGS = {"text": "txt", "json": "json", "junit": "xml", "github": "github.txt"}
PATH = "/usr/lib/cni/greet"


def finding(code: str, name: str, severity: Severity, message: str) -> Finding:
    return Finding(
        code,
        name,
        severity,
        message,
        Location(PATH),
        "Runtimes repeat DEL until it succeeds, so the pod would stay in Terminating for ever.",
        Fix("What is not there need not be removed: go on."),
        {"status": 1, "stdout": '{"code": 999}'},
        'CNI spec 1.1.0, section 2, "DEL"',
    )


AGAIN = finding("CNI964", "spec-del-again", Severity.ERROR, "DEL again: there is no interface (code 999)")
LOST = finding("CNI968", "spec-del-without-state", Severity.WARNING, "DEL with its state lost: where are my files?")
RESULTS = [
    StepResult(
        "CNI940", "spec-add", "ADD", Status.OK, "a result of version 1.0.0", ("a result of version 1.0.0",), (), 96.4
    ),
    StepResult("CNI942", "spec-ipam-result", "an IPAM plugin's result", Status.SKIP, "greet makes an interface"),
    StepResult("CNI964", "spec-del-again", "DEL again", Status.FAIL, AGAIN.message, (), (AGAIN,), 120.0),
    StepResult("CNI968", "spec-del-without-state", "DEL without state", Status.WARN, LOST.message, (), (LOST,), 80.2),
    StepResult("CNI969", "spec-processes", "processes that live on", Status.ERROR, "the case broke: KeyError: 'x'"),
]


def outcome(*results: StepResult) -> Conformance:
    cases = [CaseResult("1.0.0", result) for result in results]
    return Conformance("greet", PATH, "10-greet.conflist", "interface", ("0.4.0", "1.0.0"), cases, 1.25)


def written(name: str, conformance: Conformance, width: int | None = None) -> str:
    stream = io.StringIO()
    renderer("conformance", name)(conformance, Paper(stream, width=width))
    return stream.getvalue()


def test_there_is_a_file_for_every_format():
    assert set(ENDINGS) == set(formats("conformance"))


@pytest.mark.parametrize("name", ENDINGS)
def test_every_format(name):
    compare(f"conformance.{ENDINGS[name]}", written(name, outcome(*RESULTS)))


@pytest.mark.parametrize("columns", [40, 80])
def test_on_a_terminal(columns):
    text = written("text", outcome(*RESULTS), columns)
    assert too_wide(text, columns) == []
    compare(f"conformance.{columns}.txt", text)


def test_json_is_as_its_schema_says():
    require_documented("conformance", json.loads(written("json", outcome(*RESULTS))))


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        (RESULTS[:2], "greet conforms to CNI 1.0.0 in what was tested"),
        (RESULTS[:4:3], "greet conforms to CNI 1.0.0 in what was tested; see the 1 warning"),
        (RESULTS[:3], "greet does not conform to CNI 1.0.0"),
        (RESULTS[1:2], "nothing was tested"),
        (RESULTS[4:], "greet could not be tested as a whole"),
    ],
)
def test_the_last_line_is_the_verdict(results, verdict):
    assert written("text", outcome(*results)).splitlines()[-1] == verdict
