"""The tutorial is true: its commands are run, and they print what it says."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.support.walk import PROJECT, Step, Walk, read_steps

if TYPE_CHECKING:
    from pathlib import Path

PAGE = PROJECT / "docs/tutorial/first-network.md"
HOW_TOS = sorted((PROJECT / "docs/how-to").glob("*.md"))


def walk(*, with_node: bool, page: Path = PAGE) -> str:
    """What a walk finds that is not as the page says."""
    wrong = []
    with ExitStack() as stack:
        guide = Walk(stack, with_node=with_node)
        for step in read_steps(page):
            if step.in_node and not with_node:
                continue
            done = guide.run(step)
            if not step.ended_well(done.returncode) or not step.matches(done.stdout):
                wrong.append(
                    f"$ {step.command}\n{done.stdout}exit {done.returncode}, and the page says\n{step.expected}"
                )
    return "\n".join(wrong)


def test_what_needs_no_root_is_as_the_page_says():
    assert walk(with_node=False) == ""


@pytest.mark.netns
def test_all_of_it_is_as_the_page_says():
    assert walk(with_node=True) == ""


@pytest.mark.parametrize("page", HOW_TOS, ids=lambda page: page.stem)
def test_how_tos_are_true(page):
    assert walk(with_node=False, page=page) == ""


def test_how_tos_are_walked():
    assert sum(bool(read_steps(page)) for page in HOW_TOS) >= 4


def test_the_page_has_the_steps_of_the_main_job():
    steps = read_steps(PAGE)
    commands = " ".join(step.command for step in steps)
    for part in ("validate docs/examples/", "generate bridge", "exec add", "exec check", "exec del", "cnictl doctor"):
        assert part in commands
    assert [step.title for step in steps if step.in_node] == ["Attach a container"] * sum(
        step.in_node for step in steps
    )


@pytest.mark.parametrize(
    ("expected", "output", "is_match"),
    [
        ("a\n", "a\n", True),
        ("a\n", "a", True),
        ("a\n", "b\n", False),
        ("a ... c\n", "a b c\n", True),
        ("a ... c\n", "a b\nc\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n...\n", "b\n", False),
        ("", "", True),
        ("", "more\n", False),
    ],
)
def test_dots_stand_for_anything(expected, output, is_match):
    assert Step("", "", expected, in_node=False, exit="0").matches(output) is is_match
