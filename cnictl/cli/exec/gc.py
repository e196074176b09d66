"""``cnictl exec gc``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.exec.answer import give, outcome_of, planned
from cnictl.cli.exec.dry import show_plans
from cnictl.cli.exec.options import RunOptions, Unused
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import takes
from cnictl.errors import GCFailed, UsageError
from cnictl.model.attachment import Attachment
from cnictl.render.paper import plural
from cnictl.runtime.created import CreatedNamespaces

if TYPE_CHECKING:
    from cnictl.cli.exec.runs import Answer
    from cnictl.invoke.executor import Executor
    from cnictl.runtime.garbage import Collected

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class GcOptions(RunOptions):
    """The options of ``cnictl exec gc``."""

    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID:IFNAME",
            help="A valid attachment, repeatable; all others are removed. [default: those whose NETNS exists]",
        ),
    ] = None
    unused: Unused = None


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl exec gc pods --dry-run
  cnictl exec gc pods
  cnictl exec gc pods --keep web-1:eth0 --keep web-2:eth0""",
)
@takes(GcOptions)
def gc(options: GcOptions) -> int:
    """Remove what is left of containers that are gone, and of commands that were cut short.

    Unlike cnitool, which deletes every attachment of the network, this keeps those whose network namespace still
    exists.
    """
    if options.dry_run:
        return planned(options, lambda: _show(options))
    return give(options, lambda executor: _gc(options, executor, _valid(options.keep)))


def _show(options: GcOptions) -> int:
    plan = options.cni(options.recorder()).garbage(options.network, _valid(options.keep))
    return show_plans(options, "GC", garbage=plan)


def _valid(keep: list[str] | None) -> list[Attachment] | None:
    """The attachments that the user wants to keep; ``None`` when nothing was said."""
    if keep is None:
        return None
    valid = []
    for text in keep:
        container_id, colon, ifname = text.rpartition(":")
        attachment = Attachment(container_id, "", ifname)
        fault = attachment.fault() if colon else "it is not of the form ID:IFNAME"
        if fault:
            message = f'--keep "{text}" cannot be used: {fault}'
            raise UsageError(message, hint="an example is --keep web-1:eth0")
        valid.append(attachment)
    return valid


def _gc(options: GcOptions, executor: Executor, valid: list[Attachment] | None) -> Answer:
    try:
        collected = options.cni(executor).gc(options.network, valid)
    except GCFailed as error:
        _tidy(options, error.collected)
        for failure in error.failures[1:]:
            error.add_note(str(failure))
        raise
    _tidy(options, collected)
    notes = _notes(collected)
    for note in notes:
        options.say(f"cnictl: {note}")
    return outcome_of(options, "GC", None, notes)


def _tidy(options: GcOptions, collected: Collected) -> None:
    """Removes the network namespaces that were made for containers that are no more."""
    created = CreatedNamespaces(options.cache)
    for entry in (*collected.finished, *collected.removed):
        if entry.netns:
            created.remove(Path(entry.netns))


def _notes(collected: Collected) -> list[str]:
    finished = [f"finished the {entry.verb} of {entry.container_id} {entry.ifname}" for entry in collected.finished]
    removed = [f"removed {entry.container_id} {entry.ifname}" for entry in collected.removed]
    return [*finished, *removed, f"{plural(len(collected.kept), 'attachment')} kept"]
