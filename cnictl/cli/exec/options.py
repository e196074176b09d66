"""The options that say which container is attached to what, and with which arguments."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnictl.cli.options import BinDir, ConfDir, Talking, bin_dirs, conf_dir, format_option
from cnictl.errors import UsageError
from cnictl.invoke.executor import DEFAULT_TIMEOUT, ProcessExecutor, Recorder
from cnictl.model.attachment import DEFAULT_IFNAME, Attachment, parse_args
from cnictl.model.capability import parse_bandwidth, parse_port
from cnictl.netns.handle import netns_path
from cnictl.render.trace.text import milliseconds, outcome
from cnictl.runtime.cache import DEFAULT_CACHE_DIR
from cnictl.runtime.cni import CNI
from cnictl.runtime.load import load_network

if TYPE_CHECKING:
    from cnictl.foreign.pod import Pod
    from cnictl.invoke.invocation import Exchange
    from cnictl.model.network import NetworkConfigList


@dataclass(kw_only=True, repr=False, eq=False)
class AttachmentOptions(Talking):
    """What ``add``, ``check`` and ``del`` have in common."""

    network_name: Annotated[
        str, typer.Argument(metavar="NETWORK", help="A network's name in the config directory, a file, or - for stdin.")
    ]
    netns_name: Annotated[str, typer.Argument(metavar="NETNS", help="A path, a name under /run/netns, or pid:NUMBER.")]
    container_id: Annotated[
        str | None, typer.Option(metavar="ID", help="The container's ID. [default: made from NETNS, as cnitool does]")
    ] = None
    ifname: Annotated[
        str | None,
        typer.Option(
            "--ifname", "-i", metavar="NAME", help="The interface in NETNS. [env: CNI_IFNAME] [default: eth0]"
        ),
    ] = None
    args: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="A pair for CNI_ARGS, repeatable. [env: CNI_ARGS]")
    ] = None
    cap: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=JSON", help="A capability argument, repeatable. [env: CAP_ARGS, a JSON object]"),
    ] = None
    port: Annotated[
        list[str] | None,
        typer.Option(metavar="[IP:]HOST:CONTAINER[/PROTO]", help="A port to forward, repeatable: 8080:80/tcp."),
    ] = None
    bandwidth: Annotated[
        str | None, typer.Option(metavar="LIMITS", help="Limits in bits per second: ingress=10M,egress=10M.")
    ] = None
    pod: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="A Pod manifest: its host ports, bandwidth limits and names become arguments."
        ),
    ] = None
    conf_dir: ConfDir = None
    bin_dir: BinDir = None
    cache_dir: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help=f"Directory of the cache. [env: CNI_CACHE_DIR] [default: {DEFAULT_CACHE_DIR}]"
        ),
    ] = None
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="For each plugin run; then it is ended, with all its children.")
    ] = DEFAULT_TIMEOUT
    trace: Annotated[
        bool, typer.Option("--trace", help="Show every plugin run: environment, stdin, stdout, stderr, exit, time.")
    ] = False
    format: Annotated[str, format_option("trace")] = "text"

    @cached_property
    def network(self) -> NetworkConfigList:
        """The network."""
        return load_network(self.network_name, conf_dir(self.conf_dir))

    @cached_property
    def netns(self) -> Path:
        """The path of the network namespace, which may not be there."""
        return netns_path(self.netns_name)

    @cached_property
    def recorder(self) -> Recorder:
        """What runs the plugins, and remembers every run."""
        if self.timeout <= 0:
            message = f"--timeout is {self.timeout:g}, and it must be more than 0"
            raise UsageError(message)
        return Recorder(ProcessExecutor(timeout=self.timeout), self._tell)

    @property
    def cache(self) -> Path:
        """The cache's directory."""
        return Path(self.cache_dir or os.environ.get("CNI_CACHE_DIR") or DEFAULT_CACHE_DIR).absolute()

    def cni(self, *, rollback: bool = True) -> CNI:
        """The runtime, with the directories and the recorder of these options."""
        directories = bin_dirs(self.bin_dir)
        return CNI(directories, cache_dir=self.cache, executor=self.recorder, rollback=rollback)

    @cached_property
    def attachment(self) -> Attachment:
        """The container, with all its arguments.

        Raises:
            InputError: An argument cannot be understood.
        """
        netns = str(self.netns)
        container_id = self.container_id or _cnitool_id(netns)
        pod = _read_pod(self.pod) if self.pod is not None else None
        return Attachment(
            container_id=container_id,
            netns=netns,
            ifname=self.ifname or os.environ.get("CNI_IFNAME") or DEFAULT_IFNAME,
            args=self._args(pod, container_id),
            capability_args=self._capability_args(pod),
        )

    def _args(self, pod: Pod | None, container_id: str) -> tuple[tuple[str, str], ...]:
        pairs = dict(pod.cni_args(container_id)) if pod else {}
        pairs |= dict(parse_args(os.environ.get("CNI_ARGS", "")))
        for text in self.args or ():
            pairs |= dict(parse_args(text))
        return tuple(pairs.items())

    def _capability_args(self, pod: Pod | None) -> dict[str, Any]:
        values = _json_object("CAP_ARGS", os.environ.get("CAP_ARGS", ""))
        values |= pod.capability_args() if pod else {}
        if self.port:
            values["portMappings"] = [*values.get("portMappings", []), *map(parse_port, self.port)]
        if self.bandwidth:
            values["bandwidth"] = parse_bandwidth(self.bandwidth)
        for text in self.cap or ():
            name, equals, value = text.partition("=")
            if not name or not equals:
                message = f'--cap "{text}" is not of the form NAME=JSON'
                raise UsageError(message, hint="""an example is --cap mac='"0a:58:0a:01:00:05"'""")
            values[name] = _json(f"--cap {name}", value)
        return values

    def _tell(self, exchange: Exchange) -> None:
        """Says that a plugin has run; what it logged although all went well is shown as cnitool does."""
        invocation = exchange.invocation
        self.detail(f"{invocation.plugin} {invocation.verb}: {outcome(exchange)}, {milliseconds(exchange)}")
        logged = exchange.stderr.decode(errors="replace").rstrip()
        if exchange.ok and logged and not self.trace:
            for line in logged.splitlines():
                self.say(f"{invocation.plugin}: {line}")


def _cnitool_id(netns: str) -> str:
    """The container ID that cnitool makes of a namespace's path."""
    import hashlib

    return f"cnitool-{hashlib.sha512(netns.encode()).digest()[:10].hex()}"


def _read_pod(path: str) -> Pod:
    from cnictl.foreign.pod import read_pod

    return read_pod(path)


def _json_object(name: str, text: str) -> dict[str, Any]:
    value = _json(name, text) if text else {}
    if not isinstance(value, dict):
        message = f"{name} must hold a JSON object"
        raise UsageError(message, hint='an example is {"portMappings": [{"hostPort": 8080, "containerPort": 80}]}')
    return value


def _json(name: str, text: str) -> Any:  # noqa: ANN401  # any JSON value
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{name} holds no JSON: {error}"
        raise UsageError(message, hint="strings need double quotes inside the shell's quotes") from None
