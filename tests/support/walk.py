"""Walks through a page of the manual: runs its commands in order and shows, or checks, what they print.

A block of commands is walked when a comment stands before it::

    <!-- walk: node exit=1 -->
    ```console
    $ cnictl exec add demo.conflist web-0
    output, of which ... stands for anything
    ```

``node`` runs the block in a throwaway node (`tests.support.node`), which needs root. ``exit=N`` is the exit status
of its last command when that is not 0; ``exit=any`` takes every one that a check of a node may have.

Run as a program it shows the commands and what they print, as ``make demo`` does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.support.node import Node, obstacle

PROJECT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(
    r"^(?P<title>#+ [^\n]+)$|^<!-- walk(?::(?P<options>[^>]*))? -->\n```console\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Step:
    """A command of the page.

    Attributes:
        title: The heading above it.
        command: What a user types.
        expected: What it prints, with ``...`` for anything.
        in_node: Whether it runs in the throwaway node.
        exit: Its exit status as text, or ``any``.
    """

    title: str
    command: str
    expected: str
    in_node: bool
    exit: str

    def matches(self, output: str) -> bool:
        """Whether this is what the page says that the command prints."""
        pattern = "".join(_line_pattern(line) for line in self.expected.splitlines(keepends=True))
        return re.fullmatch(pattern, output if output.endswith("\n") or not output else f"{output}\n") is not None

    def ended_well(self, status: int) -> bool:
        """Whether the exit status is the one that the page says."""
        return status in (0, 1) if self.exit == "any" else status == int(self.exit)


def _line_pattern(line: str) -> str:
    if line.strip() == "...":
        return r"(?:.*\n)*"
    return re.escape(line).replace(re.escape("..."), ".*")


def read_steps(page: Path) -> list[Step]:
    """The steps of a page, in order."""
    steps: list[Step] = []
    title = ""
    for match in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        if match["title"]:
            title = match["title"].lstrip("# ")
        else:
            steps += _block(title, (match["options"] or "").split(), match["text"])
    return steps


def _block(title: str, options: list[str], text: str) -> list[Step]:
    exits = [option.removeprefix("exit=") for option in options if option.startswith("exit=")]
    # A prompt begins a command; a line that ends in \ goes on in the next.
    parts = re.split(r"^\$ ((?:.*\\\n)*.*)\n", text, flags=re.MULTILINE)[1:]
    commands = list(zip(parts[::2], parts[1::2], strict=True))
    return [
        Step(title, command, expected, "node" in options, exits[0] if exits and number == len(commands) else "0")
        for number, (command, expected) in enumerate(commands, 1)
    ]


class Walk:
    """Runs steps in a scratch directory that has the project's ``docs`` in it.

    Args:
        stack: Holds the scratch directory and the node, and removes them.
        with_node: Whether there are steps to run in a throwaway node.
    """

    def __init__(self, stack: ExitStack, *, with_node: bool) -> None:
        self.scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cnictl-walk-")))
        (self.scratch / "docs").symlink_to(PROJECT / "docs")
        self.node = stack.enter_context(Node()) if with_node else None
        self.environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def run(self, step: Step, *, show: bool = False) -> subprocess.CompletedProcess[str]:
        """Runs a step; its output goes to this process's when it is to be shown."""
        command = ["sh", "-c", step.command]
        if step.in_node:
            if self.node is None:
                message = "this step needs a throwaway node"
                raise RuntimeError(message)
            command = self.node.inside(command, self.scratch)
        return subprocess.run(
            command,
            cwd=self.scratch,
            env=self.environment,
            stdout=None if show else subprocess.PIPE,
            stderr=None if show else subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )


def show(page: Path) -> int:
    """Shows a walk to a person; steps that cannot be made here are named, with the reason."""
    began = time.monotonic()
    reason = obstacle()
    failed: list[str] = []
    with ExitStack() as stack:
        walk = Walk(stack, with_node=reason is None)
        title = ""
        for step in read_steps(page):
            if step.title != title:
                title = step.title
                _print(f"\n== {title} ==")
                if step.in_node and reason:
                    _print(f"\nnot shown here: {reason}")
            if step.in_node and reason:
                continue
            _print(f"\n$ {step.command}")
            if not step.ended_well(walk.run(step, show=True).returncode):
                failed.append(step.command)
    _print(f"\nThat took {time.monotonic() - began:.0f} s. The tutorial explains it: {page}")
    for command in failed:
        _print(f"This did not end as the tutorial says: {command}")
    return 1 if failed else 0


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # what is printed is the purpose


if __name__ == "__main__":
    raise SystemExit(show(Path(sys.argv[1])))
