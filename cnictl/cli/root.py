"""The table of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from cnictl import __version__
from cnictl.cli.lazy import Entry, LazyGroup, new_app


class Root(LazyGroup):
    """``cnictl`` itself."""

    table = (
        Entry("validate", "cnictl.cli.validate", "Judge network configs: what is wrong, where, and what to do."),
        Entry("exec", "cnictl.cli.exec.group", "Run a network's plugins, as a runtime does."),
        Entry("try", "cnictl.cli.try_", "Prove that a network works, in a throwaway node."),
        Entry("conformance", "cnictl.cli.conformance", "Test a plugin against the CNI spec."),
        Entry("doctor", "cnictl.cli.doctor", "Find out why a node has no network, and what to do about it."),
        Entry("networks", "cnictl.cli.networks", "Show which networks each runtime would load, and why."),
        Entry("plugins", "cnictl.cli.plugins", "List the installed plugins, with the versions they speak."),
        Entry("attachments", "cnictl.cli.attachments", "Show what is attached where, and what was left behind."),
        Entry("generate", "cnictl.cli.generate", "Write a network config."),
        Entry("chain", "cnictl.cli.chain.group", "Show or edit the plugins of a network config, in place."),
        Entry("upgrade", "cnictl.cli.upgrade", "Take a network config to another version of the CNI spec."),
        Entry("runtime-config", "cnictl.cli.runtime_config", "Show what plugins are told about a Pod."),
        Entry("explain", "cnictl.cli.explain", "Tell what a code such as CNI305 means and how to mend it."),
        Entry("rules", "cnictl.cli.rules", "List every code there is."),
        Entry("schema", "cnictl.cli.schema", "Print a JSON Schema for editors and other tools."),
        Entry("completion", "cnictl.cli.completion", "Print the script with which a shell completes all this."),
    )


def _print_version(wanted: bool) -> None:  # typer calls it so
    if wanted:
        typer.echo(f"cnictl {__version__}")
        raise typer.Exit


app = new_app(cls=Root, name="cnictl", no_args_is_help=True)


@app.callback(
    epilog="""\b
Examples:
  cnictl validate /etc/cni/net.d
  cnictl exec add pods demo --create-netns
  cnictl try 10-pods.conflist
  cnictl doctor
  cnictl generate bridge --name pods --subnet 10.88.0.0/16 --portmap

\b
Exit status: 0 done, 1 the answer is "no", 2 could not do the work,
130 interrupted."""
)
def root(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", "-V", help="Print the version and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Validate, run and diagnose CNI network configurations."""
