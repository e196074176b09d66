"""How a run of a scripted plugin goes, as lines for the shell that runs it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cnictl.errors import UsageError


@dataclass(frozen=True)
class Behaviour:
    """How a run goes; `ScriptedPlugin.on` says what each part means.

    Attributes:
        stdout: What it prints; ``None`` is what an unscripted run prints.
        stderr: What it logs.
        status: Its exit status, 0 to 255.
        signal: The number of the signal that ends it instead.
        delay: Seconds before it answers.
        child: Seconds for which a child of it lives on, or ``None``.
        flood: How many bytes it prints besides.
        reads_stdin: Whether it reads its stdin.
        shell: Lines of shell that it runs before it answers.
    """

    stdout: bytes | None = None
    stderr: bytes = b""
    status: int = 0
    signal: int | None = None
    delay: float = 0.0
    child: float | None = None
    flood: int = 0
    reads_stdin: bool = True
    shell: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.status <= 255:  # noqa: PLR2004  # what wait(2) has room for
            raise UsageError(f"an exit status is a number from 0 to 255, not {self.status}")
        if min(self.delay, self.flood, self.child or 0) < 0:
            raise UsageError("delay, child and flood cannot be less than 0")
        if self.signal is not None and not 1 <= self.signal <= 64:  # noqa: PLR2004  # the signals of Linux
            raise UsageError(f"there is no signal {self.signal:d}")

    def script(self) -> str:
        """The lines that do it; they use what `cnictl.testing.scripted` puts before them."""
        lines = [
            "take" if self.reads_stdin else "",
            self.shell,
            "" if self.child is None else f'sleep {self.child:f} & echo $! >"$call.child"',
            f"{print_command(self.stderr)} >&2" if self.stderr else "",
            # Whoever ends the plugin alone leaves this child behind, which must not hold the pipes then.
            f"sleep {self.delay:f} </dev/null >/dev/null 2>&1" if self.delay else "",
            self._answer(),
            f"head -c {self.flood} /dev/zero | tr '\\000' x" if self.flood else "",
            "" if self.signal is None else f"kill -{self.signal:d} $$",
            f"exit {self.status}",
        ]
        return "".join(f"{line}\n" for line in lines if line)

    def _answer(self) -> str:
        if self.stdout is not None:
            return print_command(self.stdout)
        return "answer" if self.status == 0 and self.signal is None else ""


def print_command(data: bytes) -> str:
    """The command that prints these bytes; the shell itself does so, which is faster than any program."""
    text = re.sub(r"[^ -~]|[%\\']", lambda match: f"\\{ord(match[0]):03o}", data.decode("latin-1"))
    return f"printf '{text}'" if text else ""
