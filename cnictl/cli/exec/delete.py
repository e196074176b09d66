"""``cnictl exec del``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnictl.cli.exec.answer import outcome_of
from cnictl.cli.exec.attachment import AttachedOptions
from cnictl.cli.exec.verb import Verb, carry_out
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import takes
from cnictl.runtime.created import CreatedNamespaces

if TYPE_CHECKING:
    from threading import Event

    from cnictl.cli.exec.runs import Answer
    from cnictl.invoke.executor import Executor
    from cnictl.model.attachment import Attachment

app = new_app()


@app.command(cls=Command, epilog="\b\nExample:\n  cnictl exec del pods demo")
@takes(AttachedOptions)
def delete(options: AttachedOptions) -> int:
    """Detach a container from a network; doing so twice is fine.

    Arguments that are not given are those of ADD, from the cache. When the config directory has the network no more,
    the config that the container was added with is taken.
    """
    return carry_out(options, Verb("DEL", lambda *asked: _delete(options, *asked)))


def _delete(options: AttachedOptions, executor: Executor, attachment: Attachment, cancelled: Event | None) -> Answer:
    options.cni(executor, cancelled=cancelled).delete(options.network, attachment)
    notes = []
    if CreatedNamespaces(options.cache).remove(Path(attachment.netns)):
        notes.append(f"removed the network namespace {attachment.netns}, which `add --create-netns` had made")
        options.detail(notes[0])
    return outcome_of(options, "DEL", attachment, notes)
