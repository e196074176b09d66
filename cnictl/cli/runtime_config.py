"""``cnictl runtime-config``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import typer

from cnictl.cli.lazy import Command, new_app
from cnictl.cli.options import ConfDir, Saying, conf_dir, format_option, takes
from cnictl.errors import ExitCode
from cnictl.render import renderer
from cnictl.render.runtime_config import Told
from cnictl.runtime.load import load_network

app = new_app()


@dataclass(kw_only=True, repr=False, eq=False)
class RuntimeConfigOptions(Saying):
    """The options of ``cnictl runtime-config``."""

    arguments: ClassVar[tuple[str, ...]] = ("pod", "network")

    pod: Annotated[str, typer.Argument(metavar="POD.yaml", help="A Pod's manifest; - is stdin.")]
    network: Annotated[
        str | None,
        typer.Argument(metavar="NETWORK", help="The network that it gets: a name in the config directory, or a file."),
    ] = None
    conf_dir: ConfDir = None
    container_id: Annotated[
        str, typer.Option(metavar="ID", help="The sandbox's ID, which the runtime makes up. [default: left out]")
    ] = ""
    format: Annotated[str, format_option("runtime_config")] = "text"


@app.command(
    "runtime-config",
    cls=Command,
    epilog="""\b
Examples:
  cnictl runtime-config pod.yaml
  cnictl runtime-config pod.yaml pods
  cnictl runtime-config pod.yaml 10-pods.conflist -f json
  eval "$(cnictl runtime-config pod.yaml)" && cnictl exec add pods web-0

\b
Exit status: 0 done, 1 the Pod asks for something that no plugin of NETWORK is
told, such as a hostPort without portmap, 2 the Pod or NETWORK cannot be read.""",
)
@takes(RuntimeConfigOptions)
def runtime_config_command(options: RuntimeConfigOptions) -> int:
    """Show the capability arguments and CNI_ARGS that plugins are given for a Pod.

    They are what the kubelet and the runtime make of its host ports, annotations and names. As text they are the two
    variables that `cnictl exec` and cnitool read.
    """
    from cnictl.authoring.runtime_config import runtime_config  # both load what reads YAML, which help needs not
    from cnictl.foreign.pod import read_pod

    pod = read_pod(options.pod)
    network = load_network(options.network, conf_dir(options.conf_dir)) if options.network is not None else None
    config = runtime_config(pod, network, options.container_id)
    told = Told(
        pod=f"{pod.metadata.namespace}/{pod.metadata.name}",
        network=network.name if network is not None else None,
        capability_args=config.capability_args,
        args=config.args,
        plugins=config.told,
        unserved=config.unserved,
    )
    renderer("runtime_config", options.format)(told, options.out)
    for message in config.unserved:
        options.err.line(f"cnictl: {message}")
    if network is None:
        options.say("no NETWORK was named, so nobody knows whether its plugins are told all of it")
    return ExitCode.NO if config.unserved else ExitCode.OK
