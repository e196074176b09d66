"""``cnictl exec add``."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.exec.attachment import AttachmentOptions
from cnictl.cli.exec.verb import Verb, carry_out
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import takes
from cnictl.errors import ChainFailed
from cnictl.netns.handle import require_netns
from cnictl.runtime.chain import unclaimed_capabilities
from cnictl.runtime.created import CreatedNamespaces

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event

    from cnictl.cli.exec.runs import Answer
    from cnictl.invoke.executor import Executor
    from cnictl.model.attachment import Attachment

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class AddOptions(AttachmentOptions):
    """The options of ``cnictl exec add``."""

    create_netns: Annotated[
        bool, typer.Option("--create-netns", help="Make NETNS when it is missing; `del` removes one made so.")
    ] = False
    rollback: Annotated[
        bool, typer.Option("--rollback/--no-rollback", help="Undo a failed ADD by DEL over the whole chain.")
    ] = True


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl exec add pods /run/netns/demo
  cnictl exec add net.conflist demo --create-netns --port 8080:80
  cnictl exec add net.conflist demo --bandwidth ingress=10M,egress=10M
  cnictl exec add pods pid:4711 --pod pod.yaml --trace
  cnictl exec add pods web-1 web-2 web-3 --create-netns --jobs 3""",
)
@takes(AddOptions)
def add(options: AddOptions) -> int:
    """Attach a container to a network; its result goes to stdout.

    Before the first plugin runs, every plugin is found and asked whether it speaks the network's version. When one
    fails, DEL is run over the whole chain, so that nothing is left behind.
    """
    return carry_out(options, Verb("ADD", lambda *asked: _add(options, *asked), lambda: _warn(options)))


_BRINGS = {
    "portMappings": 'add {"type": "portmap", "capabilities": {"portMappings": true}} to its plugins',
    "bandwidth": 'add {"type": "bandwidth", "capabilities": {"bandwidth": true}} to its plugins',
}


def _warn(options: AddOptions) -> None:
    """Says which capability arguments no plugin will ever see."""
    network, attachment = options.network, options.attachments[0]
    for name in unclaimed_capabilities(network, attachment):
        way_out = _BRINGS.get(name, f'write "capabilities": {{"{name}": true}} into the plugin that is to have it')
        options.say(
            f'cnictl: warning: no plugin of the network "{network.name}" declares the capability "{name}", so it is '
            f"ignored: {way_out}"
        )


def _add(options: AddOptions, executor: Executor, attachment: Attachment, cancelled: Event | None) -> Answer:
    cni = options.cni(executor, rollback=options.rollback, cancelled=cancelled)
    with _namespace(options, Path(attachment.netns)):
        return cni.add(options.network, attachment).encode(options.network.version)


@contextmanager
def _namespace(options: AddOptions, netns: Path) -> Iterator[None]:
    """The network namespace, made when it is missing and wanted; one made in vain is removed again.

    Without a rollback it stays: it is what the user wants to look at.
    """
    created = CreatedNamespaces(options.cache)
    made = options.create_netns and not netns.exists()
    if made:
        created.create(netns)
    try:
        require_netns(netns)
        yield
    except BaseException as error:
        if made and not options.rollback and isinstance(error, (ChainFailed, KeyboardInterrupt)):
            error.add_note(f"the network namespace {netns} is left as well; `cnictl exec del` removes it")
        elif made:
            created.remove(netns)
        raise
