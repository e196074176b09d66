"""Real shells on a terminal, in which somebody types ``cnictl``, presses TAB, and then Enter."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Self

import pytest

from tests.support.command import PROJECT
from tests.support.skips import cannot_test

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

SHELLS = ("bash", "zsh", "fish")
SCRIPTS = PROJECT / "completions"
SECONDS = 20

# It answers shells as cnictl does. Whatever else it is called with it prints: that is what the user would have run.
_PROGRAM = f"""#!/bin/sh
case $1 in (__complete|completion) exec {sys.executable} -m cnictl "$@" ;; esac
exec {sys.executable} -S -c 'import json, sys; print("<", json.dumps(sys.argv[1:]), ">", sep="")' "$@"
"""

_STARTS = {
    "bash": "PS1='$ '; bind 'set enable-bracketed-paste off'; {load}\n",
    "zsh": (
        "PS1='$ '; unset zle_bracketed_paste; {before}; autoload -Uz compinit; compinit -u -d dump; {style}; {load}\n"
    ),
    "fish": (
        "function fish_prompt; echo -n '$ '; end; set -g fish_greeting; set -g fish_autosuggestion_enabled 0; {load}\n"
    ),
}
_LOADS = {
    "bash": f"source {SCRIPTS}/cnictl.bash",
    "zsh": "",
    "fish": f"source {SCRIPTS}/cnictl.fish",
}
_CONTROL = r"\x1b(?:\[[0-9;?]*[A-Za-z]|\(B)|[\x00-\x08\x0b-\x1f]"
_COMMANDS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}


def require_shell(name: str) -> None:
    """Skips a test where its shell is not installed; with ``CI`` set it fails instead.

    Args:
        name: ``bash``, ``zsh`` or ``fish``.
    """
    if shutil.which(name) is None:
        cannot_test(f"with {name}", "it is not installed: `CI=1 .ci/packages` installs it")


def write_program(path: Path) -> None:
    """Writes a program that completes as cnictl does, and otherwise prints its arguments.

    Args:
        path: Where it is to lie.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_PROGRAM)
    path.chmod(0o755)


class Shell:
    """A shell on a terminal, in which ``cnictl`` is completed.

    Args:
        name: ``bash``, ``zsh`` or ``fish``.
        home: A directory of its own, where it stands.
        style: Settings of zsh.
        inside: What starts it in a throwaway node.
        start: What loads the completion; the script of this tree when empty.
        environment: Variables to set.
    """

    def __init__(
        self, name: str, home: Path, style: str = "", inside: Sequence[str] = (), start: str = "", **environment: str
    ) -> None:
        self.name, self.home = name, home
        write_program(home / ".bin" / "cnictl")
        settings = {
            "PATH": f"{home}/.bin:{os.environ['PATH']}",
            "HOME": str(home),
            "TERM": "xterm",
            "PYTHONPATH": str(PROJECT),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "200",
            "LINES": "100",
        }
        self._ours, its = pty.openpty()
        self._process = subprocess.Popen(
            [*inside, "setsid", "--ctty", *_COMMANDS[name]],
            stdin=its,
            stdout=its,
            stderr=its,
            cwd=home,
            env=settings | environment,
        )
        os.close(its)
        before = "" if start else f"fpath=({SCRIPTS} $fpath)"
        self._type(_STARTS[name].format(before=before, style=style, load=start or _LOADS[name]))
        self._type("echo rea''dy\n")
        self._read_until("ready")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGHUP)
        os.close(self._ours)
        self._process.wait(timeout=SECONDS)

    def run(self, typed: str) -> list[str]:
        """The arguments with which the program is run when a user types this, TAB and Enter.

        Args:
            typed: What is typed; a TAB in it is pressed where it stands.
        """
        return self.shown(typed)[1]

    def shown(self, typed: str) -> tuple[str, list[str]]:
        """What the terminal shows meanwhile, without its control sequences, and the arguments."""
        # The shell reads Enter only when it is done with TAB, however long that takes.
        self._type(f"{typed}\n" if "\t" in typed else f"{typed}\t\n")
        text = self._read_until(r"<\[.*\]>")
        return re.sub(_CONTROL, " ", text), list(json.loads(re.findall(r"<(\[.*?\])>", text)[-1]))

    def _type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def _read_until(self, pattern: str) -> str:
        text = ""
        while not re.search(pattern, text):
            if not select.select([self._ours], [], [], SECONDS)[0]:
                self._type("\x03")  # so that the next line is not affected
                pytest.fail(f"{self.name} says nothing more: {text!r}")
            text += os.read(self._ours, 65536).decode(errors="replace")
        return text
