"""The options of ``cnictl generate KIND``: some for every kind, the others from the schema of its plugin."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from cnictl.authoring.entry import read_value
from cnictl.authoring.generate import option_of
from cnictl.authoring.recipe import Recipe
from cnictl.cli.options import ConfDir, Saying
from cnictl.cli.pairs import pairs
from cnictl.errors import UsageError
from cnictl.runtime.selection import Runtime
from cnictl.schema import Key, plugin_facts, plugin_hints, plugin_keys

_RUNTIMES = "|".join(Runtime)


@dataclass(kw_only=True, repr=False, eq=False)
class KindOptions(Saying):
    """What every kind has."""

    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The network's name, unique on the node. [required]")
    ] = None
    cni_version: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Version of the CNI spec. [default: 1.0.0, or what all speak]")
    ] = None
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead of stdout.")
    ] = None
    runtime: Annotated[
        str | None,
        typer.Option(
            metavar=_RUNTIMES, help="Write into the config directory, under a name by which this runtime loads it."
        ),
    ] = None
    conf_dir: ConfDir = None
    shadow: Annotated[
        bool, typer.Option("--shadow", help="With --runtime: take the place of the network that pods get today.")
    ] = False
    interactive: Annotated[bool, typer.Option("--interactive", help="Ask for what is not given.")] = False

    kind = ""

    def recipe(self) -> Recipe:
        """What the config is to be."""
        if self.name is None:
            raise UsageError("missing option '--name'", hint=f"`cnictl generate {self.kind} -h` shows how it is called")
        return Recipe(name=self.name, kind=self.kind, settings=self.settings, cni_version=self.cni_version)

    @property
    def settings(self) -> dict[str, Any]:
        """The keys of the plugin that were given."""
        given = [(key, getattr(self, field)) for key, field in fields_of(self.kind)]
        return {key.name: _value(key, value) for key, value in given if value is not None and value != []}


def _value(key: Key, given: Any) -> Any:  # noqa: ANN401  # any JSON value
    if key.kind == "json":
        return read_value(key.name, "json", given)
    if key.choices and given not in key.choices:
        message = f'{option_of(key.name)} is "{given}"'
        raise UsageError(message, hint=f"it can be {', '.join(key.choices)}")
    return given


@dataclass(kw_only=True, repr=False, eq=False)
class NetworkOptions(KindOptions):
    """What kinds have that give out addresses, and behind which other plugins may stand."""

    subnet: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CIDR[,FIRST-LAST]",
            help="Where addresses come from, repeatable: the second of a family is used when the first is full.",
        ),
    ] = None
    one_of_each: Annotated[
        bool, typer.Option("--one-of-each", help="Give each pod an address of every subnet instead.")
    ] = False
    address: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR", help="The very address of the only pod, repeatable: 10.88.0.5/16."),
    ] = None
    gateway: Annotated[
        list[str] | None,
        typer.Option(metavar="IP", help="The gateway, repeatable. [default for --subnet: its first address]"),
    ] = None
    route: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR[,GATEWAY]", help="A route of the pod, repeatable. [default: a default route]"),
    ] = None
    no_routes: Annotated[bool, typer.Option("--no-routes", help="Set no route, not even a default route.")] = False
    ipam: Annotated[
        str | None,
        typer.Option(
            metavar="TYPE", help="What gives out addresses: host-local, static, dhcp, whereabouts, none, or a vendor's."
        ),
    ] = None
    ipam_set: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="A key of the IPAM plugin, repeatable.")
    ] = None
    capability: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="What the runtime gives the plugin for each pod: mac, ips, deviceID, ..."),
    ] = None
    portmap: Annotated[bool, typer.Option("--portmap", help="Forward the ports that pods ask for (hostPort).")] = False
    bandwidth: Annotated[
        bool, typer.Option("--bandwidth", help="Limit pods that ask for it (kubernetes.io/ingress-bandwidth).")
    ] = False
    firewall: Annotated[
        bool, typer.Option("--firewall", help="Let the pods' traffic pass the host's packet filter.")
    ] = False
    tuning: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE", help="A sysctl of the pod (net.*), or a key of tuning: mtu=1400. Repeatable."
        ),
    ] = None
    sbr: Annotated[bool, typer.Option("--sbr", help="Route by source address: for a pod's second interface.")] = False

    def recipe(self) -> Recipe:
        """What the config is to be."""
        if self.route and self.no_routes:
            raise UsageError("--route sets a route and --no-routes none")
        return dataclasses.replace(
            super().recipe(),
            capabilities=self.capability or (),
            subnets=self.subnet or (),
            one_of_each=self.one_of_each,
            addresses=self.address or (),
            gateways=self.gateway or (),
            routes=self.route or ([] if self.no_routes else None),
            ipam=self.ipam,
            ipam_settings=self._ipam_settings(),
            portmap=self.portmap,
            bandwidth=self.bandwidth,
            firewall=self.firewall,
            tuning=pairs("--tuning", self.tuning),
            sbr=self.sbr,
        )

    def _ipam_settings(self) -> dict[str, Any]:
        given = pairs("--ipam-set", self.ipam_set)
        kinds = {key.name: key.kind for key in plugin_keys(self.ipam or "host-local")}
        return {name: read_value(name, kinds.get(name, "json"), text) for name, text in given.items()}


def fields_of(kind: str) -> list[tuple[Key, str]]:
    """The keys of a plugin, each with the name of the field that holds its option: a key may be no name in Python.

    Args:
        kind: The plugin's type.
    """
    return [(key, f"key_{number}") for number, key in enumerate(plugin_keys(kind))]


_OF_ALL = {field.name for field in dataclasses.fields(KindOptions)}


def options_of(kind: str) -> type[KindOptions]:
    """The class of the options of a kind: those of `NetworkOptions`, and one for each key of its plugin.

    Args:
        kind: The type of the plugin that makes the interface.
    """
    facts = plugin_facts(kind)
    base = NetworkOptions if facts is None or facts.role == "interface" or facts.vendor else KindOptions
    taken = {"--help", *(option_of(field.name) for field in dataclasses.fields(base))}
    fields = [(field, _annotation(kind, key, taken), dataclasses.field(default=None)) for key, field in fields_of(kind)]
    made = dataclasses.make_dataclass("OptionsOfKind", fields, bases=(base,), kw_only=True, repr=False, eq=False)
    made.kind = kind  # type: ignore[attr-defined]
    made.arguments = _FIRST  # type: ignore[attr-defined]
    made.__module__ = __name__
    return made


_FIRST = ("name", *(field.name for field in dataclasses.fields(NetworkOptions) if field.name not in _OF_ALL))
"""What help shows first: what every network needs, before what only this plugin has."""

_READ_AS: dict[str, Any] = {"integer": int, "number": float, "boolean": bool, "strings": list[str]}
_CALLED = {"integer": "NUMBER", "number": "NUMBER", "json": "JSON"}
_LONGEST = 30
"""Columns that the choices of an option may take in the column of its name."""


def _annotation(kind: str, key: Key, taken: set[str]) -> Any:  # noqa: ANN401  # an annotation for typer
    names = _names(kind, key, taken)
    choices = "|".join(key.choices)
    called = choices if 0 < len(choices) <= _LONGEST else _CALLED.get(key.kind, "TEXT")
    metavar = None if key.kind == "boolean" else called
    declared = typer.Option("/".join(names), metavar=metavar, help=_help(kind, key, shown=metavar == choices))
    return Annotated[_READ_AS.get(key.kind, str) | None, declared]


def _names(kind: str, key: Key, taken: set[str]) -> list[str]:
    """The option for a key and, for what is true or false, its denial; with the kind's name where they are taken."""
    option = option_of(key.name)
    while True:
        names = [option, f"--no-{option[2:]}"] if key.kind == "boolean" else [option]
        if not taken & set(names):
            taken |= set(names)
            return names
        option = f"--{kind}{option[1:]}"


def _help(kind: str, key: Key, *, shown: bool) -> str:
    hints = plugin_hints(kind)
    text = key.description
    if key.choices and not shown:
        text += f" One of {', '.join(key.choices)}."
    if key.name in hints.requires:
        return f"{text} [required]"
    if key.name == hints.named:
        return f"{text} [default: made from the network's name]"
    default = hints.defaults.get(key.name, key.default)
    if default is None:
        return text
    import json

    return f"{text} [default: {default if isinstance(default, str) else json.dumps(default)}]"
