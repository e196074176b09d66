"""The README is true: what it names is there. `tests.docs.test_pages` runs what it shows."""

from __future__ import annotations

import re

from tests.support.command import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_the_files_that_it_names_are_there():
    names = re.findall(r"`([\w/.-]+\.md)`", README)
    assert len(names) >= 4
    assert [name for name in names if not (PROJECT / name).is_file()] == []


def test_the_targets_of_make_are_there():
    makefile = (PROJECT / "Makefile").read_text()
    for target in re.findall(r"make (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_it_begins_with_what_it_is_for_and_the_two_commands():
    head = README.splitlines()[:12]
    assert any(line.startswith("    make demo") for line in head)
    assert any(line.startswith("    make test") for line in head)


def test_it_is_read_in_a_minute():
    assert len(README.splitlines()) <= 90
