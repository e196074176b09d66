"""What a project has beside its code: a changelog, forms, a workflow, and its version in one place."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from datetime import date
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from cnictl import __version__
from tests.support.command import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GITHUB = PROJECT / ".github"
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")


def schema_faults(schema: str, *paths: Path) -> str:
    """What a schema that comes with the checker has against files."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_issue_forms_are_what_github_takes():
    assert {form.stem for form in FORMS} == {"bug", "feature", "wrong-finding"}
    assert schema_faults("vendor.github-issue-forms", *FORMS) == ""
    assert schema_faults("vendor.github-issue-config", GITHUB / "ISSUE_TEMPLATE" / "config.yml") == ""


def test_workflows_are_what_github_takes():
    workflows = sorted((GITHUB / "workflows").glob("*.yml"))
    assert workflows
    assert schema_faults("vendor.github-workflows", *workflows) == ""


def test_continuous_integration_runs_what_everybody_can_run():
    assert "- run: .ci/run\n" in (GITHUB / "workflows" / "ci.yml").read_text()
    assert (PROJECT / ".ci" / "run").stat().st_mode & 0o111


def test_a_form_that_is_none_is_noticed(tmp_path):
    form = tmp_path / "form.yml"
    form.write_text("name: A form\ndescription: without a body\n")
    assert "body" in schema_faults("vendor.github-issue-forms", form)


class Changelog:
    """The changelog, as Keep a Changelog 1.1.0 describes it.

    Args:
        text: Its text.
    """

    CATEGORIES = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
    _VERSION = re.compile(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})")

    def __init__(self, text: str) -> None:
        self.versions = re.findall(r"^## (.*)$", text, re.MULTILINE)
        self.categories = re.findall(r"^### (.*)$", text, re.MULTILINE)
        self.entries = re.findall(r"^- (.*(?:\n  .*)*)", text, re.MULTILINE)
        self.text = text

    @property
    def releases(self) -> list[tuple[str, str]]:
        """Version and day of each release, the newest first."""
        return [(match[1], match[2]) for line in self.versions if (match := self._VERSION.fullmatch(line))]

    def faults(self) -> list[str]:
        """What is not as it must be."""
        found = [f"no category: {name}" for name in self.categories if name not in self.CATEGORIES]
        if self.versions[:1] != ["[Unreleased]"]:
            found.append("what is not released does not stand on top")
        if len(self.releases) != len(self.versions) - 1:
            found.append("a heading is no version with a day")
        numbers = [Version(version) for version, _ in self.releases]
        if numbers != sorted(set(numbers), reverse=True):
            found.append("the versions are not in order")
        days = [date.fromisoformat(day) for _, day in self.releases]
        if days != sorted(days, reverse=True):
            found.append("the days are not in order")
        return found


CHANGELOG = Changelog((PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"))


def test_the_changelog_can_be_read():
    assert CHANGELOG.faults() == []
    assert CHANGELOG.entries


def test_a_release_has_its_entry_in_the_changelog():
    """The version is that of the newest release, or a later one that is not released yet."""
    newest = next((version for version, _ in CHANGELOG.releases), "0.0.0")
    assert Version(__version__) >= Version(newest)


def test_each_category_of_a_version_stands_once():
    for part in re.split(r"^## ", CHANGELOG.text, flags=re.MULTILINE)[1:]:
        names = re.findall(r"^### (.*)$", part, re.MULTILINE)
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("## [0.1.0] - 2026-01-01\n", "does not stand on top"),
        ("## [Unreleased]\n### Improved\n- x\n", "no category: Improved"),
        ("## [Unreleased]\n## 0.1.0\n", "no version with a day"),
        ("## [Unreleased]\n## [0.1.0] - 2026-01-01\n## [0.2.0] - 2025-01-01\n", "versions are not in order"),
        ("## [Unreleased]\n## [0.2.0] - 2025-01-01\n## [0.1.0] - 2026-01-01\n", "days are not in order"),
    ],
)
def test_a_fault_of_the_changelog_is_noticed(text, fault):
    assert fault in " ".join(Changelog(text).faults())


class TestVersion:
    """It is written in ``cnictl/__init__.py``. Where an example has to name a release, it names this one."""

    def test_the_package_takes_it_from_the_code(self):
        project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
        assert "version" not in project["project"]
        assert project["project"]["dynamic"] == ["version"]
        assert project["tool"]["hatch"]["version"]["path"] == "cnictl/__init__.py"

    def test_no_other_module_says_it(self):
        modules = (path for top in ("cnictl", "docs") for path in (PROJECT / top).rglob("*.py"))
        says = re.compile(r"^(?:__version__|version|release)\b[^=\n]*= *[\"']", re.MULTILINE)
        assert [path.name for path in modules if says.search(path.read_text())] == ["__init__.py"]

    def test_examples_name_this_release(self):
        release = re.compile(r"(?:cnictl(?:[:=@/_-]| )v?|rev: v)(\d+\.\d+\.\d+)\b")
        named = {version for text in _examples() for version in release.findall(text)}
        assert named == {__version__}


def _examples() -> Iterator[str]:
    """The texts of the manual and of what lies with it."""
    for path in sorted((PROJECT / "docs").rglob("*")):
        if path.suffix in (".md", ".yaml", ".yml", "") and path.is_file() and "_build" not in path.parts:
            yield path.read_text(encoding="utf-8")
