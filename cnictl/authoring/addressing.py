"""The ``ipam`` object of a generated config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnictl.authoring.subnets import (
    DEFAULT_ROUTES,
    Pool,
    parse_address,
    parse_gateway,
    parse_pool,
    parse_route,
    require_one_of_each,
)
from cnictl.errors import UsageError
from cnictl.schema import known_types, plugin_facts, plugin_hints
from cnictl.text.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cnictl.authoring.recipe import Recipe
    from cnictl.authoring.subnets import Address

NONE = "none"
"""The word for no addresses at all."""

_POD_CIDR = {"usePodCidr": 4, "usePodCidrIPv6": 6}
"""Words in place of a subnet that calico replaces by that of the node, by the IP version."""


def ipam_of(recipe: Recipe) -> dict[str, Any] | None:
    """The ``ipam`` object that a recipe asks for; ``None`` when there is to be none.

    Raises:
        UsageError: The recipe cannot be followed.
    """
    name = _choice(recipe)
    if name is None:
        return None
    given = _GIVEN.get(name, _without_addresses)(recipe)
    return {"type": name, **given, **recipe.ipam_settings}


def _choice(recipe: Recipe) -> str | None:
    """Which IPAM plugin fits."""
    facts = plugin_facts(recipe.kind)
    if recipe.ipam is not None:
        return _named(recipe.ipam)
    if facts is not None and facts.ipam == NONE:
        _refuse_addresses(recipe)
        return None
    if recipe.addresses:
        return "static"
    if recipe.subnets:
        return "host-local"
    hints = plugin_hints(recipe.kind)
    if hints.ipam is None and (facts is None or not facts.vendor or facts.ipam == "required"):
        raise _no_addresses(recipe)
    return hints.ipam


def _named(name: str) -> str | None:
    if name == NONE:
        return None
    types = [plugin for plugin in known_types() if (facts := plugin_facts(plugin)) and facts.role == "ipam"]
    if name not in types:
        meant = closest(name, [*types, NONE])
        message = f'"{name}" is no IPAM plugin that is known'
        hint = f"did you mean {meant}?" if meant else "there are host-local, static, dhcp, whereabouts and none"
        raise UsageError(message, hint=hint)
    return name


def _refuse_addresses(recipe: Recipe) -> None:
    if recipe.subnets or recipe.addresses:
        message = f"{recipe.kind} gives out no addresses"
        raise UsageError(message, hint="leave --subnet and --address out")


def _no_addresses(recipe: Recipe) -> UsageError:
    more = "" if recipe.kind == "bridge" else "; --address, --ipam dhcp or --ipam none"
    return UsageError("no subnet to give addresses from", hint=f"add --subnet, for example --subnet 10.88.0.0/16{more}")


def _without_addresses(recipe: Recipe) -> dict[str, Any]:
    """What an IPAM plugin is told that finds addresses by itself."""
    for option, given in (
        ("--subnet", recipe.subnets),
        ("--address", recipe.addresses),
        ("--gateway", recipe.gateways),
    ):
        if given:
            message = f"{option} means nothing to {recipe.ipam or 'the IPAM plugin'}"
            raise UsageError(message, hint="--ipam-set KEY=VALUE sets a key of its own")
    return {"routes": list(map(parse_route, recipe.routes))} if recipe.routes and recipe.ipam != "dhcp" else {}


def _host_local(recipe: Recipe) -> dict[str, Any]:
    _refuse(recipe.addresses, "--address is for --ipam static, and host-local takes --subnet")
    if any(text in _POD_CIDR for text in recipe.subnets):
        return _pod_cidr(recipe)
    pools = list(map(parse_pool, recipe.subnets))
    if not pools and "ranges" not in recipe.ipam_settings:
        raise _no_addresses(recipe)
    if plugin_hints(recipe.kind).one_subnet_each:
        require_one_of_each(recipe.subnets, pools)
    gateways = _gateways(recipe, [pool.network for pool in pools])
    sets = _sets(pools, apart=recipe.one_of_each)
    ranges = [[_range(pool, gateways) for pool in each] for each in sets]
    return {"ranges": ranges, **_routes(recipe, (pool.network.version for pool in pools))}


def _refuse(given: Sequence[str], why: str) -> None:
    if given:
        raise UsageError(why)


def _sets(pools: Sequence[Pool], *, apart: bool) -> list[list[Pool]]:
    """The range sets: host-local gives out one address of each."""
    if apart:
        return [[pool] for pool in pools]
    families = dict.fromkeys(pool.network.version for pool in pools)
    return [[pool for pool in pools if pool.network.version == family] for family in families]


def _range(pool: Pool, gateways: Sequence[Address]) -> dict[str, str]:
    gateway = next((address for address in gateways if address in pool.network), None)
    ends = {"rangeStart": pool.first, "rangeEnd": pool.last, "gateway": gateway}
    return {"subnet": str(pool.network), **{key: str(value) for key, value in ends.items() if value is not None}}


def _pod_cidr(recipe: Recipe) -> dict[str, Any]:
    """The node's own subnet, for a plugin that knows it."""
    if not plugin_hints(recipe.kind).use_pod_cidr:
        message = f"{recipe.kind} does not know the node's subnet: only calico replaces the word {recipe.subnets[0]}"
        raise UsageError(message, hint="give the subnet, for example --subnet 10.88.0.0/16")
    if not all(text in _POD_CIDR for text in recipe.subnets) or len(set(recipe.subnets)) < len(recipe.subnets):
        raise UsageError("give usePodCidr and usePodCidrIPv6 once each, and no other subnet beside them")
    routes = _routes(recipe, (_POD_CIDR[text] for text in recipe.subnets))
    if len(recipe.subnets) == 1:
        return {"subnet": recipe.subnets[0], **routes}
    return {"ranges": [[{"subnet": text}] for text in recipe.subnets], **routes}


