"""The jobs of the pages about CI run commands that work, and they fail where they should."""

from __future__ import annotations

import re
from contextlib import ExitStack

import pytest

from tests.support.pages import PROJECT, read_page
from tests.support.walk import Step, Walk

PAGES = ["ci-github-actions", "ci-gitlab"]
_COMMAND = re.compile(r"^ *- (?:run: )?(?:sudo )?(?P<command>(?:cnictl|\"\$\(command -v cnictl\)\") .*)$", re.MULTILINE)
_RUNTIME = re.compile(r"\$\{\{ matrix\.runtime \}\}|\"\$RUNTIME\"")


def commands(page: str) -> list[str]:
    """What the jobs of a page run of cnictl, with a value in place of the matrix."""
    blocks = read_page(PROJECT / f"docs/how-to/{page}.md").blocks
    text = "".join(block.text for block in blocks if block.language == "yaml")
    return [_RUNTIME.sub("containerd", found["command"]) for found in _COMMAND.finditer(text)]


def statuses(page: str, *, broken: bool) -> dict[str, int]:
    """How the commands of a page end, in a directory with a config that is good or broken."""
    with ExitStack() as stack:
        walk = Walk(stack, with_node=False)
        path = walk.scratch / "deploy/net.d/10-pods.conflist"
        path.parent.mkdir(parents=True)
        path.write_text(
            (PROJECT / "docs/examples" / ("90-broken" if broken else "30-bridge")).with_suffix(".conflist").read_text()
        )
        steps = [Step("", command, "", in_node=False, exit="0") for command in commands(page)]
        return {step.command: walk.run(step).returncode for step in steps if " try " not in step.command or broken}


@pytest.mark.parametrize("page", PAGES)
def test_a_good_config_passes_every_job(page):
    ended = statuses(page, broken=False)
    assert len(ended) >= 2
    assert set(ended.values()) == {0}


@pytest.mark.parametrize("page", PAGES)
def test_a_broken_config_fails_every_job(page):
    ended = statuses(page, broken=True)
    assert {status for command, status in ended.items() if not command.endswith("|| true")} <= {1, 2}
    assert sum(status != 0 for status in ended.values()) >= 3
