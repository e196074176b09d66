"""``cnictl exec status``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnictl.cli.exec.answer import give, outcome_of, planned
from cnictl.cli.exec.dry import show_plans
from cnictl.cli.exec.options import RunOptions, Unused
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import takes
from cnictl.model.version import VERB_SINCE

if TYPE_CHECKING:
    from cnictl.cli.exec.runs import Answer
    from cnictl.invoke.executor import Executor

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class StatusOptions(RunOptions):
    """The options of ``cnictl exec status``."""

    unused: Unused = None


@app.command(cls=Command, epilog="\b\nExample:\n  cnictl exec status pods")
@takes(StatusOptions)
def status(options: StatusOptions) -> int:
    """Ask every plugin whether it could attach a container now.

    A plugin that is not ready answers with code 50, or with 51 when running containers may be cut off too. Networks
    before cniVersion 1.1.0 have no STATUS: for them nothing is run, as in libcni.
    """
    if options.dry_run:
        return planned(options, lambda: show_plans(options, "STATUS"))
    return give(options, lambda executor: _status(options, executor))


def _status(options: StatusOptions, executor: Executor) -> Answer:
    asked = options.cni(executor).status(options.network)
    since = VERB_SINCE["STATUS"]
    nobody = f"nothing was asked: STATUS needs cniVersion {since}, and the config says {options.network.version}"
    note = f"ready: {', '.join(asked)}" if asked else nobody
    options.say(f"cnictl: {note}")
    return outcome_of(options, "STATUS", None, [note])
