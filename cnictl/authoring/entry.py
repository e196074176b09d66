"""The objects of plugins that go into a list."""

from __future__ import annotations

from typing import Any

from cnictl.errors import UsageError
from cnictl.schema import known_types, plugin_facts, plugin_hints, plugin_keys
from cnictl.text.suggest import certain, closest

_SYSCTLS = "net."


def new_entry(plugin: str, settings: dict[str, Any] | None = None) -> dict[str, Any]:
    """The object of a plugin as it is written into a list, with the capabilities that it needs.

    Args:
        plugin: Its type; one without a schema gets what is given and no more.
        settings: Keys of its own.
    """
    hints = plugin_hints(plugin)
    entry: dict[str, Any] = {"type": plugin}
    if hints.capabilities:
        entry["capabilities"] = dict.fromkeys(hints.capabilities, True)
    facts = plugin_facts(plugin)
    defaults = hints.defaults if facts is not None and facts.role != "interface" else {}
    return {**entry, **defaults, **(settings or {})}


def tuning_settings(pairs: dict[str, str]) -> dict[str, Any]:
    """The keys of tuning that ``KEY=VALUE`` stand for: a sysctl of the pod, or a key of the plugin itself.

    >>> tuning_settings({"net.core.somaxconn": "500", "mtu": "1400"})
    {'sysctl': {'net.core.somaxconn': '500'}, 'mtu': 1400}

    Raises:
        UsageError: A key is neither.
    """
    sysctls = {key: value for key, value in pairs.items() if key.startswith(_SYSCTLS)}
    settings: dict[str, Any] = {"sysctl": sysctls} if sysctls else {}
    for key, value in pairs.items():
        if key not in sysctls:
            settings[key] = read_setting("tuning", key, value)
    return settings


def read_setting(plugin: str, name: str, text: str) -> Any:  # noqa: ANN401  # any JSON value
    """The value of a plugin's key, read as the schema of the plugin has it.

    Args:
        plugin: The plugin's type.
        name: The key.
        text: The value as it is typed.

    Raises:
        UsageError: The plugin has no such key, or no such value there.
    """
    keys = {key.name: key for key in plugin_keys(plugin)}
    facts = plugin_facts(plugin)
    if name not in keys and facts is not None and not facts.vendor:
        meant = closest(name, keys)
        more = " (sysctls begin with net.)" if plugin == "tuning" else ""
        hint = f"did you mean {meant}?" if meant else f"it has {', '.join(keys) or 'none'}{more}"
        message = f'{plugin} has no key "{name}"'
        raise UsageError(message, hint=hint)
    return read_value(name, keys[name].kind if name in keys else "json", text)


def read_value(name: str, kind: str, text: str) -> Any:  # noqa: ANN401  # any JSON value
    """A value as it is typed, as JSON data.

    Args:
        name: The key, for messages.
        kind: What it is, as in `cnictl.schema.Key`; for ``json`` a text that is no JSON is a string.
        text: The value as it is typed.

    Raises:
        UsageError: It is no value of this kind.
    """
    import json

    if kind == "string":
        return text
    if kind == "strings" and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    if kind in _TYPES and (not isinstance(value, _TYPES[kind]) or (kind != "boolean" and isinstance(value, bool))):
        message = f'"{name}" is "{text}", and it must be {_WORDS[kind]}'
        raise UsageError(message)
    return value


_TYPES: dict[str, type | tuple[type, ...]] = {"integer": int, "number": (int, float), "boolean": bool}
_WORDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}


def require_known(plugin: str, known: str) -> None:
    """Refuses a type that is certainly misspelt; a plugin of nobody's may be called nearly like another one.

    Args:
        plugin: The type.
        known: What types are called that are known, for the message.

    Raises:
        UsageError: No such type is known, and another is spelt so but for one letter.
    """
    types = known_types()
    if plugin in types:
        return
    meant = certain(plugin, types)
    if meant is not None:
        message = f'"{plugin}" is no {known}'
        raise UsageError(message, hint=f"did you mean {meant}?")
