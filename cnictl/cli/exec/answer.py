"""How a verb's answer, or its failure, is given: on stdout for programs, on stderr for people."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cnictl.cli.entry import report_error
from cnictl.errors import (
    ChainFailed,
    CNIError,
    ExitCode,
    IncompatibleVersion,
    InvalidConfig,
    NetworkNotFound,
    PluginError,
)
from cnictl.render import renderer
from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from cnictl.cli.exec.options import RunOptions
    from cnictl.invoke.executor import Recorder
    from cnictl.model.attachment import Attachment

Answer = dict[str, Any]
"""A JSON document: the result of ADD, or an outcome for verbs that have no result."""


def outcome_of(options: RunOptions, verb: str, attachment: Attachment | None, notes: list[str]) -> Answer:
    """What there is to say about a verb without a result; as text that is nothing (``schemas/output/outcome``)."""
    facts: Answer = {"network": options.network.name}
    if attachment is not None:
        facts |= {"containerId": attachment.container_id, "ifname": attachment.ifname}
    return {"schema": "cnictl.outcome/1", "verb": verb, **facts, "notes": notes}


def give(options: RunOptions, work: Callable[[Recorder], Answer]) -> int:
    """Does the work and gives the answer.

    Args:
        options: What the user asked for.
        work: Runs the verb with an executor.

    Returns:
        The exit code.
    """
    recorder = options.recorder()
    with termination_as_interrupt():
        try:
            answer = work(recorder)
        except CNIError as error:
            return fail(options, error, recorder)
        except BaseException:
            if options.trace:
                _trace(options, recorder, None, None)
            raise
    if options.trace:
        _trace(options, recorder, answer, None)
    if options.format == "json":
        if not options.trace:
            write_json(answer, options.out.stream)
    elif "schema" not in answer:
        options.out.stream.write(json.dumps(answer, indent=4) + "\n")
    return ExitCode.OK


def planned(options: RunOptions, work: Callable[[], int]) -> int:
    """Does what runs no plugin; a failure is told as that of a verb is.

    Args:
        options: What the user asked for.
        work: Does it, and says the exit code.

    Returns:
        The exit code.
    """
    try:
        return work()
    except CNIError as error:
        return fail(options, error)


def fail(options: RunOptions, error: CNIError, recorder: Recorder | None = None) -> int:
    """Tells what went wrong.

    Args:
        options: What the user asked for.
        error: What went wrong.
        recorder: The plugin runs; ``None`` when there were none.

    Returns:
        The exit code.
    """
    spoken = error_object(options, error)
    if options.trace and recorder is not None:
        _trace(options, recorder, None, spoken)
    elif options.format == "json":
        write_json(spoken, options.out.stream)
    if isinstance(error, ChainFailed):
        _logged(options, error)
    if isinstance(error, NetworkNotFound):
        for reason in error.refused:
            options.say(f"cnictl: not loaded: {reason}")
    report_error(error)
    return int(error.exit_code)


def _trace(options: RunOptions, recorder: Recorder, result: Answer | None, error: Answer | None) -> None:
    if options.format == "json":
        renderer("trace", "json")(recorder.exchanges, options.out, result=result, error=error)
    else:
        renderer("trace", "text")(recorder.exchanges, options.err)


def _logged(options: RunOptions, error: ChainFailed) -> None:
    """Shows what the plugin that failed wrote to stderr; libcni throws it away when there is an error object."""
    exchange = getattr(error.cause, "exchange", None)
    if exchange is None or options.trace:
        return
    for line in exchange.stderr.decode(errors="replace").rstrip().splitlines()[:20]:
        options.say(f"{error.plugin}: {line}")


_INCOMPATIBLE = 1
_INVALID_CONFIG = 7
_INTERNAL = 999


def error_object(options: RunOptions, error: CNIError) -> Answer:
    """The spec's error object (CNI spec 1.1.0, section 5 "Error")."""
    cause = error.cause if isinstance(error, ChainFailed) else error
    network = options.__dict__.get("network")
    version = {"cniVersion": str(network.version) if network is not None else "1.0.0"}
    if isinstance(cause, PluginError):
        return version | {"code": cause.code, "msg": cause.msg, "details": cause.details}
    return version | {"code": _code(cause), "msg": error.message, "details": error.hint or ""}


def _code(cause: CNIError) -> int:
    if isinstance(cause, IncompatibleVersion):
        return _INCOMPATIBLE
    return _INVALID_CONFIG if isinstance(cause, (InvalidConfig, NetworkNotFound)) else _INTERNAL


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Takes SIGTERM and SIGHUP for Ctrl-C, so that what has begun is undone before the process ends."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # Who asked for deafness to SIGHUP, as nohup does, keeps it.
    wanted = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
