"""The verbs of ``cnictl exec``."""

from __future__ import annotations

from cnictl.cli.lazy import Entry, LazyGroup, new_app


class ExecGroup(LazyGroup):
    """``cnictl exec``."""

    table = (
        Entry("add", "cnictl.cli.exec.add", "Attach a container to a network; its result goes to stdout."),
        Entry("check", "cnictl.cli.exec.check", "Ask every plugin whether the attachment is as ADD left it."),
        Entry("del", "cnictl.cli.exec.delete", "Detach a container from a network; doing so twice is fine."),
        Entry("gc", "cnictl.cli.exec.gc", "Remove what is left of containers that are gone."),
        Entry("status", "cnictl.cli.exec.status", "Ask every plugin whether it could attach a container now."),
        Entry("version", "cnictl.cli.plugins", "Tell which spec versions each plugin speaks."),
    )


app = new_app(cls=ExecGroup, no_args_is_help=True)


@app.callback(
    epilog="""\b
Examples:
  cnictl exec add pods demo --create-netns
  cnictl exec check pods demo
  cnictl exec del pods demo
  cnictl exec gc pods

\b
Arguments, environment and cache are cnitool's (CNI_PATH, NETCONFPATH,
CNI_ARGS, CAP_ARGS, CNI_IFNAME): what one adds, the other can delete."""
)
def group() -> None:
    """Run a network's plugins on a network namespace, as a runtime does."""
