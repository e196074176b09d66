"""Makes network configs that a node can run in production.

    >>> config = generate(Recipe(name="pods", kind="bridge", subnets=["10.88.0.0/16"], portmap=True))
    >>> [plugin["type"] for plugin in config["plugins"]]
    ['bridge', 'portmap']

What makes the interface is a plugin with a schema: its keys, its defaults and its place are read from there, so that a
new schema is a new kind of network.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from cnictl.authoring.accepted import require_accepted
from cnictl.authoring.addressing import ipam_of
from cnictl.authoring.entry import new_entry, tuning_settings
from cnictl.authoring.recipe import Recipe
from cnictl.errors import UsageError
from cnictl.model.names import ifname_fault, network_name_fault
from cnictl.model.version import KUBERNETES_RECOMMENDED, SpecVersion, names
from cnictl.schema import is_kind, known_types, plugin_facts, plugin_hints
from cnictl.text.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Recipe", "generate", "kinds", "require_kind", "to_text"]

_IFNAME_MAX = 15
_BRIDGE_PREFIX = "cni-"
_MTU_RANGE = (1280, 65535)


def kinds(*, vendors: bool = False) -> list[str]:
    """The kinds of networks, by the type of the plugin that makes the interface.

    Args:
        vendors: Whether to name those of vendors too, which need more than a config: an agent on each node.
    """
    found = [plugin for plugin in known_types() if is_kind(plugin)]
    return [kind for kind in found if vendors or not ((facts := plugin_facts(kind)) and facts.vendor)]


def require_kind(kind: str) -> None:
    """Refuses a kind that cannot be generated.

    Raises:
        UsageError: There is no schema of such a plugin, or it makes no interface.
    """
    if is_kind(kind):
        return
    there = kinds(vendors=True)
    meant = closest(kind, there) or next((each for each in there if each.startswith(f"{kind}-")), None)
    message = f'"{kind}" is no kind of network that can be generated'
    if plugin_facts(kind) is not None:
        message = f"{kind} makes no interface, so no network begins with it"
        meant = None
    others = f"there are {', '.join(kinds())}, those of vendors, and with --schema-dir your own"
    raise UsageError(message, hint=f"did you mean {meant}?" if meant else others)


def generate(recipe: Recipe) -> dict[str, Any]:
    """The network config that a recipe asks for.

    A network of pods on a bridge gets a gateway, masquerading and hairpin mode, by which a pod reaches itself through
    its own service; other kinds get what their schema calls good.

    Args:
        recipe: What the config is to be.

    Returns:
        The config as JSON data, its keys in the order in which people read them. Nothing is found in it that would be
        an error or a warning of ``cnictl validate``.

    Raises:
        UsageError: The recipe cannot be followed.
    """
    require_kind(recipe.kind)
    fault = network_name_fault(recipe.name)
    if fault:
        raise UsageError(fault)
    ipam = ipam_of(recipe)
    plugins = [_interface(recipe, ipam), *_chained(recipe)]
    version = _version(recipe, plugins)
    flags = {"disableCheck": True} if _check_fails(recipe, ipam, plugins) and version >= SpecVersion.V0_4_0 else {}
    config = {"cniVersion": str(version), "name": recipe.name, **flags, "plugins": plugins}
    require_accepted(to_text(config))
    return config


def to_text(config: Mapping[str, Any]) -> str:
    """A config as the text of a file."""
    return json.dumps(config, indent=2, ensure_ascii=False) + "\n"


def _interface(recipe: Recipe, ipam: dict[str, Any] | None) -> dict[str, Any]:
    """The object of the plugin that makes the interface; ``ipam`` comes last, where people look for it."""
    hints = plugin_hints(recipe.kind)
    entry: dict[str, Any] = {"type": recipe.kind}
    if hints.named:
        entry[hints.named] = _interface_name(recipe, hints.named)
    left_out = hints.need_ipam if ipam is None else ()
    defaults = {key: value for key, value in hints.defaults.items() if key not in left_out}
    entry |= defaults | {key: value for key, value in recipe.settings.items() if key != hints.named}
    _require_keys(recipe, entry)
    _require_mtu(recipe)
    if capabilities := _capabilities(recipe, ipam):
        entry["capabilities"] = dict.fromkeys(capabilities, True)
    return entry if ipam is None else {**entry, "ipam": ipam}


def _capabilities(recipe: Recipe, ipam: dict[str, Any] | None) -> list[str]:
    """What the runtime is to hand over: static without addresses is given them for each pod."""
    asked = ["ips"] if ipam is not None and ipam["type"] == "static" and "addresses" not in ipam else []
    return [*plugin_hints(recipe.kind).capabilities, *recipe.capabilities, *asked]


def _require_keys(recipe: Recipe, entry: Mapping[str, Any]) -> None:
    hints = plugin_hints(recipe.kind)
    for key in hints.requires:
        if key not in entry:
            message = f"{recipe.kind} needs {option_of(key)}"
            raise UsageError(message, hint=f"`cnictl generate {recipe.kind} --help` tells what it is")
    if hints.one_of and not recipe.capabilities and not any(key in entry for key in hints.one_of):
        message = f"{recipe.kind} needs one of {', '.join(map(option_of, hints.one_of))}"
        raise UsageError(message, hint=f"`cnictl generate {recipe.kind} --help` tells what they are")


def option_of(key: str) -> str:
    """The option of the command line for a plugin's key.

    >>> option_of("vlanId"), option_of("pciBusID"), option_of("log_level")
    ('--vlan-id', '--pci-bus-id', '--log-level')
    """
    words = ""
    for before, char in zip(f" {key}", key, strict=False):
        words += f"-{char}" if char.isupper() and before.islower() else char
    return f"--{words.lower().replace('_', '-').replace('.', '-')}"


def _chained(recipe: Recipe) -> list[dict[str, Any]]:
    """The plugins behind the first one, in the order of their schemas."""
    wanted: dict[str, dict[str, Any]] = {
        name: {} for name in ("sbr", "firewall", "portmap", "bandwidth") if getattr(recipe, name)
    }
    if recipe.tuning:
        wanted["tuning"] = tuning_settings(dict(recipe.tuning))
    return [new_entry(plugin, wanted[plugin]) for plugin in sorted(wanted, key=lambda each: plugin_hints(each).order)]


def _check_fails(recipe: Recipe, ipam: Mapping[str, Any] | None, plugins: Iterable[Mapping[str, Any]]) -> bool:
    """Whether CHECK would fail for every pod.

    whereabouts has none, bridge asks an IPAM plugin, there or not, and where sbr has moved the routes the plugin that
    has made the interface misses them.
    """
    if ipam is None and recipe.kind == "bridge":
        return True
    types = [*(plugin["type"] for plugin in plugins), *([ipam["type"]] if ipam is not None else [])]
    return any(plugin_hints(each).without_check for each in types)


def _version(recipe: Recipe, plugins: Iterable[Mapping[str, Any]]) -> SpecVersion:
    if recipe.cni_version is None:
        return _newest(plugins)
    version = SpecVersion.of(recipe.cni_version)
    if version is None:
        message = f"there is no CNI spec {recipe.cni_version}; the versions are {names()}"
        raise UsageError(message)
    if version < SpecVersion.V0_3_0:
        message = f"cniVersion {version} is from before lists of plugins"
        raise UsageError(message, hint="choose 0.3.1 or newer; Kubernetes recommends 1.0.0")
    return version


def _newest(plugins: Iterable[Mapping[str, Any]]) -> SpecVersion:
    """The newest version up to the one that Kubernetes recommends that all the plugins speak."""
    types = [part["type"] for plugin in plugins for part in (plugin, plugin.get("ipam", {})) if "type" in part]
    newest = [facts.newest for each in types if (facts := plugin_facts(each)) and facts.newest]
    return min([*newest, KUBERNETES_RECOMMENDED])


def _interface_name(recipe: Recipe, key: str) -> str:
    given = recipe.settings.get(key)
    if given is not None:
        if ifname_fault(given):
            message = f'"{given}" cannot be the name of a {key}'
            raise UsageError(message, hint=f"it has 1 to {_IFNAME_MAX} bytes, none of them / : % or white space")
        return str(given)
    name = _BRIDGE_PREFIX + recipe.name
    if len(name) <= _IFNAME_MAX:
        return name
    # Two long names may begin alike, and two networks on one bridge would fight for its address.
    digest = hashlib.sha256(recipe.name.encode()).hexdigest()
    return _BRIDGE_PREFIX + digest[: _IFNAME_MAX - len(_BRIDGE_PREFIX)]


def _require_mtu(recipe: Recipe) -> None:
    """Refuses an MTU with which IPv6 does not work, of plugins whose MTU is that of the interface."""
    facts = plugin_facts(recipe.kind)
    mtu = recipe.settings.get("mtu")
    low, high = _MTU_RANGE
    if facts is not None and not facts.vendor and mtu is not None and not low <= mtu <= high:
        message = f"the MTU {mtu} is not between {low} and {high}"
        raise UsageError(message, hint="1450 suits an overlay on a network with 1500")
