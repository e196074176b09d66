"""Walks through a page of the manual: runs its commands in order and shows, or checks, what they print.

`tests.support.pages` tells how a page says what is run. Run as a program this shows the commands of a page and what
they print, as ``make demo`` does.
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
from typing import TYPE_CHECKING

from tests.support.node import Node, obstacle
from tests.support.pages import PROJECT, Block, Page, read_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECONDS = 60
_AS_ROOT = '#!/bin/sh\nexec "$@"\n'


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


def read_steps(path: Path) -> list[Step]:
    """The commands of a page that are run, in order."""
    return [step for block in read_page(path).blocks for step in steps_of(block)]


def steps_of(block: Block) -> list[Step]:
    """The commands of a block that are run; none if it has no such mark."""
    if block.kind != "walk" or block.language != "console":
        return []
    # A prompt begins a command; a line that ends in \ goes on in the next. Root's prompt is one only in a block that
    # begins with it, for output may begin so, too.
    prompt = r"[$#]" if block.text.startswith("# ") else r"\$"
    parts = re.split(rf"^{prompt} ((?:.*\\\n)*.*)\n", block.text, flags=re.MULTILINE)[1:]
    commands = list(zip(parts[::2], parts[1::2], strict=True))
    last = block.option("exit", "0")
    return [
        Step(block.title, command, expected, block.in_node, last if number == len(commands) else "0")
        for number, (command, expected) in enumerate(commands, 1)
    ]


class Walk:
    """Runs what a page says in a scratch directory that has the project's ``docs`` in it.

    Args:
        stack: Holds the scratch directory and the node, and removes them.
        with_node: Whether there are steps to run in a throwaway node.
        environment: What commands are given besides.
    """

    def __init__(self, stack: ExitStack, *, with_node: bool, environment: dict[str, str] | None = None) -> None:
        self.scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cnictl-walk-")))
        (self.scratch / "docs").symlink_to(PROJECT / "docs")
        self.node = stack.enter_context(Node()) if with_node else None
        programs = [str(Path(sys.executable).parent)]
        if with_node:
            programs.insert(0, _as_root(stack))
        self.environment = os.environ | {"PATH": os.pathsep.join([*programs, os.environ["PATH"]])}
        for name, value in (environment or {}).items():
            self.environment[name] = value.replace("$PWD", str(self.scratch))

    def run(self, step: Step, *, show: bool = False) -> subprocess.CompletedProcess[str]:
        """Runs a step; its output goes to this process's when it is to be shown."""
        return self._run(["sh", "-c", step.command], in_node=step.in_node, show=show)

    def prepare(self, block: Block) -> subprocess.CompletedProcess[str] | None:
        """Writes the file that a block is, or runs hidden commands or Python; nothing for a block with commands."""
        if block.file:
            path = self.scratch / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a" if "more" in block.words else "w", encoding="utf-8") as file:
                file.write(block.text)
        if block.kind == "setup":
            return self._run(["sh", "-ec", block.text], in_node=block.in_node)
        if block.kind == "walk" and block.language == "python":
            return self._run([sys.executable, "-c", block.text], in_node=block.in_node)
        return None

    def _run(self, command: list[str], *, in_node: bool, show: bool = False) -> subprocess.CompletedProcess[str]:
        if in_node:
            if self.node is None:
                message = "this step needs a throwaway node"
                raise RuntimeError(message)
            command = self.node.inside(command, self.scratch)
        return subprocess.run(
            command,
            cwd=self.scratch,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=None if show else subprocess.PIPE,
            stderr=None if show else subprocess.STDOUT,
            text=True,
            check=False,
            timeout=SECONDS,
        )


def _as_root(stack: ExitStack) -> str:
    """A directory with a ``sudo`` that only runs its command: whoever has a throwaway node is root already."""
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="cnictl-sudo-"))
    program = Path(directory, "sudo")
    program.write_text(_AS_ROOT)
    program.chmod(0o755)
    return directory


def complaints(page: Page, *, with_node: bool) -> Iterator[str]:
    """What is not as the page says.

    Args:
        page: The page.
        with_node: Whether to run what needs a throwaway node; it is left out otherwise.
    """
    with ExitStack() as stack:
        walk = Walk(stack, with_node=with_node and page.needs_node, environment=page.environment)
        for block in page.blocks:
            if block.in_node and not with_node:
                continue
            prepared = walk.prepare(block)
            if prepared is not None and prepared.returncode:
                yield f"{page.name}:{block.line}: exit {prepared.returncode}\n{prepared.stdout}"
            yield from _wrong_steps(page, block, walk)


def _wrong_steps(page: Page, block: Block, walk: Walk) -> Iterator[str]:
    for step in steps_of(block):
        done = walk.run(step)
        if not step.ended_well(done.returncode) or not step.matches(done.stdout):
            there = f"$ {step.command}\n{done.stdout}exit {done.returncode}"
            yield f"{page.name}:{block.line}: {there}, and the page says exit {step.exit}\n{step.expected}"


def show(path: Path) -> int:
    """Shows a walk to a person; steps that cannot be made here are named, with the reason."""
    began = time.monotonic()
    reason = obstacle()
    page = read_page(path.resolve())
    with ExitStack() as stack:
        walk = Walk(stack, with_node=reason is None, environment=page.environment)
        failed = list(_shown(page.blocks, walk, reason))
    _print(f"\nThat took {time.monotonic() - began:.0f} s. The tutorial explains it: {path}")
    for command in failed:
        _print(f"This did not end as the tutorial says: {command}")
    return 1 if failed else 0


def _shown(blocks: Iterable[Block], walk: Walk, reason: str | None) -> Iterator[str]:
    """Shows the steps, and gives back those that ended otherwise than they should."""
    title = ""
    for block in blocks:
        if block.in_node and reason:
            if block.title != title:
                title = block.title
                _print(f"\n== {title} ==\n\nnot shown here: {reason}")
            continue
        walk.prepare(block)
        for step in steps_of(block):
            if step.title != title:
                title = step.title
                _print(f"\n== {title} ==")
            _print(f"\n$ {step.command}")
            if not step.ended_well(walk.run(step, show=True).returncode):
                yield step.command


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # what is printed is the purpose


if __name__ == "__main__":
    raise SystemExit(show(Path(sys.argv[1])))
