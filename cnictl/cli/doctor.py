"""``cnictl doctor``."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.lazy import CommandGroup, Entry, new_app
from cnictl.cli.options import BinDir, ConfDir, Talking, bin_dirs, format_option, split_codes, takes
from cnictl.cli.output import Output, answer
from cnictl.doctor.engine import DEFAULT_TIMEOUT, examine
from cnictl.doctor.node import Node
from cnictl.doctor.registry import Check, all_checks
from cnictl.errors import ExitCode, UsageError
from cnictl.host.local import LocalHost
from cnictl.host.rooted import RootedHost
from cnictl.invoke.executor import ProcessExecutor
from cnictl.render import renderer
from cnictl.render.order import is_well
from cnictl.report.policy import Policy

if TYPE_CHECKING:
    from cnictl.report.report import Checkup


class DoctorGroup(CommandGroup):
    """``cnictl doctor``, and what is done with its reports."""

    table = (Entry("merge", "cnictl.cli.fleet", "Fold the JSON reports of many nodes into one view."),)


app = new_app(cls=DoctorGroup)


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

    def checks(self) -> list[Check]:
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
    """The patterns with each category replaced by the codes of its checks."""
    codes: list[str] = []
    for pattern in patterns:
        members = [check.code for check in all_checks() if check.category == pattern.lower()]
        codes += members or [pattern]
    return tuple(codes)


@app.callback(
    epilog="""\b
Examples:
  cnictl doctor
  cnictl doctor --root /host        in a container, with / mounted at /host
  cnictl doctor --select versions,CNI804 -v
  cnictl doctor -f json | jq '.checks[] | select(.status == "fail")'
  cnictl doctor -f html -o node.html
  cnictl doctor merge reports/

\b
Exit status: 0 nothing failed, 1 a check failed, 2 a check broke.""",
)
@takes(DoctorOptions)
def doctor(options: DoctorOptions) -> int:
    """Find out why a node has no network, and what to do about it.

    Reads the network configs, the plugins, the kernel's settings and how the kubelet is started. Changes nothing, and
    runs nothing but the plugins' VERSION. What cannot be known is skipped, with the reason.
    """
    if options.timeout <= 0:
        message = f"--timeout is {options.timeout:g}, and it must be more than 0"
        raise UsageError(message)
    checks = options.checks()
    if options.list_checks:
        _list(checks, options)
        return ExitCode.OK
    checkup = _examined(options, checks)
    with answer(options.out, options.output) as paper:
        renderer("checkup", options.format)(checkup, paper, verbose=options.verbose)
    if options.format == "text" and not is_well(checkup):
        options.say("`cnictl explain CODE` tells more about a code.")
    return _exit_code(checkup)


def _examined(options: DoctorOptions, checks: list[Check]) -> Checkup:
    began, start = time.time(), time.monotonic()
    checkup = examine(_node(options), checks, options.timeout)
    return replace(checkup, began=began, seconds=round(time.monotonic() - start, 3))


def _node(options: DoctorOptions) -> Node:
    directories = bin_dirs(options.bin_dir) if options.bin_dir or options.root is None else None
    settings = {"conf_dir": options.conf_dir, "bin_dirs": [str(path) for path in directories or []] or None}
    if options.root is not None:
        return Node(RootedHost(options.root), **settings)  # type: ignore[arg-type]
    return Node(LocalHost(), ProcessExecutor(), **settings)  # type: ignore[arg-type]


def _list(checks: list[Check], options: DoctorOptions) -> None:
    for check in checks:
        options.out.paragraph((f"{check.code}  ", "bold"), f"{check.name} ({check.category}): reads {check.reads}")


def _exit_code(checkup: Checkup) -> ExitCode:
    counts = checkup.counts()
    if counts["fail"]:
        return ExitCode.NO
    return ExitCode.UNABLE if counts["error"] else ExitCode.OK
