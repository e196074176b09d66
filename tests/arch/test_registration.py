"""A rule, a check, a format, a schema: each is added in one place, and nothing else is needed.

Each test adds one as a contributor would, by a new file, and then uses it through the command line.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest
from jsonschema import Draft202012Validator

import cnictl.render
from cnictl.cli.catalogue import all_explanations
from docs.generating.codes import FAMILIES
from tests.support.command import PROJECT

EXPLANATION = """
    Why:
        It was added.
    Bad:
        {"a": 1}
    Good:
        {}
    Fix:
        Remove it.
    Reference:
        This test.
"""

RULE = f'''
from cnictl.report.finding import Severity
from cnictl.validate.registry import Hit, network_rule

@network_rule("CNI598", "added-rule", Severity.ERROR)
def added(network):
    """It was added by a test.
{EXPLANATION}    """
    yield Hit(network.node.label, "seen by the added rule")
'''

CHECK = f'''
from cnictl.doctor.registry import Hit, check
from cnictl.report.finding import Fix, Location, Severity

@check("CNI898", "added-check", Severity.ERROR, "leftovers", reads="nothing", well="fine")
def added(node):
    """It was added by a test.
{EXPLANATION}    """
    yield Hit(Location("/etc"), "seen by the added check", Fix("remove it"))
'''

STEP = f'''
from cnictl.trial.registry import Flaw, Seen, step

@step("CNI998", "added-step", "what a test added")
def added(bench):
    """It was added by a test.
{EXPLANATION}    """
    yield Seen("seen by the added step")
    yield Flaw("refused by the added step", "remove it")
'''

CASE = f'''
from cnictl.conformance.registry import Flaw, Seen, case

@case("CNI997", "added-case", "what a test added")
def added(bench):
    """It was added by a test.
{EXPLANATION}    """
    yield Seen("seen by the added case")
    yield Flaw("refused by the added case")
'''

FORMAT = """
def render(report, paper):
    paper.line(f"added format, {len(report.files)} file")
