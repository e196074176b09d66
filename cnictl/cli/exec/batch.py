"""Many attachments at once: one failure does not stop the others, and all are told at the end."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cnictl.cli.exec.answer import error_object, termination_as_interrupt
from cnictl.cli.terminal import is_plain
from cnictl.errors import CNIError, ExitCode, UsageError
from cnictl.render import renderer
from cnictl.render.batch.text import Done
from cnictl.render.paper import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnictl.cli.exec.attachment import AttachmentOptions
    from cnictl.cli.exec.verb import Verb
    from cnictl.model.attachment import Attachment

_LOOK = 0.1
"""Seconds between two looks at what is going on."""


def carry_out_all(options: AttachmentOptions, verb: Verb) -> int:
    """Runs a verb for every attachment, several at a time.

    Returns:
        The exit code: 1 when a plugin refused, 2 when something could not be done, 130 when it was interrupted.
    """
    if options.changes:
        message = "--changes looks at one NETNS: what several runs change at once cannot be told apart"
        raise UsageError(message, hint="name one NETNS, or leave --changes out")
    options.recorder()  # a limit that is none is told before anything is done
    network = options.network
    batch = _Batch(options, verb)
    interrupted = batch.run()
    renderer("batch", options.format)(verb.name, network.name, batch.done, options.out)
    failed = [done for done in batch.done if done.error is not None]
    for done in failed:
        options.err.line(f"cnictl: {done.attachment.netns}: {done.message}")
        for note in done.notes:
            options.err.line(f"  {note}")
    if failed:
        options.err.line(f"cnictl: {len(failed)} of {plural(len(batch.done), 'attachment')} failed")
    if interrupted:
        options.err.line(f"cnictl: interrupted: {plural(batch.left, 'attachment')} not begun")
        return ExitCode.INTERRUPTED
    return min((done.exit_code for done in failed), default=ExitCode.OK)


class _Batch:
    """The attachments that are being worked on."""

    def __init__(self, options: AttachmentOptions, verb: Verb) -> None:
        self.options = options
        self.verb = verb
        self.done: list[Done] = []
        self.cancelled = threading.Event()
        self.left = 0

    def run(self) -> bool:
        """Works until all is done; whether it was interrupted."""
        attachments = self.options.attachments
        interrupted = False
        with ThreadPoolExecutor(_jobs(self.options)) as pool, termination_as_interrupt():
            futures = [pool.submit(self._one, attachment) for attachment in attachments]
            try:
                self._watch(futures)
            except KeyboardInterrupt:
                interrupted = True
                self._call_off(futures)
        ended = [future for future in futures if not future.cancelled()]
        self.left = len(futures) - len(ended)
        self.done = [future.result() for future in ended]
        return interrupted

    def _call_off(self, futures: list[Future[Done]]) -> None:
        """Begins nothing more, and lets what has begun undo itself."""
        self.cancelled.set()
        for future in futures:
            future.cancel()
        running = sum(not future.done() for future in futures)
        self.options.say(f"cnictl: stopping; waiting for {plural(running, 'attachment')} to be undone or ended")
        wait(futures)

    def _watch(self, futures: list[Future[Done]]) -> None:
        with _progress(self.options, len(futures)) as show:
            while wait(futures, timeout=_LOOK).not_done:
                show(sum(future.done() for future in futures))

    def _one(self, attachment: Attachment) -> Done:
        began = time.monotonic()
        recorder = self.options.recorder()
        done = Done(attachment, recorder.exchanges if self.options.trace else None)
        try:
            done.answer = self.verb.run(recorder, attachment, self.cancelled)
        except CNIError as error:
            done.fail(error, error_object(self.options, error))
        except KeyboardInterrupt as error:
            done.fail(error, None)
        done.seconds = time.monotonic() - began
        return done


def _jobs(options: AttachmentOptions) -> int:
    if options.jobs is None:
        import os

        return os.cpu_count() or 1
    if options.jobs < 1:
        message = f"--jobs is {options.jobs}, and it must be 1 or more"
        raise UsageError(message)
    return options.jobs


@contextmanager
def _progress(options: AttachmentOptions, total: int) -> Iterator[Callable[[int], None]]:
    """A line on the terminal that says how many are done; nothing where stderr is none."""
    shown = sys.stderr.isatty() and not is_plain() and not options.quiet and not options.verbose

    def show(number: int) -> None:
        if shown:
            sys.stderr.write(f"\r{number} of {total} done")
            sys.stderr.flush()

    try:
        yield show
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
