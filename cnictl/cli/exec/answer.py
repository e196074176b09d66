"""How a verb's answer, or its failure, is given: on stdout for programs, on stderr for people."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cnictl.cli.entry import report_error
from cnictl.errors import ChainFailed, CNIError, ExitCode, InvalidConfig, NetworkNotFound, PluginError
from cnictl.render import renderer
from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from cnictl.cli.exec.options import AttachmentOptions

Answer = dict[str, Any]
"""A JSON document: the result of ADD, or an outcome for verbs that have no result."""


def outcome_of(options: AttachmentOptions, verb: str, notes: list[str]) -> Answer:
    """What there is to say about a verb without a result; as text that is nothing (``schemas/output/outcome``)."""
    attachment = options.attachment
    facts = {"network": options.network.name, "containerId": attachment.container_id, "ifname": attachment.ifname}
    return {"schema": "cnictl.outcome/1", "verb": verb, **facts, "notes": notes}


def give(options: AttachmentOptions, work: Callable[[], Answer]) -> int:
    """Does the work and gives the answer.

    Args:
        options: What the user asked for.
        work: Runs the verb.

    Returns:
        The exit code.
    """
    with _termination_as_interrupt():
        try:
            answer = work()
        except CNIError as error:
            _fail(options, error)
            return int(error.exit_code)
    if options.trace:
        _trace(options, answer, None)
    if options.format == "json":
        if not options.trace:
            write_json(answer, options.out.stream)
    elif "schema" not in answer:
        options.out.stream.write(json.dumps(answer, indent=4) + "\n")
    return ExitCode.OK


def _fail(options: AttachmentOptions, error: CNIError) -> None:
    spoken = _error_object(options, error)
    if options.trace:
        _trace(options, None, spoken)
    elif options.format == "json":
        write_json(spoken, options.out.stream)
    if isinstance(error, ChainFailed):
        _logged(options, error)
    if isinstance(error, NetworkNotFound):
        for reason in error.refused:
            options.say(f"cnictl: not loaded: {reason}")
    report_error(error)


def _trace(options: AttachmentOptions, result: Answer | None, error: Answer | None) -> None:
    exchanges = options.recorder.exchanges
    if options.format == "json":
        renderer("trace", "json")(exchanges, options.out, result=result, error=error)
    else:
        renderer("trace", "text")(exchanges, options.err)


def _logged(options: AttachmentOptions, error: ChainFailed) -> None:
    """Shows what the plugin that failed wrote to stderr; libcni throws it away when there is an error object."""
    exchange = getattr(error.cause, "exchange", None)
    if exchange is None or options.trace:
        return
    for line in exchange.stderr.decode(errors="replace").rstrip().splitlines()[:20]:
        options.say(f"{error.plugin}: {line}")


_INVALID_CONFIG = 7
_INTERNAL = 999


def _error_object(options: AttachmentOptions, error: CNIError) -> Answer:
    """The spec's error object (CNI spec 1.1.0, section 5 "Error")."""
    cause = error.cause if isinstance(error, ChainFailed) else error
    network = options.__dict__.get("network")
    version = {"cniVersion": str(network.version) if network is not None else "1.0.0"}
    if isinstance(cause, PluginError):
        return version | {"code": cause.code, "msg": cause.msg, "details": cause.details}
    code = _INVALID_CONFIG if isinstance(cause, (InvalidConfig, NetworkNotFound)) else _INTERNAL
    return version | {"code": code, "msg": error.message, "details": error.hint or ""}


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Takes SIGTERM for Ctrl-C, so that what has begun is undone before the process ends."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
