"""How a verb's answer, or its failure, is given: on stdout for programs, on stderr for people."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cnictl.cli.entry import report_error
from cnictl.cli.exec.runs import Answer, Runs
from cnictl.errors import (
    ChainFailed,
    CNIError,
    ExitCode,
    IncompatibleVersion,
    InvalidConfig,
    NetworkNotFound,
    PluginError,
    UnsupportedVerb,
    UsageError,
)
from cnictl.render.shape import write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from cnictl.cli.exec.options import RunOptions
    from cnictl.invoke.executor import Executor
    from cnictl.model.attachment import Attachment


def outcome_of(options: RunOptions, verb: str, attachment: Attachment | None, notes: list[str]) -> Answer:
    """What there is to say about a verb without a result; as text that is nothing (``schemas/output/outcome``)."""
    facts: Answer = {"network": options.network.name}
    if attachment is not None:
        facts |= {"containerId": attachment.container_id, "ifname": attachment.ifname}
    return {"schema": "cnictl.outcome/1", "verb": verb, **facts, "notes": notes}


def give(options: RunOptions, work: Callable[[Executor], Answer], netns: Path | None = None) -> int:
    """Does the work and gives the answer.

    Args:
        options: What the user asked for.
        work: Runs the verb with an executor.
        netns: The container's network namespace, for ``--changes``; ``None`` for verbs that are about the network.

    Returns:
        The exit code.
    """
    runs = Runs(options, netns)
    with termination_as_interrupt():
        try:
            answer = work(runs.executor)
        except CNIError as error:
            return fail(options, error, runs)
        except BaseException:
            runs.show(None, None)
            raise
    if runs.show(answer, None):
        return ExitCode.OK
    if options.format == "json":
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


def fail(options: RunOptions, error: CNIError, runs: Runs | None = None) -> int:
    """Tells what went wrong.

    Args:
        options: What the user asked for.
        error: What went wrong.
        runs: The plugin runs; ``None`` when there were none.

    Returns:
        The exit code.
    """
    spoken = error_object(options, error)
    shown = runs is not None and runs.show(None, spoken)
    if options.format == "json" and not shown:
        write_json(spoken, options.out.stream)
    if isinstance(error, ChainFailed):
        _logged(options, error)
    if isinstance(error, NetworkNotFound):
        for reason in error.refused:
            options.say(f"cnictl: not loaded: {reason}")
    report_error(error)
    return int(error.exit_code)


def _logged(options: RunOptions, error: ChainFailed) -> None:
    """Shows what the plugin that failed wrote to stderr; libcni throws it away when there is an error object."""
    exchange = getattr(error.cause, "exchange", None)
    if exchange is None or options.trace:
        return
    for line in exchange.stderr.decode(errors="replace").rstrip().splitlines()[:20]:
        options.say(f"{error.plugin}: {line}")


_CODES: tuple[tuple[int, tuple[type[CNIError], ...]], ...] = (
    (1, (IncompatibleVersion, UnsupportedVerb)),
    (4, (UsageError,)),
    (7, (InvalidConfig, NetworkNotFound)),
)
"""The spec's codes for what cnictl itself refuses; what a user gives for a verb are the parameters of code 4."""
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
    return next((code for code, kinds in _CODES if isinstance(cause, kinds)), _INTERNAL)


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
