"""The options of ``cnictl doctor``, and the examination that they ask for."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnictl.cli.options import BinDir, ConfDir, Talking, bin_dirs, format_option, split_codes
from cnictl.cli.output import Output  # noqa: TC001  # typer reads it
from cnictl.doctor.engine import DEFAULT_TIMEOUT, examine
from cnictl.doctor.facts.runtimes import CHOICES
from cnictl.doctor.node import Node
from cnictl.doctor.registry import Check, all_checks
from cnictl.errors import UsageError
from cnictl.host.local import LocalHost
from cnictl.host.rooted import RootedHost
from cnictl.invoke.executor import ProcessExecutor
from cnictl.report.policy import Policy
from cnictl.text.edit import write_atomically
from cnictl.text.source import STDIN, read_regular, source_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cnictl.host.api import Host
    from cnictl.invoke.executor import Executor
    from cnictl.report.report import Checkup, Symptom


_MODE_OF_DUMP = 0o600
"""For its owner alone: much of it only root may read."""


def _known_runtime(name: str) -> str:
    if name not in CHOICES:
        message = f"{name!r} is no runtime here; there are {', '.join(CHOICES)}"
        raise typer.BadParameter(message)
    return name


@dataclass(kw_only=True, repr=False, eq=False)
class DoctorOptions(Talking):
    """The options of ``cnictl doctor``."""

    root: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Examine the node whose root file system is mounted here; nothing of it is run."
        ),
    ] = None
    conf_dir: ConfDir = None
    bin_dir: BinDir = None
    runtime: Annotated[
        str,
        typer.Option(
            metavar="|".join(CHOICES), callback=_known_runtime, help="The runtime that gives pods their network."
        ),
    ] = "auto"
    cri_socket: Annotated[str | None, typer.Option(metavar="PATH", help="Its socket. [default: found on the node]")] = (
        None
    )
    format: Annotated[str, format_option("checkup")] = "text"
    output: Output = None
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="CHECK", help="Only these: beginnings of codes, names or categories. Repeatable."),
    ] = None
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="CHECK", help="Not these: beginnings of codes, names or categories. Repeatable."),
    ] = None
    list_checks: Annotated[bool, typer.Option("--list", help="List every check and what it reads; run none.")] = False
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="Time for the whole examination.")] = DEFAULT_TIMEOUT
    symptom: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="Only the checks that explain this error message. Repeatable."),
    ] = None
    log: Annotated[
        str | None, typer.Option(metavar="FILE", help="Only the checks that explain what this log says; - for stdin.")
    ] = None
    save: Annotated[
        str | None, typer.Option(metavar="FILE", help="Keep all that is read, without secrets, to be judged elsewhere.")
    ] = None
    from_dump: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Judge what --save has kept; - for stdin.")
    ] = None
    fix: Annotated[bool, typer.Option("--fix", help="Apply the safe fixes, noting each so that it can be undone.")] = (
        False
    )
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what --fix would do; do nothing.")] = False
    undo: Annotated[bool, typer.Option("--undo", help="Undo what the last --fix has done.")] = False

    def wanted(self) -> list[Check]:
        """The checks that the user wants.

        Raises:
            UsageError: A code, name or category matches no check.
        """
        select, ignore = (_names(codes) for codes in (split_codes(self.select), split_codes(self.ignore)))
        policy = Policy(select, ignore)
        unmatched = policy.unmatched(all_checks())
        if unmatched:
            message = f'no check has a code that begins with "{unmatched[0]}", or this name or category'
            raise UsageError(message, hint="`cnictl doctor --list` shows them")
        return [check for check in all_checks() if policy.wants(check)]


def _names(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The patterns with each category replaced by the codes of its checks, and of those that belong to it too."""
    codes: list[str] = []
    for pattern in patterns:
        members = [check.code for check in all_checks() if pattern.lower() in (check.category, *check.tags)]
        codes += members or [pattern]
    return tuple(codes)


