"""A verb that works on attachments: on one, on many at once, or only in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnictl.cli.exec.answer import give, planned
from cnictl.cli.exec.dry import show_plans
from cnictl.netns.handle import netns_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from threading import Event

    from cnictl.cli.exec.attachment import AttachmentOptions
    from cnictl.cli.exec.runs import Answer
    from cnictl.invoke.executor import Executor
    from cnictl.model.attachment import Attachment


class Verb(NamedTuple):
    """A verb of the protocol, as a command.

    Attributes:
        name: ``ADD``, ``CHECK`` or ``DEL``.
        run: Runs it for an attachment with an executor. The event is set by another thread to call it off.
        prepare: What is to be done once, before the first attachment.
    """

    name: str
    run: Callable[[Executor, Attachment, Event | None], Answer]
    prepare: Callable[[], None] = lambda: None


def carry_out(options: AttachmentOptions, verb: Verb) -> int:
    """Does what the user asked for, for every attachment that is named.

    Returns:
        The exit code.
    """
    if len(options.netns_names) == 1 and not options.dry_run:
        return give(options, lambda executor: _one(options, verb, executor), _watched(options))
    return planned(options, lambda: _dry_or_many(options, verb))


def _dry_or_many(options: AttachmentOptions, verb: Verb) -> int:
    verb.prepare()
    if options.dry_run:
        return show_plans(options, verb.name, options.attachments)
    from cnictl.cli.exec.batch import carry_out_all

    return carry_out_all(options, verb)


def _one(options: AttachmentOptions, verb: Verb, executor: Executor) -> Answer:
    verb.prepare()
    return verb.run(executor, options.attachments[0], None)


def _watched(options: AttachmentOptions) -> Path | None:
    """The namespace to look at; a name that is none is told as an error of the verb, which reads it too."""
    return netns_path(options.netns_names[0]) if options.changes else None
