"""The reference has a place for everything that it is about, and says nothing of what is not there."""

from __future__ import annotations

import ast
import json
import re
from pkgutil import iter_modules

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import cnictl
import cnictl.render
import cnictl.testing
from cnictl.authoring.generate import kinds
from cnictl.cli.catalogue import all_explanations
from cnictl.doctor.registry import all_checks
from cnictl.errors import ExitCode
from cnictl.trial.registry import all_steps
from docs.generating import write_reference
from docs.generating.documents import EXAMPLES, SCHEMAS, written_out
from docs.generating.environment import VARIABLES
from docs.generating.formats import results
from docs.generating.prose import marked, prose
from docs.generating.related import _ABOUT, _DETAILS, _RELATED, FILES
from docs.generating.tree import all_commands, vendor_kinds
from tests.support.command import PROJECT

REFERENCE = PROJECT / "docs" / "reference"
COMMANDS = {command.path: command for command in all_commands()}
DOCUMENTS = sorted(path.name.removesuffix(".schema.json") for path in SCHEMAS.iterdir())
_THROUGH = {"NamedTemporaryFile": "TMPDIR", "TemporaryDirectory": "TMPDIR", "mkdtemp": "TMPDIR", "expanduser": "HOME"}
"""Functions of the standard library that read a variable."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The pages that are made when the manual is built."""
    directory = tmp_path_factory.mktemp("reference")
    write_reference(directory)
    return {str(path.relative_to(directory)): path.read_text() for path in directory.rglob("*.md")}


def test_each_code_has_a_page_and_its_line_in_the_list(made):
    for explanation in all_explanations():
        page = made[f"codes/{explanation.code}.md"]
        assert f"# {explanation.code} {explanation.name}\n" in page
        assert all(prose(text) in page for text in (explanation.summary, explanation.why, explanation.fix))
        assert all(text in page for text in (explanation.bad, explanation.good))
        assert f"| [{explanation.code}]({explanation.code}.md) | {explanation.name} |" in made["codes/index.md"]


def test_there_are_no_other_pages_of_codes(made):
    pages = {name[6:-3] for name in made if name.startswith("codes/")}
    assert pages == {"index", *(explanation.code for explanation in all_explanations())}


def test_each_check_and_step_is_in_its_table(made):
    for check in all_checks():
        assert f"](codes/{check.code}.md) | {check.name} | " in made["parts/checks.md"]
        assert f"## {check.category}\n" in made["parts/checks.md"]
    for step in all_steps():
        assert f"](codes/{step.code}.md) | {step.name} | {step.title} |" in made["parts/steps.md"]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.path)
def test_each_command_has_a_page_with_all_that_help_says(made, command):
    page = made[f"commands/{command.page}.md"]
    assert page.startswith(f"# {command.path}\n")
    assert f"\n{command.page}\n" in made["commands/index.md"]
    assert all(marked(text) in page for text in command.details)
    assert command.examples in page
    assert all(f"](cnictl-{name}.md)" in made["commands/cnictl.md"] for name in COMMANDS["cnictl"].children)
    for option in command.options:
        title = f"{', '.join(option.names)} {option.metavar}".strip()
        assert f"```{{option}} {title}\n" in page
        assert marked(option.text) in page or "--help" in option.names
    for argument in command.arguments:
        assert f"*{prose(argument.names[0])}*\n: {marked(argument.text)}" in page


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.path)
def test_no_fact_in_brackets_is_left(command):
    for parameter in command.parameters:
        assert not re.search(r"\[(env|default|required)\b", parameter.text)


def test_each_kind_of_a_vendor_has_its_options(made):
    page = made["commands/cnictl-generate-vendors.md"]
    found = list(vendor_kinds())
    assert {kind.path.rpartition(" ")[2] for kind in found} == set(kinds(vendors=True)) - set(kinds())
    for kind in found:
        section = page.split(f"### {kind.path.rpartition(' ')[2]}\n")[1].split("\n### ")[0]
        assert all(f"```{{option}} {', '.join(option.names)}" in section for option in kind.options if option.own)


def test_options_of_vendors_that_are_not_listed_are_those_of_bridge():
    common = {option.names for option in COMMANDS["cnictl generate bridge"].options if not option.own}
    for kind in vendor_kinds():
        assert {option.names for option in kind.options if not option.own} == common, kind.path


def test_each_format_of_each_result_is_described(made):
    folders = {module.name for module in iter_modules(cnictl.render.__path__) if module.ispkg}
    assert set(results()) == folders
    for kind in folders:
        section = next(
            part for part in made["parts/formats.md"].split("## ") if f"](json.md#{results()[kind]})" in part
        )
        assert section.startswith("cnictl ")
        assert set(re.findall(r"^`(\w+)`$", section, re.MULTILINE)) == set(cnictl.render.formats(kind))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_document_has_a_section_with_every_key(made, name):
    section = made["json.md"].split(f"\n## {name}\n")[1].split("\n## ")[0]
    schema = written_out(json.loads((SCHEMAS / f"{name}.schema.json").read_text()))
    keys = set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))
    assert set(schema["properties"]) <= keys
    assert "None" not in section
    assert "[any]" not in section


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_example_of_a_document_is_one(made, name):
    text = (EXAMPLES / f"{name}.json").read_text()
    assert f"```json\n{text}```" in made["json.md"]
    schemas = {path.name: json.loads(path.read_text()) for path in SCHEMAS.iterdir()}
    resources = [Resource.from_contents(schema) for schema in schemas.values()]
    registry = Registry().with_resources([(each.id() or "", each) for each in resources])
    validator = Draft202012Validator(schemas[f"{name}.schema.json"], registry=registry)
    assert [error.message for error in validator.iter_errors(json.loads(text))] == []


