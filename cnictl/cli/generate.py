"""``cnictl generate``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cnictl.authoring.generate import KINDS, Recipe, to_text
from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import Common, takes
from cnictl.errors import ExitCode, UsageError
from cnictl.text.edit import write_atomically
from cnictl.text.suggest import closest

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class GenerateOptions(Common):
    """The options of ``cnictl generate``."""

    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"What makes the interface: {', '.join(KINDS)}.")]
    name: Annotated[str, typer.Option(metavar="NAME", help="The network's name, unique on the node.")]
    subnet: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR", help="Where addresses come from; once for IPv4 and once for IPv6 at most."),
    ] = None
    portmap: Annotated[bool, typer.Option("--portmap", help="Forward the ports that pods ask for (hostPort).")] = False
    bandwidth: Annotated[
        bool, typer.Option("--bandwidth", help="Limit pods that ask for it (kubernetes.io/ingress-bandwidth).")
    ] = False
    bridge: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the bridge. [default: made from the network's name]")
    ] = None
    mtu: Annotated[int | None, typer.Option(metavar="BYTES", help="MTU. [default: the kernel's choice]")] = None
    cni_version: Annotated[str, typer.Option(metavar="VERSION", help="Version of the CNI spec.")] = "1.0.0"
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead of stdout.")
    ] = None

    def recipe(self) -> Recipe:
        """What the config is to be."""
        return Recipe(
            name=self.name,
            subnets=self.subnet or [],
            portmap=self.portmap,
            bandwidth=self.bandwidth,
            cni_version=self.cni_version,
            bridge=self.bridge,
            mtu=self.mtu,
        )


@app.command(
    cls=Command,
    epilog="""\b
Examples:
  cnictl generate bridge --name pods --subnet 10.88.0.0/16 --portmap
  cnictl generate bridge --name pods --subnet 10.88.0.0/16 \\
    --subnet fd00:88::/64 -o /etc/cni/net.d/10-pods.conflist""",
)
@takes(GenerateOptions)
def generate(options: GenerateOptions) -> int:
    """Write a network config that `cnictl validate --strict` accepts.

    It goes to stdout, or with -o to a file, which is written whole or not at all.
    """
    make = KINDS.get(options.kind)
    if make is None:
        meant = closest(options.kind, KINDS)
        message = f'"{options.kind}" is no kind of network that can be generated'
        raise UsageError(message, hint=f"did you mean {meant}?" if meant else f"there is {', '.join(KINDS)}")
    text = to_text(make(options.recipe()))
    if options.output is None:
        options.out.stream.write(text)
    else:
        write_atomically(Path(options.output), text)
    return ExitCode.OK
