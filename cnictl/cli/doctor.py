"""``cnictl doctor``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnictl.cli.examination import DoctorOptions, Examination
from cnictl.cli.lazy import CommandGroup, Entry, new_app
from cnictl.cli.options import cache_dir, takes
from cnictl.cli.output import answer
from cnictl.errors import ExitCode, UsageError
from cnictl.render import formats, renderer
from cnictl.render.order import is_well
from cnictl.report.repair import RepairStatus

if TYPE_CHECKING:
    from pathlib import Path

    from cnictl.doctor.repair.plan import Mender
    from cnictl.report.report import Checkup


class DoctorGroup(CommandGroup):
    """``cnictl doctor``, and what is done with its reports."""

    table = (Entry("merge", "cnictl.cli.fleet", "Fold the JSON reports of many nodes into one view."),)


app = new_app(cls=DoctorGroup)


@app.callback(
    epilog="""\b
Examples:
  cnictl doctor
  cnictl doctor --root /host        in a container, with / mounted at /host
  cnictl doctor --select versions,CNI804 -v
  cnictl doctor -f json | jq '.checks[] | select(.status == "fail")'
  cnictl doctor -f html -o node.html
  cnictl doctor --symptom 'failed to find plugin "loopback" in path'
  journalctl -u kubelet | cnictl doctor --log -
  cnictl doctor --fix --dry-run     then --fix, and --undo if need be
  cnictl doctor --save node.json    and --from node.json elsewhere
  cnictl doctor merge reports/

\b
Exit status: 0 nothing failed, 1 a check failed, or a fix did, 2 a check
broke.""",
)
@takes(DoctorOptions)
def doctor(options: DoctorOptions) -> int:
    """Find out why a node has no network, and what to do about it.

    Reads the network configs, the plugins, the runtime, the kubelet, the kernel, the packet filter and what pods have
    left. Changes nothing without --fix, and runs nothing but the plugins' VERSION and tools that show rules. What
    cannot be known is skipped, with the reason.
    """
    _require_sense(options)
    if options.undo:
        return _undo(options)
    if options.list_checks:
        _list(options)
        return ExitCode.OK
    examination = Examination(options)
    checkup = examination.run()
    if options.fix or options.dry_run:
        checkup = _mended(options, examination, checkup)
    with answer(options.out, options.output) as paper:
        renderer("checkup", options.format)(checkup, paper, verbose=options.verbose)
    if options.format == "text" and not is_well(checkup):
        options.say("`cnictl explain CODE` tells more about a code.")
    return _exit_code(checkup)


def _require_sense(options: DoctorOptions) -> None:
    """Refuses options that contradict each other.

    Raises:
        UsageError: They do.
    """
    if options.timeout <= 0:
        message = f"--timeout is {options.timeout:g}, and it must be more than 0"
        raise UsageError(message)
    elsewhere = "--root" if options.root else "--from" if options.from_dump else None
    if elsewhere and (options.fix or options.undo):
        message = f"--{'fix' if options.fix else 'undo'} works on the node itself, and {elsewhere} names another one"
        raise UsageError(message, hint="run cnictl on that node")
    if options.root and options.from_dump:
        message = "--root and --from name two nodes"
        raise UsageError(message)
    if options.undo and (options.fix or options.dry_run):
        message = "--undo undoes, and --fix and --dry-run do not"
        raise UsageError(message)


def _mended(options: DoctorOptions, examination: Examination, checkup: Checkup) -> Checkup:
    """What is to be done, or what became of it and how the node is afterwards."""
    from cnictl.doctor.repair.plan import plan

    repairs = tuple(plan(checkup.findings()))
    if options.dry_run or not repairs:
        if not repairs:
            options.say("there is nothing that could be mended without a decision of yours")
        return replace(checkup, repairs=repairs)
    done = []
    for repair in _mender(examination.bin_dirs).mend(repairs):
        options.detail(f"{repair.code}: {repair.status.value}")
        done.append(repair)
    return replace(examination.again(), repairs=tuple(done))


def _undo(options: DoctorOptions) -> int:
    names = formats("repairs")
    if options.format not in names:
        message = f"--undo has the formats {' and '.join(names)}"
        raise UsageError(message)
    undone = tuple(_mender().undo())
    with answer(options.out, options.output) as paper:
        renderer("repairs", options.format)(undone, paper)
    return ExitCode.OK if all(repair.status is RepairStatus.UNDONE for repair in undone) else ExitCode.NO


def _mender(bin_dirs: list[Path] | None = None) -> Mender:
    """What does repairs and undoes them.

    Args:
        bin_dirs: Where the plugins lie that do a repair; undoing runs none.
    """
    from cnictl.doctor.repair.detaching import detacher
    from cnictl.doctor.repair.plan import Mender

    directory = cache_dir(None)
    return Mender(directory, detacher(directory, bin_dirs))


def _list(options: DoctorOptions) -> None:
    for check in options.wanted():
        options.out.paragraph((f"{check.code}  ", "bold"), f"{check.name} ({check.category}): reads {check.reads}")


def _exit_code(checkup: Checkup) -> ExitCode:
    counts = checkup.counts()
    if counts["fail"] or any(repair.status is RepairStatus.FAILED for repair in checkup.repairs):
        return ExitCode.NO
    return ExitCode.UNABLE if counts["error"] else ExitCode.OK
