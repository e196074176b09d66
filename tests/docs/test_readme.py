"""The README is true: what it shows is what is printed, and what it names is there."""

from __future__ import annotations

import re
import shlex
from textwrap import dedent

from tests.support.command import PROJECT, run_process

README = (PROJECT / "README.md").read_text(encoding="utf-8")
SHOWN = dedent(README.split("## What it looks like\n")[1].split("\n## ")[0])


def test_the_report_is_what_validate_prints(monkeypatch):
    monkeypatch.chdir(PROJECT)
    command, _, rest = SHOWN.strip().partition("\n")
    words = shlex.split(command.removeprefix("$ cnictl "))
    assert run_process(*words).out == rest.split("\n\n# cnictl")[0] + "\n"


def test_the_files_that_it_names_are_there():
    names = re.findall(r"`([\w/.-]+\.md)`", README)
    assert len(names) >= 3
    assert [name for name in names if not (PROJECT / name).is_file()] == []


def test_the_targets_of_make_are_there():
    makefile = (PROJECT / "Makefile").read_text()
    for target in re.findall(r"make (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_it_begins_with_what_it_is_for_and_the_two_commands():
    head = README.splitlines()[:12]
    assert any(line.startswith("    make demo") for line in head)
    assert any(line.startswith("    make test") for line in head)
