"""``cnictl attachments``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import CacheDir, Talking, cache_dir, format_option, takes
from cnictl.errors import ExitCode, SourceNotFound
from cnictl.model.files import DEFAULT_CACHE_DIR
from cnictl.render import renderer
from cnictl.runtime.attachments import take_inventory

if TYPE_CHECKING:
    from pathlib import Path

    from cnictl.runtime.attachments import Inventory

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class AttachmentsOptions(Talking):
    """The options of ``cnictl attachments``."""

    network: Annotated[str | None, typer.Argument(metavar="NETWORK", help="Only those of this network.")] = None
    container_id: Annotated[str | None, typer.Option(metavar="ID", help="Only those of this container.")] = None
    stale: Annotated[
        bool, typer.Option("--stale", help="Only what is of no use any more: gone, interrupted, damaged or leaked.")
    ] = False
    cache_dir: CacheDir = None
    format: Annotated[str, format_option("attachments")] = "text"

    @property
    def directory(self) -> Path:
        """The cache's directory.

        Raises:
            SourceNotFound: It is not the usual one, and it is not there.
        """
        path = cache_dir(self.cache_dir)
        if path != DEFAULT_CACHE_DIR and not path.is_dir():
            raise SourceNotFound(str(path), "no such directory")
        return path


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl attachments
  cnictl attachments pods --stale
  cnictl attachments --cache-dir /var/lib/cni/multus
  cnictl attachments -f json | jq -r '.attachments[].containerId'

\b
Exit status: 0 also when something is stale, 2 when the cache cannot be
read.""",
)
@takes(AttachmentsOptions)
def attachments(options: AttachmentsOptions) -> int:
    """Show which containers are attached to which networks, and what was left behind.

    Reads what containerd, CRI-O, podman, cnitool and cnictl have written to the cache, which operations of cnictl were
    interrupted, and which addresses host-local keeps for containers that nobody knows. Changes nothing.
    """
    inventory = take_inventory(options.directory).narrowed(options.network, options.container_id)
    renderer("attachments", options.format)(inventory.only_stale() if options.stale else inventory, options.out)
    if options.format == "text":
        _hint(inventory, options)
    return ExitCode.OK


def _hint(inventory: Inventory, options: AttachmentsOptions) -> None:
    """Says how to get rid of what is stale, and where leases were looked for."""
    networks = sorted({each.entry.network for each in inventory.attachments if each.is_stale})
    if networks:
        name = networks[0] if len(networks) == 1 else "NETWORK"
        options.say(f"`cnictl exec gc {name}` removes what is stale.")
    for place in inventory.lease_dirs:
        options.detail(f"cnictl: leases looked for in {place}")
    for place in inventory.unread:
        options.say(f"cnictl: leases not looked at: {place}")
