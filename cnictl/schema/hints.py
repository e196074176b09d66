"""What a plugin's schema says for those who write configs: which keys there are, and what a good config has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnictl.schema.library import common_parts, plugin_facts, plugin_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMON_KEYS = frozenset(
    {"type", "cniVersion", "name", "capabilities", "args", "runtimeConfig", "prevResult", "ipam", "dns"}
)
"""Keys that every plugin has, most of which libcni or the runtime writes."""

_ORDER_BY_ROLE = {"interface": 0, "chained": 70, "other": 70, "ipam": 70}
"""Where a plugin stands in a list when its schema does not say so: what makes the interface is the first."""


@dataclass(frozen=True)
class Hints:
    """What ``x-cnictl`` says under ``order`` and ``generate``.

    Attributes:
        order: Where the plugin stands in a list: smaller numbers come first, and what makes the interface is 0.
        defaults: Keys that a good config has.
        named: The key whose value is an interface's name, made from that of the network.
        need_ipam: Those of the defaults that mean nothing without addresses.
        one_subnet_each: Whether it can be the gateway of one subnet of each family only.
        requires: Keys that must be given, beside those that the schema requires.
        one_of: Keys of which one must be given.
        ask: Keys that a person is asked for, although there is a default.
        ipam: The IPAM plugin that goes with it.
        capabilities: The capabilities without which it does nothing.
        use_pod_cidr: Whether it replaces the subnet ``usePodCidr`` by the node's.
        without_check: Whether CHECK must be switched off where it is used.
        stub: Whether nothing can be reached over its interface, so that no default route leads there.
    """

    order: int
    defaults: Mapping[str, Any] = field(default_factory=dict)
    named: str | None = None
    need_ipam: tuple[str, ...] = ()
    one_subnet_each: bool = False
    requires: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    ipam: str | None = None
    capabilities: tuple[str, ...] = ()
    use_pod_cidr: bool = False
    without_check: bool = False
    stub: bool = False


def plugin_hints(plugin: str) -> Hints:
    """What the schema of a plugin type says for those who write configs; what it does not say is as usual."""
    said = (plugin_schema(plugin) or {}).get("x-cnictl", {})
    given = said.get("generate", {})
    return Hints(
        order=said.get("order", _ORDER_BY_ROLE[said.get("role", "other")]),
        defaults=given.get("defaults", {}),
        named=given.get("named"),
        need_ipam=tuple(given.get("needIpam", ())),
        one_subnet_each=given.get("oneSubnetEach", False),
        requires=tuple(dict.fromkeys([*_required(plugin), *given.get("requires", ())])),
        one_of=tuple(given.get("oneOf", ())),
        ask=tuple(given.get("ask", ())),
        ipam=given.get("ipam"),
        capabilities=tuple(given.get("capabilities", ())),
        use_pod_cidr=given.get("usePodCidr", False),
        without_check=given.get("withoutCheck", False),
        stub=given.get("stub", False),
    )


def _required(plugin: str) -> list[str]:
    return [key for key in (plugin_schema(plugin) or {}).get("required", ()) if key not in COMMON_KEYS]


_KEY_HINTS = ("needIpam", "requires", "oneOf", "ask", "capabilities")
_FLAGS = ("oneSubnetEach", "usePodCidr", "withoutCheck", "stub")

GENERATE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "defaults": {"type": "object"},
        "named": {"type": "string"},
        "ipam": {"type": "string"},
        **{name: {"type": "array", "items": {"type": "string"}} for name in _KEY_HINTS},
        **{name: {"type": "boolean"} for name in _FLAGS},
    },
}
"""What ``generate`` may hold in ``x-cnictl``, as a schema."""


@dataclass(frozen=True)
class Key:
    """A key of a plugin's object.

    Attributes:
        name: The key.
        kind: ``string``, ``integer``, ``number``, ``boolean``, ``strings`` for an array of strings, or ``json`` for all
            else.
        description: One or more sentences.
        choices: The values that it may have, when they are few.
        default: What the plugin takes when the key is absent; ``None`` when the schema does not say.
        example: A value that it may have; ``None`` when the schema has none.
    """

    name: str
    kind: str
    description: str
    choices: tuple[str, ...] = ()
    default: Any = None
    example: Any = None


def plugin_keys(plugin: str) -> list[Key]:
    """The keys of a plugin's own, in the order of its schema; last those that it requires and does not describe.

    Deprecated ones are left out: nobody should write them anew.

    Args:
        plugin: The plugin's type.
    """
    properties = (plugin_schema(plugin) or {}).get("properties", {})
    hints = plugin_hints(plugin)
    named = [hints.named] if hints.named else []
    wanted = [name for name, part in properties.items() if not _resolved(part).get("deprecated")]
    names = dict.fromkeys([*wanted, *named, *hints.requires, *hints.one_of, *hints.ask])
    return [_key(name, _resolved(properties.get(name))) for name in names if name not in COMMON_KEYS]


def _resolved(part: Any) -> dict[str, Any]:  # noqa: ANN401  # true and false are schemas too
    if not isinstance(part, dict):
        return {}
    reference = part.get("$ref", "")
    if isinstance(reference, str) and reference.startswith("../common.schema.json#/$defs/"):
        common: dict[str, Any] = common_parts()["$defs"].get(reference.rpartition("/")[2], {})
        return common | {key: value for key, value in part.items() if key != "$ref"}
    return part


def _key(name: str, part: dict[str, Any]) -> Key:
    choices = tuple(value for value in part.get("enum", ()) if isinstance(value, str) and value)
    example = next(iter(part.get("examples", ())), None)
    description = part.get("description") or part.get("title") or f'The key "{name}".'
    return Key(name, _kind(part), description, choices, part.get("default"), example)


def _kind(part: dict[str, Any]) -> str:
    kind = part.get("type")
    if kind in ("string", "integer", "number", "boolean"):
        return str(kind)
    items = part.get("items")
    return "strings" if kind == "array" and isinstance(items, dict) and items.get("type") == "string" else "json"


def is_kind(plugin: str) -> bool:
    """Whether a network can begin with a plugin of this type."""
    facts = plugin_facts(plugin)
    if plugin_schema(plugin) is None or (facts is not None and facts.role not in ("interface", "other")):
        return False
    return plugin_hints(plugin).order < _MESHES


_MESHES = 90
"""The order of those that come last whatever stands before them, and do not make the interface."""
