"""The options that say which containers are attached to what, and with which arguments."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnictl.cli.exec.options import RunOptions
from cnictl.errors import CacheError, NetworkNotFound, SourceNotFound, UsageError
from cnictl.model.attachment import DEFAULT_IFNAME, Attachment, parse_args
from cnictl.model.capability import parse_bandwidth, parse_port
from cnictl.model.names import network_name_fault
from cnictl.netns.handle import netns_path
from cnictl.runtime.cache import ResultCache
from cnictl.runtime.load import kept_network

if TYPE_CHECKING:
    from pathlib import Path

    from cnictl.foreign.pod import Pod
    from cnictl.model.network import NetworkConfigList


@dataclass(kw_only=True, repr=False, eq=False)
class AttachmentOptions(RunOptions):
    """What ``add``, ``check`` and ``del`` have in common."""

    netns_names: Annotated[
        list[str],
        typer.Argument(metavar="NETNS", help="A path, a name under /run/netns, or pid:NUMBER; there may be several."),
    ]
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
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", metavar="N", help="How many to do at once. [default: the number of processors]"),
    ] = None

    @cached_property
    def attachments(self) -> list[Attachment]:
        """The containers, with all their arguments, in the order in which they were named.

        Raises:
            InputError: An argument cannot be understood.
        """
        if self.container_id is not None and len(self.netns_names) > 1:
            message = f"--container-id is one name for {len(self.netns_names)} containers"
            raise UsageError(message, hint="leave it out, or run the command once for each")
        paths = [netns_path(name) for name in self.netns_names]
        twice = next((path for path in paths if paths.count(path) > 1), None) if len(paths) > 1 else None
        if twice is not None:
            message = f"{twice} is named twice"
            raise UsageError(message)
        return [self._attachment(path) for path in paths]

    def _attachment(self, netns: Path) -> Attachment:
        container_id = self.container_id or _cnitool_id(str(netns))
        return Attachment(
            container_id=container_id,
            netns=str(netns),
            ifname=self.ifname or os.environ.get("CNI_IFNAME") or DEFAULT_IFNAME,
            args=self._args(container_id),
            capability_args=self._capability_args,
        )

    @cached_property
    def _pod(self) -> Pod | None:
        if self.pod is None:
            return None
        from cnictl.foreign.pod import read_pod

        return read_pod(self.pod)

    def _args(self, container_id: str) -> tuple[tuple[str, str], ...]:
        pairs: tuple[tuple[str, str], ...] = tuple(self._pod.cni_args(container_id)) if self._pod else ()
        for text in (os.environ.get("CNI_ARGS", ""), *(self.args or ())):
            later = parse_args(text)
            said = dict(later)
            pairs = (*(pair for pair in pairs if pair[0] not in said), *later)
        return pairs

    @cached_property
    def _capability_args(self) -> dict[str, Any]:
        values = _json_object("CAP_ARGS", os.environ.get("CAP_ARGS", ""))
        values |= self._pod.capability_args() if self._pod else {}
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


@dataclass(kw_only=True, repr=False, eq=False)
class AttachedOptions(AttachmentOptions):
    """What ``check`` and ``del`` have, for which the container has been added before."""

    @cached_property
    def network(self) -> NetworkConfigList:
        """The network; as it was added when the config directory has it no more."""
        try:
            return super().network
        except (NetworkNotFound, SourceNotFound):
            kept = self._kept()
            if kept is None:
                raise
        self.say(f'cnictl: note: {self.configs} has no network "{kept.name}": taking what the container was added with')
        return kept

    def _kept(self) -> NetworkConfigList | None:
        attachment = self.attachments[0]
        if network_name_fault(self.network_name) or attachment.fault():
            return None
        try:
            entry = ResultCache(self.cache).read(self.network_name, attachment)
        except CacheError:
            return None
        return kept_network(entry) if entry is not None else None


def _cnitool_id(netns: str) -> str:
    """The container ID that cnitool makes of a namespace's path."""
    import hashlib

    return f"cnitool-{hashlib.sha512(netns.encode()).digest()[:10].hex()}"


def _json_object(name: str, text: str) -> dict[str, Any]:
    value = _json(name, text) if text else None
    if value is None:
        return {}
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
