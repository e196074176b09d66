"""``cnictl exec check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.cli.exec.answer import give, outcome_of
from cnictl.cli.exec.options import AttachmentOptions
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import takes
from cnictl.netns.handle import require_netns

if TYPE_CHECKING:
    from cnictl.cli.exec.answer import Answer

app = new_app()


@app.command(cls=Command, epilog="\b\nExample:\n  cnictl exec check pods demo")
@takes(AttachmentOptions)
def check(options: AttachmentOptions) -> int:
    """Ask every plugin whether the attachment is as ADD left it.

    Arguments that are not given are those of ADD, from the cache.
    """
    return give(options, lambda: _check(options))


def _check(options: AttachmentOptions) -> Answer:
    require_netns(options.netns)
    notes = options.cni().check(options.network, options.attachment)
    for note in notes:
        options.say(f"cnictl: note: {note}")
    return outcome_of(options, "CHECK", notes)
