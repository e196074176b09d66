"""``cnictl chain list``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cnictl.authoring.configs import choose, configs_in
from cnictl.cli.chain.options import File, Network, chain_of
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import Common, format_option, takes
from cnictl.errors import ExitCode
from cnictl.render import renderer
from cnictl.render.chain import ChainAnswer
from cnictl.validate.paths import read_any

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class ListOptions(Common):
    """The options of ``cnictl chain list``."""

    file: File
    network: Network = None
    format: Annotated[str, format_option("chain")] = "text"


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl chain list 10-pods.conflist
  cnictl chain list nad.yaml --network storage
  cnictl chain list 10-pods.conflist -f json | jq '.configs[0].plugins'""",
)
@takes(ListOptions)
def listing(options: ListOptions) -> int:
    """Show the plugins of each config in a file, in the order in which ADD runs them."""
    source = read_any(options.file)
    configs = configs_in(source)
    shown = configs if options.network is None else [choose(configs, options.network)]
    renderer("chain", options.format)(ChainAnswer(source.name, list(map(chain_of, shown))), options.out)
    return ExitCode.OK
