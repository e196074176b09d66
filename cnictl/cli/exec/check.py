"""``cnictl exec check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.cli.exec.answer import outcome_of
from cnictl.cli.exec.attachment import AttachedOptions
from cnictl.cli.exec.verb import Verb, carry_out
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import takes
from cnictl.netns.handle import require_netns

if TYPE_CHECKING:
    from threading import Event

    from cnictl.cli.exec.runs import Answer
    from cnictl.invoke.executor import Executor
    from cnictl.model.attachment import Attachment

app = new_app()


@app.command(cls=Command, epilog="\b\nExample:\n  cnictl exec check pods demo")
@takes(AttachedOptions)
def check(options: AttachedOptions) -> int:
    """Ask every plugin whether the attachment is as ADD left it.

    Arguments that are not given are those of ADD, from the cache.
    """
    return carry_out(options, Verb("CHECK", lambda *asked: _check(options, *asked)))


def _check(options: AttachedOptions, executor: Executor, attachment: Attachment, cancelled: Event | None) -> Answer:
    require_netns(Path(attachment.netns))
    notes = options.cni(executor, cancelled=cancelled).check(options.network, attachment)
    for note in notes:
        options.say(f"cnictl: note: {note}")
    return outcome_of(options, "CHECK", attachment, notes)