def _static(recipe: Recipe) -> dict[str, Any]:
    _refuse(recipe.subnets, "--subnet is for --ipam host-local, and static takes --address")
    addresses = list(map(parse_address, recipe.addresses))
    gateways = _gateways(recipe, [address.network for address in addresses])
    entries: list[dict[str, str]] = []
    reached: list[int] = []
    for address in addresses:
        gateway = next((each for each in gateways if each in address.network), None)
        reached += [address.version] if gateway else []
        entries.append({"address": str(address)} | ({"gateway": str(gateway)} if gateway else {}))
    return ({"addresses": entries} if entries else {}) | _routes(recipe, reached)


def _whereabouts(recipe: Recipe) -> dict[str, Any]:
    _refuse(recipe.addresses, "--address is for --ipam static, and whereabouts takes --subnet")
    pools = list(map(parse_pool, recipe.subnets))
    if not pools and not {"range", "ipRanges"} & set(recipe.ipam_settings):
        raise _no_addresses(recipe)
    gateways = _gateways(recipe, [pool.network for pool in pools])
    ranges = [_whereabouts_range(pool, gateways) for pool in pools]
    where: dict[str, Any] = ranges[0] if len(ranges) == 1 else {"ipRanges": ranges} if ranges else {}
    gateway = {"gateway": str(gateways[0])} if gateways else {}
    return {**where, **gateway, **_routes(recipe, (address.version for address in gateways))}


def _whereabouts_range(pool: Pool, gateways: Sequence[Address]) -> dict[str, Any]:
    """A range without its gateways, which whereabouts gives out like any other address."""
    ends = {"range_start": pool.first, "range_end": pool.last}
    kept = [f"{address}/{pool.network.max_prefixlen}" for address in gateways if address in pool.network]
    return {
        "range": str(pool.network),
        **{key: str(value) for key, value in ends.items() if value is not None},
        **({"exclude": kept} if kept else {}),
    }


def _gateways(recipe: Recipe, networks: Sequence[Any]) -> list[Address]:
    gateways = list(map(parse_gateway, recipe.gateways))
    for gateway in gateways:
        if not any(gateway in network for network in networks):
            message = f"the gateway {gateway} is in none of the subnets"
            raise UsageError(message, hint="a pod reaches its gateway without another one")
    return gateways


def _routes(recipe: Recipe, families: Iterable[int]) -> dict[str, Any]:
    if recipe.routes is not None:
        routes = list(map(parse_route, recipe.routes))
    elif plugin_hints(recipe.kind).stub:
        routes = []
    else:
        routes = [{"dst": DEFAULT_ROUTES[family]} for family in dict.fromkeys(families)]
    return {"routes": routes} if routes else {}


_GIVEN: dict[str, Callable[[Recipe], dict[str, Any]]] = {
    "host-local": _host_local,
    "static": _static,
    "whereabouts": _whereabouts,
}
