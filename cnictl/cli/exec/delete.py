"""``cnictl exec del``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.cli.exec.answer import give, outcome_of
from cnictl.cli.exec.options import AttachmentOptions
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import takes
from cnictl.runtime.created import CreatedNamespaces

if TYPE_CHECKING:
    from cnictl.cli.exec.answer import Answer

app = new_app()


@app.command(cls=Command, epilog="\b\nExample:\n  cnictl exec del pods demo")
@takes(AttachmentOptions)
def delete(options: AttachmentOptions) -> int:
    """Detach a container from a network; doing so twice is fine.

    Arguments that are not given are those of ADD, from the cache.
    """
    return give(options, lambda: _delete(options))


def _delete(options: AttachmentOptions) -> Answer:
    options.cni().delete(options.network, options.attachment)
    notes = []
    if CreatedNamespaces(options.cache).remove(options.netns):
        notes.append(f"removed the network namespace {options.netns}, which `add --create-netns` had made")
        options.detail(notes[0])
    return outcome_of(options, "DEL", notes)
