"""The man pages are what the code says today, and `man` has nothing to say against them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from shutil import which
from typing import NamedTuple

import pytest

from docs.generating.commands import summaries
from docs.generating.man import SETTINGS, release_date
from docs.generating.tree import all_commands
from tests.support.command import PROJECT

KEPT = PROJECT / "docs" / "man"
PAGES = sorted(path.name for path in KEPT.iterdir())

needs_man = pytest.mark.skipif(which("man") is None, reason="man is not installed; .ci/packages installs man-db")


def write(directory, **environment):
    """Writes the pages as `make man` does; warnings of Sphinx about itself are no matter of ours."""
    command = [sys.executable, "-m", "docs.generating.man", directory]
    subprocess.run(command, check=True, cwd=PROJECT, env=os.environ | environment)
    return directory


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write(tmp_path_factory.mktemp("man"))


def test_there_is_one_for_each_command_and_for_the_settings():
    assert set(PAGES) == {f"{name}.1" for name in summaries()} | {f"{SETTINGS}.5"}
    assert {command.page for command in all_commands()} <= set(summaries())


def test_no_other_is_written(written):
    assert sorted(path.name for path in written.iterdir() if path.is_file()) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_it_is_what_the_code_says(written, name):
    assert (KEPT / name).read_text() == (written / name).read_text(), "run `make man`"


class Shown(NamedTuple):
    page: str
    complaints: str


@cache
def show(name, width):
    """A page as `man` shows it, and what it says against it."""
    environment = {"PATH": os.environ["PATH"], "MANWIDTH": str(width), "LC_ALL": "C.UTF-8", "MANROFFOPT": "-c"}
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-P", "cat", "-l", KEPT / name],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return Shown(re.sub(".\b", "", done.stdout), done.stderr)


@needs_man
@pytest.mark.parametrize("name", PAGES)
def test_man_has_no_complaint(name):
    page, complaints = show(name, 80)
    assert complaints == ""
    title, _, section = name.rpartition(".")
    assert page.startswith(f"{title.upper()}({section})")
    assert f"NAME\n       {title} - " in page
    assert "<>" not in page


@needs_man
@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("name", PAGES)
def test_sentences_fit(name, width):
    """Examples are shown as they are; so are the names of options, and words, which may be long."""
    page, in_examples = show(name, width).page, False
    for line in page.splitlines():
        in_examples = line == "EXAMPLES" if line[:1].isalpha() else in_examples
        is_text = line.startswith("              ") and not in_examples
        assert not is_text or len(line) <= width or " " not in line.strip(), line


@needs_man
def test_apropos_finds_them():
    done = subprocess.run(["lexgrog", *(KEPT / name for name in PAGES)], capture_output=True, text=True, check=True)
    assert [name for name in PAGES if f'{name}: "{name.rpartition(".")[0]} - ' not in done.stdout] == []


def test_options_look_like_options():
    text = (KEPT / "cnictl-exec-add.1").read_text()
    assert ".TP\n\\fB\\-i\\fP, \\fB\\-\\-ifname\\fP \\fINAME\\fP\n" in text


@pytest.mark.parametrize(
    ("line", "date"),
    [("## [0.1.0] - 2026-12-24", "2026-12-24"), ("## [0.0.9] - 2026-12-24", ""), ("## [Unreleased]", "")],
)
def test_the_date_is_that_of_the_release(line, date):
    assert release_date(f"# Changelog\n\n{line}\n\n### Added\n") == date


def test_neither_the_day_nor_the_terminal_changes_a_byte(tmp_path, written):
    again = write(tmp_path / "again", SOURCE_DATE_EPOCH="0", TZ="Asia/Tokyo", COLUMNS="40", LC_ALL="C")
    assert all((again / name).read_bytes() == (written / name).read_bytes() for name in PAGES)
