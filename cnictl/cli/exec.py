"""``cnictl exec``."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnictl.cli.attaching import AttachmentOptions
from cnictl.cli.entry import report_error
from cnictl.cli.lazy import Command, Group, new_app
from cnictl.cli.options import takes
from cnictl.errors import ChainFailed, CNIError, ExitCode, InvalidConfig, NetworkNotFound, PluginError
from cnictl.netns.handle import require_netns
from cnictl.render import renderer
from cnictl.render.shape import write_json
from cnictl.runtime.chain import unclaimed_capabilities
from cnictl.runtime.created import CreatedNamespaces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from cnictl.model.result import Result

app = new_app(cls=Group, no_args_is_help=True)

Answer = dict[str, Any]


@app.callback(
    epilog="""\b
Examples:
  cnictl exec add pods demo --create-netns
  cnictl exec check pods demo
  cnictl exec del pods demo

\b
Arguments, environment and cache are cnitool's (CNI_PATH, NETCONFPATH,
CNI_ARGS, CAP_ARGS, CNI_IFNAME): what one adds, the other can delete."""
)
def group() -> None:
    """Run a network's plugins on a network namespace, as a runtime does."""


@dataclass(kw_only=True)
class AddOptions(AttachmentOptions):
    """The options of ``cnictl exec add``."""

    create_netns: Annotated[
        bool, typer.Option("--create-netns", help="Make NETNS when it is missing; `del` removes one made so.")
    ] = False
    rollback: Annotated[
        bool, typer.Option("--rollback/--no-rollback", help="Undo a failed ADD by DEL over the whole chain.")
    ] = True


@app.command(
    "add",
    cls=Command,
    epilog="""\b
Examples:
  cnictl exec add pods /run/netns/demo
  cnictl exec add net.conflist demo --create-netns --port 8080:80 --bandwidth ingress=10M
  cnictl exec add pods pid:4711 --pod pod.yaml --trace""",
)
@takes(AddOptions)
def add(options: AddOptions) -> int:
    """Attach a container to a network; its result goes to stdout.

    Every plugin is found before the first one runs. When one fails, DEL is run over the whole chain, so that nothing is
    left behind.
    """
    return _run(options, lambda: _result_json(options, _add(options)))


@app.command("check", cls=Command, epilog="\b\nExample:\n  cnictl exec check pods demo")
@takes(AttachmentOptions)
def check(options: AttachmentOptions) -> int:
    """Ask every plugin whether the attachment is as ADD left it.

    Arguments that are not given are those of ADD, from the cache.
    """
    return _run(options, lambda: _check(options))


@app.command("del", cls=Command, epilog="\b\nExample:\n  cnictl exec del pods demo")
@takes(AttachmentOptions)
def delete(options: AttachmentOptions) -> int:
    """Detach a container from a network; doing so twice is fine.

    Arguments that are not given are those of ADD, from the cache.
    """
    return _run(options, lambda: _delete(options))


def _add(options: AddOptions) -> Result:
    cni, network, attachment = options.cni(rollback=options.rollback), options.network, options.attachment
    for name in unclaimed_capabilities(network, attachment):
        options.say(
            f'cnictl: warning: no plugin of the network "{network.name}" declares the capability "{name}", so it is '
            f"ignored; `cnictl validate` shows where it belongs"
        )
    with _namespace(options):
        return cni.add(network, attachment)


@contextmanager
def _namespace(options: AddOptions) -> Iterator[None]:
    """The network namespace, made when it is missing and wanted; one made in vain is removed again."""
    created = CreatedNamespaces(options.cache)
    made = options.create_netns and not options.netns.exists()
    if made:
        created.create(options.netns)
    try:
        require_netns(options.netns)
        yield
    except BaseException:
        if made:
            created.remove(options.netns)
        raise


def _check(options: AttachmentOptions) -> Answer:
    require_netns(options.netns)
    notes = options.cni().check(options.network, options.attachment)
    for note in notes:
        options.say(f"cnictl: note: {note}")
    return _outcome(options, "CHECK", notes)


def _delete(options: AttachmentOptions) -> Answer:
    options.cni().delete(options.network, options.attachment)
    notes = []
    if CreatedNamespaces(options.cache).remove(options.netns):
        notes.append(f"removed the network namespace {options.netns}, which `add --create-netns` had made")
        options.detail(notes[0])
    return _outcome(options, "DEL", notes)


def _result_json(options: AttachmentOptions, result: Result) -> Answer:
    return result.encode(options.network.version)


def _outcome(options: AttachmentOptions, verb: str, notes: list[str]) -> Answer:
    """What there is to say about a verb without a result; as text that is nothing."""
    attachment = options.attachment
    facts = {"network": options.network.name, "containerId": attachment.container_id, "ifname": attachment.ifname}
    return {"schema": "cnictl.outcome/1", "verb": verb, **facts, "notes": notes}


def _run(options: AttachmentOptions, work: Callable[[], Answer]) -> int:
    """Does the work and gives the answer: on stdout what programs want, on stderr what people want."""
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
