"""``cnictl exec add``."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.exec.answer import give
from cnictl.cli.exec.options import AttachmentOptions
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import takes
from cnictl.netns.handle import require_netns
from cnictl.runtime.chain import unclaimed_capabilities
from cnictl.runtime.created import CreatedNamespaces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.cli.exec.answer import Answer

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
  cnictl exec add pods pid:4711 --pod pod.yaml --trace""",
)
@takes(AddOptions)
def add(options: AddOptions) -> int:
    """Attach a container to a network; its result goes to stdout.

    Every plugin is found before the first one runs. When one fails, DEL is run over the whole chain, so that nothing is
    left behind.
    """
    return give(options, lambda: _add(options))


def _add(options: AddOptions) -> Answer:
    cni, network, attachment = options.cni(rollback=options.rollback), options.network, options.attachment
    for name in unclaimed_capabilities(network, attachment):
        options.say(
            f'cnictl: warning: no plugin of the network "{network.name}" declares the capability "{name}", so it is '
            f"ignored; `cnictl validate` shows where it belongs"
        )
    with _namespace(options):
        return cni.add(network, attachment).encode(network.version)


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
