"""What each picture shows: a command, and what it writes to a terminal."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnictl.cli.entry import run
from cnictl.cli.terminal import paper_on
from cnictl.render import renderer
from docs.pictures import recorded
from docs.pictures.terminal import on_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnictl.render.paper import Paper

WIDTH = 92
"""Columns of the terminal."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_GAP = "\x1b[2m...\x1b[0m"


@dataclass(frozen=True)
class Scene:
    """A picture.

    Attributes:
        name: What its files are called.
        command: What a user types.
        about: What is seen, for those who cannot see it.
        write: Writes what was recorded of the command; ``None`` for one that is run each time.
        gaps: What is left out: from the line that matches the first pattern to the one that matches the second.
    """

    name: str
    command: str
    about: str
    write: Callable[[Paper], None] | None = None
    gaps: tuple[tuple[str, str], ...] = ()

    def shown(self) -> str:
        """The command and what it shows, with escape sequences for colours."""
        lines = self._written().rstrip().splitlines()
        for start, end in self.gaps:
            first, last = _line(lines, start), _line(lines, end)
            lines[first:last] = [_GAP]
        return "\n".join([f"\x1b[1m$ {self.command}\x1b[0m", *lines])

    def _written(self) -> str:
        with on_terminal(WIDTH) as terminal:
            if self.write is None:
                run(shlex.split(self.command)[1:])
            else:
                self.write(paper_on(sys.stdout))
        return terminal.text()


def _line(lines: list[str], pattern: str) -> int:
    """The number of the first line that begins as a pattern says."""
    return next(number for number, line in enumerate(lines) if re.match(pattern, _COLOURS.sub("", line)))


def show_trace(paper: Paper) -> None:
    """Writes what ``exec add --trace`` has shown."""
    renderer("trace", "text")(recorded.exchanges(), paper)


def show_trial(paper: Paper) -> None:
    """Writes what ``try`` has shown."""
    renderer("trial", "text")(recorded.trial(), paper)


def show_attachments(paper: Paper) -> None:
    """Writes what ``attachments`` has shown."""
    renderer("attachments", "text")(recorded.inventory(), paper)
    paper.line("`cnictl exec gc pods` removes what is stale.")


SCENES = (
    Scene(
        "validate",
        "cnictl validate docs/examples/90-broken.conflist --select CNI305,CNI508",
        "cnictl validate shows two findings, each with the lines of the file, a caret, the reason and the fix.",
    ),
    Scene(
        "exec-trace",
        "cnictl exec add demo.conflist web-0 --create-netns --trace >result.json",
        "cnictl exec --trace shows each run of the plugin bridge: environment, stdin, stdout, exit status, time.",
        show_trace,
    ),
    Scene(
        "doctor",
        "cnictl doctor --root docs/tutorial/broken-node",
        "cnictl doctor names the root cause of a broken node, what to do next, and what else is wrong.",
        gaps=(
            ("also     /etc/cni", "also     the plugin"),
            ("also     the net", "node "),
            ("config files", r"\d+ checks:"),
        ),
    ),
    Scene(
        "try",
        "cnictl try 10-pods.conflist --port 8080:80",
        "cnictl try lists its steps; that which asks a hostPort failed, with the cause, the place and the fix.",
        show_trial,
        (("ok    CNI906", "ok    CNI910"), ("skip  CNI912", "ok    CNI924")),
    ),
    Scene(
        "attachments",
        "cnictl attachments",
        "cnictl attachments lists containers with addresses and ports; one is gone, and an address is leaked.",
        show_attachments,
    ),
)
