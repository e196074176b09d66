"""The tutorial of the demo has what the demo is to show. `tests.docs.test_pages` runs it."""

from __future__ import annotations

from tests.support.pages import PROJECT
from tests.support.walk import read_steps


def test_the_page_has_the_steps_of_the_main_job():
    steps = read_steps(PROJECT / "docs/tutorial/first-network.md")
    commands = " ".join(step.command for step in steps)
    for part in ("validate docs/examples/", "generate bridge", "exec add", "exec check", "exec del", "cnictl doctor"):
        assert part in commands
    assert {step.title for step in steps if step.in_node} == {"Attach a container"}


def test_the_broken_node_is_mended_by_what_the_page_says():
    steps = read_steps(PROJECT / "docs/tutorial/broken-node.md")
    causes = [step.expected.splitlines()[0] for step in steps if step.expected.startswith("cause")]
    assert [cause[-8:] for cause in causes] == ["(CNI811)", "(CNI802)", "(CNI804)"]
    assert any(step.expected.startswith("everything that could be looked at is well") for step in steps)
