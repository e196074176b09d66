"""The explanations are true where the code can tell: numbers, lists and tables."""

from __future__ import annotations

import re
import tomllib
from typing import get_args

import pytest

from cnictl.cli.entry import PROGRAM
from cnictl.cli.lazy import load_command
from cnictl.doctor.layout import OTHERS, USUAL
from cnictl.errors import PLUGIN_ERRORS
from cnictl.invoke.advice import advice
from cnictl.model.version import VERB_SINCE
from cnictl.report.action import Action
from cnictl.runtime.selection import Runtime
from tests.libcni.table import ROWS, all_marks, read_table
from tests.support.pages import PROJECT

EXPLANATION = PROJECT / "docs" / "explanation"


def text_of(name: str) -> str:
    return (EXPLANATION / f"{name}.md").read_text(encoding="utf-8")


def section(name: str, title: str) -> str:
    """A section of a page, without its heading."""
    return text_of(name).split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    heads = {index for index, line in enumerate(lines[1:]) if set(line) <= set("|- ")}
    body = [line for index, line in enumerate(lines) if index not in heads and index - 1 not in heads]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in body]


class TestWhatDiffersFromLibcni:
    PAGE = text_of("what-differs-from-libcni")

    def test_the_numbers(self):
        left_out = len(read_table("NOT_APPLICABLE.tsv"))
        assert f"pin down {len(ROWS)} behaviours" in self.PAGE
        assert f"show {len(ROWS) - left_out} of\nthem. The other {left_out} are" in self.PAGE
        recordings = len(list((PROJECT / "tests" / "interop" / "recorded").glob("*.json")))
        said = re.search(r"over (\d+) recordings", self.PAGE)
        assert said
        assert int(said[1]) < recordings

    def test_the_rows_that_it_names_are_shown_by_tests(self):
        shown = {row for mark in all_marks() for row in mark.rows}
        named: set[int] = set()
        for *_, by in rows(section("what-differs-from-libcni", "The same, on purpose")):
            for first, last in re.findall(r"\b(\d+)(?: to (\d+))?", by):
                named |= set(range(int(first), int(last or first) + 1))
        assert named
        assert named <= shown


class TestHowRuntimesPickTheirConfig:
    PAGE = text_of("how-runtimes-pick-their-config")

    def test_every_runtime_that_cnictl_knows_has_a_column(self):
        (known,) = [row for row in rows(self.PAGE) if row[0].startswith("`cnictl` knows")]
        assert re.findall(r"`([^`]+)`", " ".join(known[1:])) == [runtime.value for runtime in Runtime]

    @pytest.mark.parametrize("layout", [USUAL, *OTHERS], ids=lambda layout: layout.conf_dir)
    def test_the_directories_are_those_that_doctor_looks_into(self, layout):
        table = section("how-runtimes-pick-their-config", "Other directories")
        assert layout.conf_dir in table
        for directory in layout.bin_dirs:
            assert directory in table or directory.removeprefix("/var/lib/rancher/k3s/") in table


class TestCni:
    def test_the_verbs_and_since_when_there_are_any(self):
        table = rows(section("cni", "What plugins are asked, and what they answer").split("A plugin that fails")[0])
        assert {verb: since for verb, since, _ in table} == {verb: str(since) for verb, since in VERB_SINCE.items()}

    def test_the_codes(self):
        table = rows(section("cni", "What plugins are asked, and what they answer").split("A plugin that fails")[1])
        codes = {int(code) for row in table for code in re.findall(r"\d+", row[0])}
        assert PLUGIN_ERRORS.keys() <= codes
        assert {code for code in range(100) if advice(code, "")} <= codes


class TestHouse:
    def test_the_layers_are_those_that_are_held(self):
        layers = [
            {name.removeprefix("cnictl.") for name in line.split(" | ")}
            for line in tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0][
                "layers"
            ]
        ]
        assert [set(re.findall(r"`(\w+)`", row[0])) for row in rows(section("house", "The layers"))] == layers


class TestSecurity:
    def test_every_command_is_in_the_table(self):
        named = " ".join(row[0] for row in rows(section("security", "What each command does")))
        commands = set(load_command("cnictl.cli.root", PROGRAM).commands)
        assert {command for command in commands if command not in named} == set()

    def test_the_kinds_of_fixes(self):
        part = section("security", "What `doctor --fix` may do")
        assert len(re.findall(r"^- ", part, re.MULTILINE)) == len(get_args(Action))
        assert "There are six kinds" in part


def test_a_table_is_read():
    assert rows("x\n\n| A | B |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\ny\n\n| C |\n|---|\n| 5 |\n") == [
        ["1", "2"],
        ["3", "4"],
        ["5"],
    ]
