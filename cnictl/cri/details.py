"""What runtimes tell beyond CRI, in the ``info`` of verbose answers: JSON in texts, other with each runtime."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_JSON_STARTS = ("{", "[", '"')
_SECRETS = ("registry", "imageDecryption")
"""Parts of containerd's config that may hold passwords; nothing here needs them, so they are not even kept."""
_PROTOCOLS = ("tcp", "udp", "sctp")
_CRIO_PORTS = "io.kubernetes.cri-o.PortMappings"


class Port(NamedTuple):
    """A host port, as `cnictl.cri.answers.PortMapping` has it."""

    host_port: int
    container_port: int
    protocol: str
    host_ip: str


def parsed(info: Mapping[str, str]) -> dict[str, Any]:
    """The values of an ``info``, those that are JSON parsed, without what may be secret."""
    values = {key: _value(text) for key, text in info.items()}
    config = values.get("config")
    if isinstance(config, dict):
        values["config"] = {key: value for key, value in config.items() if key not in _SECRETS}
    return values


def _value(text: str) -> Any:  # noqa: ANN401  # any JSON value
    """A text, parsed when it is JSON and more than a word: ``OK`` is a text, and so would be ``1``."""
    if not text.startswith(_JSON_STARTS):
        return text
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def dig(value: Any, *keys: str, kind: type | None = None) -> Any:  # noqa: ANN401  # any JSON value
    """What lies behind some keys.

    Args:
        value: A JSON value, which may be shaped in any way.
        keys: The keys, from outside to inside.
        kind: What it must be; an empty one is given back when it is not.
    """
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if kind is not None and type(value) is not kind:
        return kind()
    return value


def dig_list(value: Any, *keys: str) -> list[Any]:  # noqa: ANN401  # any JSON value
    """The items of an array that lies behind some keys; none when there is no array."""
    found: list[Any] = dig(value, *keys, kind=list)
    return found


def netns_of(info: Mapping[str, Any]) -> str | None:
    """The path of a sandbox's network namespace; ``None`` where it is not told.

    With containerd and CRI-O alike the OCI config tells it; where that is gone, the CNI plugins' result may still.
    """
    inner = info.get("info")
    for namespace in dig_list(inner, "runtimeSpec", "linux", "namespaces"):
        path = dig(namespace, "path", kind=str)
        if dig(namespace, "type") == "network" and path:
            return str(path)
    interfaces = dig(inner, "cniResult", "Interfaces", kind=dict)
    paths = (dig(interface, "Sandbox", kind=str) for name, interface in interfaces.items() if name != "lo")
    return next(filter(None, paths), None)


def pid_of(info: Mapping[str, Any]) -> int | None:
    """The process of a sandbox; ``None`` where it is not told, or has ended."""
    return dig(info, "info", "pid", kind=int) or None


def ports_of(info: Mapping[str, Any]) -> tuple[Port, ...] | None:
    """The host ports of a sandbox; ``None`` where they are not told."""
    inner = info.get("info")
    if isinstance(dig(inner, "config"), dict):
        return _ports(dig_list(inner, "config", "port_mappings"))
    text = dig(inner, "runtimeSpec", "annotations", _CRIO_PORTS)
    listed = _value(text) if isinstance(text, str) else None
    return _ports(listed) if isinstance(listed, list) else None


def _ports(listed: list[Any]) -> tuple[Port, ...]:
    """Ports as containerd or CRI-O writes them: ``host_port``, or with the Go field's name, ``HostPort``."""
    found = []
    for each in listed:
        entry = {key.replace("_", "").lower(): value for key, value in each.items()} if isinstance(each, dict) else {}
        if host_port := dig(entry, "hostport", kind=int):
            ports = (host_port, dig(entry, "containerport", kind=int))
            found.append(Port(*ports, _protocol(entry.get("protocol")), dig(entry, "hostip", kind=str)))
    return tuple(found)


def _protocol(value: object) -> str:
    """A protocol's name; containerd writes CRI's number, and leaves a zero out."""
    if isinstance(value, str):
        return value.lower()
    number = value if isinstance(value, int) else 0
    return _PROTOCOLS[number] if 0 <= number < len(_PROTOCOLS) else str(number)
