"""``cnictl chain remove``."""

from __future__ import annotations

from dataclasses import dataclass

from cnictl.authoring.chain import remove
from cnictl.cli.chain.options import At, EditOptions
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import takes
from cnictl.cli.own_schemas import nearest_settings, own_schemas

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class RemoveOptions(EditOptions):
    """The options of ``cnictl chain remove``."""

    at: At = None


@app.command(
    "remove",
    cls=Command,
    epilog="""\b
Examples:
  cnictl chain remove bandwidth 10-pods.conflist
  cnictl chain remove tuning 10-pods.conflist --at 3    where there are two

\b
Exit status: 0 done, or there was nothing to do; 1 with --check or --diff:
something would change; 2 it cannot be done.""",
)
@takes(RemoveOptions)
def remove_command(options: RemoveOptions) -> int:
    """Take a plugin out of a chain; if it is not there nothing changes.

    TYPE and FILE may change places.
    """
    with own_schemas(nearest_settings()):
        return options.finish(remove(options.config(), options.type, options.at, force=options.force))
