"""A network that a plugin can be tested in: what it needs beside itself, and nothing else."""

from __future__ import annotations

from typing import Any

from cnictl.authoring.entry import new_entry
from cnictl.authoring.generate import generate
from cnictl.authoring.recipe import Recipe
from cnictl.errors import UsageError
from cnictl.schema import plugin_facts

_NAME = "conformance"
_SUBNET = "10.213.0.0/16"
_UPLINK = "eth0"
"""The name that the throwaway node gives to its link to the outside."""

_SETTINGS: dict[str, dict[str, Any]] = {
    "host-device": {"device": _UPLINK},
    "ipvlan": {"master": _UPLINK},
    "macvlan": {"master": _UPLINK},
    "tuning": {"sysctl": {"net.core.somaxconn": "500"}},
    "vlan": {"master": _UPLINK, "vlanId": 213},
    "vrf": {"vrfname": "cnictl-vrf"},
}
"""What plugins cannot do without."""

_ADDRESSES = {"static": ["10.213.0.5/16"]}


def standing(plugin: str) -> dict[str, Any]:
    """A network config in which a plugin stands where it belongs.

    Args:
        plugin: Its type.

    Raises:
        UsageError: Nothing is known about the plugin, or it does not work alone.
    """
    facts = plugin_facts(plugin)
    if facts is None or facts.vendor:
        why = "it needs more than that" if facts else "its keys are not known"
        message = f"no config can be made for {plugin}: {why}"
        raise UsageError(message, hint=f'name one with --config FILE, in which "type": "{plugin}" stands')
    if facts.role == "ipam":
        return _with_addresses_of(plugin)
    if facts.role == "chained":
        config = generate(Recipe(name=_NAME, subnets=[_SUBNET]))
        return {**config, "plugins": [*config["plugins"], new_entry(plugin, _SETTINGS.get(plugin))]}
    return generate(_recipe(plugin, addressed=facts.ipam != "none"))


def _recipe(plugin: str, *, addressed: bool) -> Recipe:
    subnets = [_SUBNET] if addressed else []
    return Recipe(name=_NAME, kind=plugin, subnets=subnets, settings=_SETTINGS.get(plugin, {}))


def _with_addresses_of(ipam: str) -> dict[str, Any]:
    """A bridge that asks an IPAM plugin."""
    addresses = _ADDRESSES.get(ipam, [])
    subnets = [] if addresses else [_SUBNET]
    if ipam == "host-local" or addresses:
        routes = ["0.0.0.0/0"]
        return generate(Recipe(name=_NAME, subnets=subnets, addresses=addresses, routes=routes, ipam=ipam))
    return generate(Recipe(name=_NAME, ipam=ipam))