def test_each_document_says_which_command_prints_it(made):
    table = made["json.md"].split("\n## ")[0]
    rows = dict(re.findall(r"^\| \[([\w-]+)\]\(#[\w-]+\) \| (.*?) \|", table, re.MULTILINE))
    assert [name for name, printed_by in rows.items() if "](commands/cnictl-" not in printed_by] == ["finding"]
    assert sorted(rows) == DOCUMENTS


def test_each_exit_code_is_in_the_table(made):
    codes = re.findall(r"^\| `(\d+)` \| `(\w+)` \| \w", made["parts/exit-codes.md"], re.MULTILINE)
    assert {(int(number), name) for number, name in codes} == {(code.value, code.name) for code in ExitCode}


def names_of(node):
    return getattr(node, "attr", getattr(node, "id", ""))


def read_variables(tree):
    """The environment variables that a module reads; `None` for one whose name cannot be told."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr="get" | "pop"), args=[name, *_]) if (
                names_of(value) == "environ"
            ):
                yield getattr(name, "value", None)
            case ast.Call(func=func, args=[name, *_]) if names_of(func) == "getenv":
                yield getattr(name, "value", None)
            case ast.Subscript(value=value, slice=name, ctx=ast.Load()) if names_of(value) == "environ":
                yield getattr(name, "value", None)
            case ast.Compare(left=name, ops=[ast.In() | ast.NotIn()], comparators=[value]) if (
                names_of(value) == "environ"
            ):
                yield getattr(name, "value", None)
            case ast.keyword(arg="envvar", value=name):
                yield getattr(name, "value", None)
            case ast.Call(func=func) if names_of(func) in _THROUGH:
                yield _THROUGH[names_of(func)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('os.environ.get("A", "")', "A"),
        ('environ["A"]', "A"),
        ('os.getenv("A")', "A"),
        ('"A" in os.environ', "A"),
        ('Option(envvar="A")', "A"),
        ("os.environ.get(name)", None),
        ("tempfile.mkdtemp()", "TMPDIR"),
    ],
)
def test_a_variable_that_is_read_is_found(text, name):
    assert list(read_variables(ast.parse(text))) == [name]


def test_variables_that_are_set_are_not_read():
    assert list(read_variables(ast.parse('os.environ["A"] = "b"; os.environ | {"C": "d"}'))) == []


def test_the_variables_of_the_reference_are_those_that_the_code_reads(made):
    modules = (PROJECT / "cnictl").rglob("*.py")
    read = {name for path in modules for name in read_variables(ast.parse(path.read_text()))}
    assert read == {variable.name for variable in VARIABLES}
    assert set(re.findall(r"^\| `(\w+)` \|", made["parts/environment.md"], re.MULTILINE)) == read


def test_help_names_no_other_variables():
    named = {option.variable.partition(",")[0] for command in COMMANDS.values() for option in command.options} - {""}
    assert named == {"CNI_PATH", "NETCONFPATH", "CNI_ARGS", "CAP_ARGS", "CNI_IFNAME", "CNI_CACHE_DIR"}
    assert named <= {variable.name for variable in VARIABLES}


def test_the_settings_are_those_of_their_schema():
    page = (REFERENCE / "settings.md").read_text()
    keys = re.findall(r"^\*\*([a-z-]+)\*\* = ", page, re.MULTILINE)
    schema = json.loads((PROJECT / "schemas" / "settings.schema.json").read_text())
    assert keys == list(schema["properties"])
    options = {name for option in COMMANDS["cnictl validate"].options for name in option.names}
    assert set(re.findall(r"`(--[\w-]+)`", page)) <= options


def test_each_public_name_of_python_is_described(made):
    described = "\n".join(text for name, text in made.items() if name.startswith("parts/python-"))
    for module in (cnictl, cnictl.testing):
        for name in module.__all__:
            assert re.search(rf":: {module.__name__}\.{name}$", described, re.MULTILINE) or name == "__version__"


def test_what_pages_of_commands_add_is_about_what_is_there():
    parameters = {name for command in COMMANDS.values() for each in command.parameters for name in each.names}
    assert all(set(file.users) <= parameters for file in FILES)
    about = {path for paths in _ABOUT.values() for path in paths}
    assert {*_RELATED, *_DETAILS, *about, *(path for paths in _RELATED.values() for path in paths)} <= set(COMMANDS)


def test_each_part_is_shown_in_a_page(made):
    shown = {name for page in REFERENCE.glob("*.md") for name in re.findall(r"\{include\} (\S+)", page.read_text())}
    assert shown == {name for name in made if name.startswith("parts/")}
