"""``cnictl chain move``."""

from __future__ import annotations

from cnictl.authoring.chain import move
from cnictl.cli.chain.options import PlaceOptions
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import takes
from cnictl.cli.own_schemas import nearest_settings, own_schemas

app = new_app()


@app.command(
    "move",
    cls=Command,
    epilog="""\b
Examples:
  cnictl chain move portmap 10-pods.conflist            to where it belongs
  cnictl chain move portmap 10-pods.conflist --after bandwidth
  cnictl chain move portmap 10-pods.conflist --at 2 --diff

\b
Exit status: 0 done, or there was nothing to do; 1 with --check or --diff:
something would change; 2 it cannot be done.""",
)
@takes(PlaceOptions)
def move_command(options: PlaceOptions) -> int:
    """Give a plugin of a chain another place, or the one that fits it.

    TYPE and FILE may change places.
    """
    with own_schemas(nearest_settings()):
        return options.finish(move(options.config(), options.type, options.place, force=options.force))
