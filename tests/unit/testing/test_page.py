"""The page about tests is true: its tests are run."""

from __future__ import annotations

import re
from inspect import signature

import pytest

import cnictl.testing
from cnictl.testing import ScriptedPlugin, pytest_plugin
from tests.support.command import PROJECT
from tests.support.node import Node
from tests.unit.testing.project import UserProject, inside, outcomes

PAGE = (PROJECT / "docs" / "how-to" / "test-your-own-program.md").read_text(encoding="utf-8")
FILES = {name: text for text, name in re.findall(r"```python\n(# (\S+)\n.*?)```", PAGE, re.DOTALL)}
IN_NAMESPACE = "test_namespace.py"


@pytest.fixture
def project(tmp_path):
    project = UserProject(tmp_path)
    project.write(FILES["pods.py"], "pods.py")
    return project


@pytest.mark.parametrize("name", sorted(FILES.keys() - {"pods.py", IN_NAMESPACE}))
def test_its_tests_pass(project, name):
    project.write(FILES[name], name)
    done = project.run()
    assert list(outcomes(done.stdout)) == ["passed"], done.stdout
    assert outcomes(done.stdout)["passed"] >= FILES[name].count("def test_")
    assert done.stderr == ""


@pytest.mark.netns
def test_its_test_in_a_namespace_passes(project):
    project.write(FILES[IN_NAMESPACE], IN_NAMESPACE)
    with Node() as node:
        done = inside(node, project)
    assert outcomes(done.stdout) == {"passed": 1}, done.stdout


def test_every_block_is_a_file():
    assert len(FILES) == PAGE.count("```python\n") >= 6


def test_it_names_every_public_name_every_fixture_and_every_part_of_on():
    fixtures = re.findall(r"^@pytest.fixture\ndef (\w+)", (PROJECT / pytest_file()).read_text(), re.MULTILINE)
    assert len(fixtures) == 5
    parts = signature(ScriptedPlugin.on).parameters.keys() - {"self", "verb"}
    public = [name for name in cnictl.testing.__all__ if name != "Call"]
    assert [name for name in [*public, *fixtures, *parts] if not re.search(rf"`[^`\n]*\b{name}\b", PAGE)] == []


def pytest_file() -> str:
    return f"{pytest_plugin.__name__.replace('.', '/')}.py"
