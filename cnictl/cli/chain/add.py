"""``cnictl chain add``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from cnictl.authoring.chain import add
from cnictl.authoring.entry import read_setting
from cnictl.cli.chain.options import PlaceOptions
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import takes
from cnictl.cli.own_schemas import nearest_settings, own_schemas
from cnictl.cli.pairs import pairs

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class AddOptions(PlaceOptions):
    """The options of ``cnictl chain add``."""

    set: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="A key of the plugin, repeatable; VALUE may be JSON."),
    ] = None


@app.command(
    "add",
    cls=Command,
    epilog="""\b
Examples:
  cnictl chain add portmap 10-pods.conflist
  cnictl chain add bandwidth 10-pods.conflist --diff
  cnictl chain add tuning nad.yaml --set mtu=1400 --set promisc=true
  cnictl chain add firewall 10-pods.conflist --before portmap

\b
Exit status: 0 done, or there was nothing to do; 1 with --check or --diff:
something would change; 2 it cannot be done.""",
)
@takes(AddOptions)
def add_command(options: AddOptions) -> int:
    """Put a plugin into a chain, at the place that fits it, with the capabilities that it needs.

    If it is there already nothing changes. TYPE and FILE may change places.
    """
    with own_schemas(nearest_settings()):
        given = pairs("--set", options.set)
        settings = {key: read_setting(options.type, key, text) for key, text in given.items()}
        return options.finish(add(options.config(), options.type, settings, options.place, force=options.force))