class Examination:
    """An examination of a node: of what, and with which checks.

    Args:
        options: What the user asked for.

    Raises:
        UsageError: The options contradict each other, or name no check.
        SourceError: The dump or the log cannot be read.
    """

    def __init__(self, options: DoctorOptions) -> None:
        self.options = options
        self.symptoms = _symptoms(options)
        explaining = {symptom.code for symptom in self.symptoms}
        self.checks = [check for check in options.wanted() if not explaining or check.code in explaining]
        self.host, self.executor, self.settings = self._node()

    def _node(self) -> tuple[Host, Executor | None, dict[str, Any]]:
        """The node, what runs its plugins, and where to look."""
        options = self.options
        if options.from_dump is not None:
            from cnictl.doctor.dump import MAX_BYTES, read_dump

            name = "standard input" if options.from_dump == STDIN else options.from_dump
            dump = read_dump(name, _bytes(options.from_dump, MAX_BYTES))
            return dump.host, dump.executor, dump.settings
        settings = _settings(options)
        if options.root is not None:
            return RootedHost(options.root), None, settings
        return LocalHost(), ProcessExecutor(), settings

    def run(self) -> Checkup:
        """Examines the node, and keeps what was read if that is wanted.

        Raises:
            SourceError: The dump cannot be written.
        """
        save = self.options.save
        return self._timed(self._plain if save is None else partial(self._saved, save))

    def again(self) -> Checkup:
        """Examines the node once more, after something was changed; what is kept is how it was before."""
        return self._timed(self._plain)

    @property
    def bin_dirs(self) -> list[Path]:
        """The node's plugin directories."""
        return [Path(path) for path in self._fresh(self.host, self.executor).bin_dirs]

    def _timed(self, look: Callable[[], Checkup]) -> Checkup:
        began, start = time.time(), time.monotonic()
        checkup = look()
        seconds = round(time.monotonic() - start, 3)
        return replace(checkup, began=began, seconds=seconds, symptoms=self.symptoms)

    def _plain(self) -> Checkup:
        return self._examined(self.host, self.executor)

    def _saved(self, path: str) -> Checkup:
        from cnictl.doctor.dump import RecordingExecutor, write_dump
        from cnictl.host.dump import RecordingHost

        host = RecordingHost(self.host)
        executor = RecordingExecutor(self.executor) if self.executor is not None else None
        checkup = self._examined(host, executor)
        write_atomically(Path(path), write_dump(host, executor, self.settings), mode=_MODE_OF_DUMP)
        return checkup

    def _examined(self, host: Host, executor: Executor | None) -> Checkup:
        return examine(self._fresh(host, executor), self.checks, self.options.timeout)

    def _fresh(self, host: Host, executor: Executor | None) -> Node:
        """The node, of which nothing is known yet."""
        return Node(host, executor, **self.settings)


def _settings(options: DoctorOptions) -> dict[str, Any]:
    """Where to look, as `cnictl.doctor.node.Node` takes it."""
    live = options.root is None
    directories = bin_dirs(options.bin_dir) if options.bin_dir or live else None
    return {
        "conf_dir": options.conf_dir or (os.environ.get("NETCONFPATH") or None if live else None),
        "bin_dirs": [str(path) for path in directories or []] or None,
        "runtime": options.runtime,
        "cri_socket": options.cri_socket,
    }


def _symptoms(options: DoctorOptions) -> tuple[Symptom, ...]:
    """What the error messages and the log say that a check explains.

    Raises:
        UsageError: Something was given, and no check explains it.
    """
    if options.log is None and not options.symptom:
        return ()
    from cnictl.doctor.symptoms import Matcher

    matcher = Matcher(all_checks())
    for text in options.symptom or ():
        matcher.read(text.splitlines())
    if options.log is not None:
        matcher.read(_lines(options.log))
    found = matcher.found()
    if not found:
        what = "this message" if options.log is None else "anything in this log"
        message = f"no check explains {what}"
        raise UsageError(message, hint="`cnictl doctor` without it looks at everything")
    return found


def _lines(path: str) -> Iterable[str]:
    """The lines of a log, one by one: it may be larger than the memory."""
    if path == STDIN:
        sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
        yield from sys.stdin
        return
    try:
        with Path(path).open(errors="replace") as file:
            yield from file
    except OSError as error:
        raise source_error(path, error) from error


def _bytes(path: str, limit: int) -> bytes:
    return sys.stdin.buffer.read(limit) if path == STDIN else read_regular(path, limit=limit)
