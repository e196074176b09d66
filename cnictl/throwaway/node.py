"""The throwaway node: links, addresses, routes and settings as a node has them, and a machine outside of it."""

from __future__ import annotations

import socket
from contextlib import suppress
from ipaddress import ip_interface, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.errors import CNIError, UsageError
from cnictl.netns.build import add_address, add_default_route, make_veth, set_up
from cnictl.netns.handle import RUN_DIR, create_netns
from cnictl.netns.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OUTSIDE = RUN_DIR / "outside"
"""The network namespace of the machine at the other end of the uplinks."""

_SUBNETS = {
    4: ("198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24", "100.127.240.0/24"),
    6: ("2001:db8:51::/64", "2001:db8:52::/64", "fd51:ca7e:1::/64"),
}
"""Where the node may live: subnets for documentation, of which the first that the config does not use is taken."""

_SETTINGS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv6.conf.all.forwarding": "1",
    "net.bridge.bridge-nf-call-iptables": "1",
    "net.bridge.bridge-nf-call-ip6tables": "1",
}
"""What the kubelet and the runtimes demand of a node."""

_NO_DAD = {"net.ipv6.conf.all.accept_dad": "0", "net.ipv6.conf.default.accept_dad": "0"}
"""The node's own IPv6 addresses are usable at once: there is nobody who could have them too."""

_DEFAULT_UPLINK = "eth0"
UPLINK_MTU = 1500


class Node(NamedTuple):
    """The node.

    Attributes:
        uplinks: The names of its links to the outside.
        addresses: Its own address by IP version.
        outer: The address of the machine outside by IP version, which is its default gateway.
        notes: What there is to know about it.
    """

    uplinks: tuple[str, ...]
    addresses: Mapping[int, str]
    outer: Mapping[int, str]
    notes: tuple[str, ...] = ()


def build_node(config: object, sysctls: Mapping[str, str]) -> Node:
    """Makes the node in the namespace that the calling thread is in, which has nothing but a loopback link.

    Args:
        config: The network config as plain data: its masters become uplinks, and its subnets are kept free.
        sysctls: Settings that are not to be as they are on most nodes.

    Raises:
        UsageError: There is no such setting.
        CNIError: The kernel cannot do it.
    """
    uplinks = tuple(dict.fromkeys(_masters(config))) or (_DEFAULT_UPLINK,)
    networks = list(_networks(config))
    chosen = {family: _free(candidates, networks) for family, candidates in _SUBNETS.items()}
    inner = {family: _host(subnet, 10) for family, subnet in chosen.items()}
    outer = {family: _host(subnet, 1) for family, subnet in chosen.items()}
    try:
        set_up("lo")
        notes = _set(sysctls)
        _join(uplinks, inner, outer)
    except OSError as error:
        message = f"the throwaway node has no uplink: {(error.strerror or str(error)).lower()}"
        raise CNIError(message, hint="the kernel needs veth links: modprobe veth") from error
    return Node(uplinks, _plain(inner), _plain(outer), tuple(notes))


def _plain(addresses: Mapping[int, str]) -> dict[int, str]:
    """Addresses without the prefix length."""
    return {family: address.partition("/")[0] for family, address in addresses.items()}


def _join(uplinks: tuple[str, ...], inner: Mapping[int, str], outer: Mapping[int, str]) -> None:
    """Makes the machine outside and the links to it."""
    create_netns(OUTSIDE)
    for number, uplink in enumerate(uplinks):
        make_veth(uplink, f"out{number}", OUTSIDE)
        set_up(uplink)
    for address in inner.values():
        add_address(uplinks[0], address)
    Visit(OUTSIDE, lambda: _furnish_outside(len(uplinks), outer)).result()
    for address in outer.values():
        add_default_route(address.partition("/")[0])


def mend_uplinks(node: Node) -> None:
    """Makes the uplinks anew that are gone: one that was given to a container went with its namespace.

    Args:
        node: The node.
    """
    there = {name for _, name in socket.if_nameindex()}
    for number, uplink in enumerate(node.uplinks):
        if uplink not in there:
            with suppress(FileExistsError):  # its other end is there: a container has it
                make_veth(uplink, f"out{number}", OUTSIDE)
                set_up(uplink)


def _furnish_outside(number: int, addresses: Mapping[int, str]) -> None:
    for name in ("lo", *(f"out{index}" for index in range(number))):
        set_up(name)
    for address in addresses.values():
        add_address("out0", address)


def _set(sysctls: Mapping[str, str]) -> list[str]:
    """Sets the kernel's settings; which of the usual ones there are not."""
    notes = []
    for name, value in {**_SETTINGS, **_NO_DAD, **sysctls}.items():
        try:
            setting_path(name).write_text(value, encoding="utf-8")
        except OSError as error:
            if name in sysctls:
                message = f"--sysctl {name}: {(error.strerror or str(error)).lower()}"
                raise UsageError(
                    message, hint="settings of the network, such as net.ipv4.ip_forward, can be set"
                ) from error
            notes.append(f"the kernel has no {name}")
    return notes


def setting_path(name: str) -> Path:
    """The file of a kernel setting; a dot in a link's name is written as a slash, as in ``sysctl``."""
    return Path("/proc/sys", *(part.replace("/", ".") for part in name.split(".")))


def _masters(config: object) -> Iterator[str]:
    """The names of the links that a config says are there."""
    for plugin in plugin_objects(config):
        for key in ("master", "device"):
            value = plugin.get(key)
            if isinstance(value, str) and value and (key == "master" or plugin.get("type") == "host-device"):
                yield value


def plugin_objects(config: object) -> list[dict[str, Any]]:
    """The plugins of a config, whether it is a list or a single one."""
    if not isinstance(config, dict):
        return []
    plugins = config.get("plugins", [config])
    return [plugin for plugin in plugins if isinstance(plugin, dict)] if isinstance(plugins, list) else []


def _networks(value: object) -> Iterator[Any]:
    """Every subnet and address that a config names, but for those that mean everything."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _networks(item)
    elif isinstance(value, list):
        for item in value:
            yield from _networks(item)
    elif isinstance(value, str):
        with suppress(ValueError):
            network = ip_interface(value).network
            if network.prefixlen:
                yield network


def _free(candidates: tuple[str, ...], networks: list[Any]) -> str:
    """The first subnet that overlaps none of those that are used; the last one when all do."""
    for candidate in candidates:
        if not any(_overlap(candidate, network) for network in networks):
            return candidate
    return candidates[-1]


def _overlap(candidate: str, network: Any) -> bool:  # noqa: ANN401  # of either IP version
    other: Any = ip_network(candidate)
    return other.version == network.version and bool(other.overlaps(network))


def _host(subnet: str, number: int) -> str:
    network = ip_network(subnet)
    return f"{network[number]}/{network.prefixlen}"
