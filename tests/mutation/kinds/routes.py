"""Routes and resolver settings."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from cnictl.report.finding import Severity
from tests.mutation.configs import YES
from tests.mutation.registry import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutation.configs import Change, Good, Steps


def _routes(good: Good) -> Iterator[tuple[Steps, dict[str, Any]]]:
    for path, value in good.walk():
        if isinstance(value, dict) and path[-2:-1] == ("routes",) and good.owner(path) in ("host-local", "static"):
            yield path, value


@kind("route without destination")
def route_without(good: Good) -> Iterator[Change]:
    for path, _ in _routes(good):
        yield good.drop((*path, "dst"))
        yield good.put((*path, "dst"), "", path)
        yield good.put((*path, "dst"), None, path)


@kind("destination that is none")
def destination_none(good: Good) -> Iterator[Change]:
    for path, route in _routes(good):
        address = route["dst"].partition("/")[0]
        for text in (address, "default", f"{address}/129", f"{address}/255.0.0.0", f"{route['dst']} ", "10.1.0.0/"):
            yield good.put((*path, "dst"), text)


@kind("destination with host bits")
def destination_host_bits(good: Good) -> Iterator[Change]:
    for path, route in _routes(good):
        net = ip_network(route["dst"])
        if net.version == 4 and net.prefixlen:
            yield good.put((*path, "dst"), f"{net[1]}/{net.prefixlen}")
            yield good.put((*path, "dst"), f"{net[-1]}/{net.prefixlen}")


@kind("route twice")
def route_twice(good: Good) -> Iterator[Change]:
    for path, route in _routes(good):
        then = (*path[:-1], int(path[-1]) + 1)
        yield good.insert(path, route, (*path, "dst"), then, (*then, "dst"))


@kind("next hop that is no address")
def hop_none(good: Good) -> Iterator[Change]:
    for path, route in _routes(good):
        if "gw" in route:
            for text in (f"{route['gw']}/24", "router", "10.1.0", "10.1.0.999"):
                yield good.put((*path, "gw"), text)


@kind("next hop out of reach")
def hop_far(good: Good) -> Iterator[Change]:
    for path, route in _routes(good):
        yield good.put((*path, "gw"), "fd99::1" if ":" in route["dst"] else "172.31.255.1")


@kind("default route of bridge and of ipam", errors=2)
def default_twice(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("bridge"):
        routes = (*path, "ipam", "routes")
        every = [(*routes, index) for index in range(4)]
        also = [(*path, "isDefaultGateway"), *every, *((*place, "dst") for place in every)]
        if plugin.get("isGateway") and "routes" in plugin["ipam"]:
            yield good.put((*path, "isDefaultGateway"), YES, *also)
        if plugin.get("isDefaultGateway"):
            yield good.insert((*routes, 0), {"dst": "0.0.0.0/0"}, *also)


@kind("default route of one family only", Severity.WARNING)
def one_default(good: Good) -> Iterator[Change]:
    for path, routes in good.keys("routes", "host-local"):
        defaults = [index for index, route in enumerate(routes) if route["dst"] in ("0.0.0.0/0", "::/0")]
        if len(defaults) > 1:
            rest = [(*path, index) for index in range(len(routes))]
            also = [path[:-1], path[:-2], (*path[:-1], "ranges"), *rest, *((*place, "dst") for place in rest)]
            yield from (good.drop((*path, index), *also) for index in defaults)


@kind("route with an MTU of its own", Severity.NOTE)
def route_mtu(good: Good) -> Iterator[Change]:
    for path, _ in _routes(good):
        yield good.put((*path, "mtu"), 1400)
        yield good.put((*path, "advmss"), 1360)


@kind("routes as strings")
def routes_as_strings(good: Good) -> Iterator[Change]:
    return (good.put(path, route["dst"]) for path, route in _routes(good))


@kind("name server that is no address", Severity.WARNING)
def name_server(good: Good) -> Iterator[Change]:
    for path, servers in good.keys("nameservers"):
        for index in range(len(servers)):
            for text in ("10.96.0.300", "dns.example.org", "10.96.0.10/32", "10.96.0.10:53", "", " 10.96.0.10"):
                yield good.put((*path, index), text)


@kind("too many name servers", Severity.WARNING)
def name_servers(good: Good) -> Iterator[Change]:
    for path, _ in good.keys("nameservers"):
        every = [f"10.96.0.{number}" for number in range(10, 14)]
        yield good.put(path, every, (*path, 3))