"""


def use(package: str, folder: object, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs a command with one more folder of modules in a package."""
    code = (
        f"import sys, {package} as package; package.__path__.append({str(folder)!r}); "
        f"from cnictl.cli.entry import run; sys.exit(run({arguments!r}))"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.fixture
def network(tmp_path):
    path = tmp_path / "net.conflist"
    path.write_text('{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "mine", "speed": "fast"}]}')
    return str(path)


def test_a_rule_is_a_function(tmp_path, network):
    (tmp_path / "added.py").write_text(RULE)
    report = use("cnictl.validate.rules", tmp_path, ["validate", network])
    assert "error[CNI598]: seen by the added rule" in report.stdout
    assert "why: It was added." in report.stdout
    assert report.returncode == 1
    assert "CNI598 added-rule" in use("cnictl.validate.rules", tmp_path, ["explain", "added-rule"]).stdout
    assert "CNI598" in use("cnictl.validate.rules", tmp_path, ["rules"]).stdout
    assert use("cnictl.validate.rules", tmp_path, ["validate", network, "--ignore", "CNI598"]).returncode == 0


def test_a_check_is_a_function(tmp_path):
    (tmp_path / "added.py").write_text(CHECK)
    done = use("cnictl.doctor.checks", tmp_path, ["doctor", "--select", "CNI898"])
    assert "fail  CNI898  seen by the added check" in done.stdout
    assert done.returncode == 1
    assert "CNI898" in use("cnictl.doctor.checks", tmp_path, ["doctor", "--list"]).stdout
    assert "CNI898 added-check" in use("cnictl.doctor.checks", tmp_path, ["explain", "CNI898"]).stdout


@pytest.mark.netns
def test_a_step_is_a_function(tmp_path, network):
    (tmp_path / "added.py").write_text(STEP)
    done = use("cnictl.trial.steps", tmp_path, ["try", network, "-v"])
    assert "fail  CNI998  what a test added" in done.stdout
    assert "seen: seen by the added step" in done.stdout
    assert "fix: remove it" in done.stdout
    assert done.returncode == 1
    assert "CNI998 added-step" in use("cnictl.trial.steps", tmp_path, ["explain", "CNI998"]).stdout


@pytest.mark.netns
def test_a_case_is_a_function(tmp_path):
    (tmp_path / "added.py").write_text(CASE)
    command = ["conformance", "loopback", "--select", "CNI997", "-v"]
    done = use("cnictl.conformance.cases", tmp_path, command)
    assert "fail  CNI997  what a test added" in done.stdout
    assert "seen: seen by the added case" in done.stdout
    assert "fix: Remove it." in done.stdout
    assert done.returncode == 1
    assert "CNI997" in use("cnictl.conformance.cases", tmp_path, ["conformance", "--list"]).stdout
    assert "CNI997 added-case" in use("cnictl.conformance.cases", tmp_path, ["explain", "CNI997"]).stdout


def test_a_format_is_a_module(tmp_path, network):
    (tmp_path / "added.py").write_text(FORMAT)
    done = use("cnictl.render.report", tmp_path, ["validate", network, "--format", "added"])
    assert done.stdout == "added format, 1 file\n"
    assert "text|json|added|" in use("cnictl.render.report", tmp_path, ["validate", "--help"]).stdout


def test_a_schema_is_a_file(tmp_path, network):
    schemas = tmp_path / "schemas"
    (schemas / "plugins").mkdir(parents=True)
    for name in ("common.schema.json", "plugins/host-local.schema.json"):
        (schemas / name).write_text((PROJECT / "schemas" / name).read_text())
    schema = {"type": "object", "properties": {"type": {}, "cniVersion": {}, "name": {}, "speed": {"type": "integer"}}}
    (schemas / "plugins" / "mine.schema.json").write_text(json.dumps(schema))
    code = (
        f"import sys, pathlib, cnictl.schema.library as library; schemas = pathlib.Path({str(schemas)!r}); "
        "library.SCHEMA_DIR = schemas; "
        "library._BUILT_IN.directories = (schemas / 'plugins',); "
        f"from cnictl.cli.entry import run; sys.exit(run(['validate', {network!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'error[CNI402]: "speed" must be a whole number' in done.stdout


def test_a_schema_is_a_kind_of_network(tmp_path):
    schemas = tmp_path / "schemas"
    (schemas / "plugins").mkdir(parents=True)
    (schemas / "common.schema.json").write_text((PROJECT / "schemas" / "common.schema.json").read_text())
    schema = {
        "description": "Joins containers by magic.",
        "x-cnictl": {"role": "interface", "generate": {"defaults": {"speed": 3}, "requires": ["colour"]}},
        "properties": {"type": {}, "speed": {"type": "integer"}, "colour": {"enum": ["red", "blue"], "type": "string"}},
    }
    (schemas / "plugins" / "mine.schema.json").write_text(json.dumps(schema))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = (
            f"import sys, pathlib, cnictl.schema.library as library; schemas = pathlib.Path({str(schemas)!r}); "
            "library.SCHEMA_DIR = schemas; library._BUILT_IN.directories = (schemas / 'plugins',); "
            f"from cnictl.cli.entry import run; sys.exit(run({['generate', *arguments]!r}))"
        )
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "mine  Joins containers by magic." in run("--help").stdout
    assert "--colour red|blue" in run("mine", "--help").stdout
    made = run("mine", "--name", "pods", "--ipam", "none", "--colour", "blue")
    assert json.loads(made.stdout)["plugins"] == [{"type": "mine", "speed": 3, "colour": "blue"}]


def test_codes_and_names_are_unique_and_have_a_family():
    explanations = all_explanations()
    assert len({explanation.code for explanation in explanations}) == len(explanations)
    assert len({explanation.name for explanation in explanations}) == len(explanations)
    assert {explanation.code[:4] for explanation in explanations} == set(FAMILIES)
    assert all(re.fullmatch(r"CNI\d{3}", explanation.code) for explanation in explanations)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", explanation.name) for explanation in explanations)


def test_explanations_are_sentences():
    for explanation in all_explanations():
        for text in (explanation.summary, explanation.why, explanation.fix):
            assert text.rstrip('"').endswith((".", "?")), f"{explanation.code}: {text}"


@pytest.mark.parametrize("path", sorted((PROJECT / "schemas" / "output").glob("*.json")), ids=lambda path: path.name)
def test_schemas_of_documents_are_schemas(path):
    Draft202012Validator.check_schema(json.loads(path.read_text()))


def test_every_kind_of_result_can_be_text_and_json():
    for kind in iter_modules(cnictl.render.__path__):
        if kind.ispkg:
            assert cnictl.render.formats(kind.name)[:1] == ("text",)
            assert "json" in cnictl.render.formats(kind.name)
            assert callable(import_module(f"cnictl.render.{kind.name}.json").render)
