"""The commands of ``cnictl chain``."""

from __future__ import annotations

from cnictl.cli.lazy import Entry, LazyGroup, new_app


class ChainGroup(LazyGroup):
    """``cnictl chain``."""

    table = (
        Entry("list", "cnictl.cli.chain.listing", "Show the plugins of each config in a file."),
        Entry("add", "cnictl.cli.chain.add", "Put a plugin into a chain, at the place that fits it."),
        Entry("remove", "cnictl.cli.chain.remove", "Take a plugin out of a chain."),
        Entry("move", "cnictl.cli.chain.move", "Give a plugin another place in its chain."),
    )


app = new_app(cls=ChainGroup, no_args_is_help=True)


@app.callback(
    epilog="""\b
Examples:
  cnictl chain list 10-pods.conflist
  cnictl chain add portmap 10-pods.conflist
  cnictl chain add tuning 10-pods.conflist --set mtu=1400 --diff
  cnictl chain move portmap 10-pods.conflist --after bandwidth
  cnictl chain remove bandwidth nad.yaml --network storage

\b
Only what is said changes in the file: layout, order of keys and line ends
stay. Doing a thing twice changes nothing. Configs in Kubernetes manifests are
edited in the manifest.""",
)
def group() -> None:
    """Show or edit the plugins of a network config, in place."""
