"""``--dry-run``: what would be run, without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.errors import ExitCode
from cnictl.render import renderer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnictl.cli.exec.options import RunOptions
    from cnictl.model.attachment import Attachment
    from cnictl.runtime.garbage import Plan


def show_plans(
    options: RunOptions, verb: str, attachments: Sequence[Attachment | None] = (None,), garbage: Plan | None = None
) -> int:
    """Shows which plugins would be asked what.

    Args:
        options: What the user asked for.
        verb: The command.
        attachments: The containers; one ``None`` for a verb that is about the network.
        garbage: What GC would remove first.

    Returns:
        The exit code.

    Raises:
        CNIError: It could not be run either.
    """
    cni = options.cni(options.recorder())
    valid = [entry.attachment for entry in garbage.kept] if garbage is not None else None
    asked = [
        invocation for attachment in attachments for invocation in cni.dry_run(verb, options.network, attachment, valid)
    ]
    renderer("plan", options.format)(verb, options.network.name, asked, options.out, garbage=garbage)
    return ExitCode.OK
