"""``cnictl generate --interactive``: asks for what is not given, one question at a time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from cnictl.authoring.entry import read_value
from cnictl.cli.generating import NetworkOptions, fields_of
from cnictl.errors import UsageError
from cnictl.schema import plugin_facts, plugin_hints, plugin_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnictl.cli.generating import KindOptions
    from cnictl.schema import Key


def ask_kind(kinds: Iterable[str]) -> str:
    """Asks what is to make the interface.

    Args:
        kinds: The types of plugins to choose from.
    """
    for kind in kinds:
        typer.echo(f"  {kind}", err=True)
    return _text("Which plugin makes the interface", default="bridge")


def ask(options: KindOptions) -> None:
    """Asks for what a kind of network needs and was not given, and fills it in.

    Args:
        options: What was given.
    """
    if options.name is None:
        options.name = _text("Name of the network", default="pods")
    keys = {key.name: key for key in plugin_keys(options.kind)}
    hints = plugin_hints(options.kind)
    for name in (*hints.requires, *hints.ask):
        _ask_key(options, keys[name], needed=name in hints.requires)
    if hints.one_of and not any(name in options.settings for name in hints.one_of):
        _ask_key(options, keys[hints.one_of[0]], needed=True)
    if isinstance(options, NetworkOptions):
        _ask_addresses(options)
        _ask_plugins(options)


def _ask_key(options: KindOptions, key: Key, *, needed: bool) -> None:
    if key.name in options.settings:
        return
    text = _text(f"{key.name} ({key.description.rstrip('.')})", default=None if needed else "")
    if text:  # what is JSON is read with the options
        value = text if key.kind == "json" else read_value(key.name, key.kind, text)
        fields = {each.name: field for each, field in fields_of(options.kind)}
        setattr(options, fields[key.name], value)


def _ask_addresses(options: NetworkOptions) -> None:
    facts = plugin_facts(options.kind)
    if options.ipam or options.subnet or options.address or (facts is not None and facts.vendor):
        return
    text = _text("Subnets to give addresses from, with blanks between them; or dhcp, or none", default="10.88.0.0/16")
    if text in ("dhcp", "none"):
        options.ipam = text
    else:
        options.subnet = text.split()


def _ask_plugins(options: NetworkOptions) -> None:
    facts = plugin_facts(options.kind)
    if facts is None or facts.makes_veth is False:
        return  # neither a port of the host nor a limit reaches what is no veth pair
    options.portmap = options.portmap or _confirm("Forward the ports that pods ask for", default=True)
    options.bandwidth = options.bandwidth or _confirm("Limit pods that ask for it", default=False)


def _text(question: str, default: str | None = None) -> str:
    """What a person answers; stdout is for the config, so the question goes to stderr.

    Raises:
        UsageError: The input ended before the question was answered.
    """
    shown = f" [{default}]" if default else ""
    while True:
        typer.echo(f"{question}{shown}: ", nl=False, err=True)
        line = sys.stdin.readline()
        if not line:
            message = "the input ended before every question was answered"
            raise UsageError(message, hint="without --interactive nothing is asked")
        answer = line.strip() or default
        if answer is not None:
            return answer


def _confirm(question: str, *, default: bool) -> bool:
    answers = {"y": True, "yes": True, "n": False, "no": False}
    while True:
        answer = _text(f"{question} (y/n)", "y" if default else "n").lower()
        if answer in answers:
            return answers[answer]
