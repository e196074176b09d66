"""Subnets, ranges and addresses."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from cnictl.report.finding import Severity
from cnictl.schema import is_reference
from tests.mutation.registry import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutation.configs import Change, Good, Steps


def _pools(good: Good) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """Everything of host-local that has a subnet: its ``ipam`` object, or the entries of ``ranges``."""
    for path, value in good.walk():
        if (
            isinstance(value, dict)
            and isinstance(value.get("subnet"), str)
            and good.owner((*path, "x")) == "host-local"
        ):
            yield path, value


def _bare(good: Good) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """Those of them whose other keys do not depend on the subnet."""
    return ((path, pool) for path, pool in _pools(good) if not {"rangeStart", "gateway", "routes"}.intersection(pool))


@kind("subnet deleted")
def subnet_deleted(good: Good) -> Iterator[Change]:
    for path, _ in _pools(good):
        if "ranges" in path or is_reference(good.owner(path)):  # the agent of a vendor's plugin may fill in a subnet
            yield good.drop((*path, "subnet"))


@kind("subnet with host bits")
def subnet_host_bits(good: Good) -> Iterator[Change]:
    for path, pool in _pools(good):
        net = ip_network(pool["subnet"])
        yield good.put((*path, "subnet"), f"{net[1]}/{net.prefixlen}")
        yield good.put((*path, "subnet"), f"{net[-2]}/{net.prefixlen}")


@kind("subnet that is none")
def subnet_none(good: Good) -> Iterator[Change]:
    for path, pool in _bare(good):
        net = ip_network(pool["subnet"])
        address = net.network_address
        wrong = [
            str(address),
            f"{address}/{net.netmask}",
            f"{address}/{net.max_prefixlen + 1}",
            f"{address}/-1",
            "pods",
        ]
        for text in (*wrong, f"{address}/", f" {net}", f"{net},", f"{address}\\{net.prefixlen}", ""):
            yield good.put((*path, "subnet"), text, path)
        if net.version == 4:
            for text in ("10.1.0.256/24", "10.1.0/24", "010.1.0.0/24", "10,1.0.0/24", "10.1.0.O/24"):
                yield good.put((*path, "subnet"), text)


@kind("subnet too small")
def subnet_small(good: Good) -> Iterator[Change]:
    for path, pool in _bare(good):
        net = ip_network(pool["subnet"])
        for prefix in (net.max_prefixlen - 1, net.max_prefixlen):
            yield good.put((*path, "subnet"), f"{net.network_address}/{prefix}")


@kind("subnet with room for a few pods", Severity.WARNING)
def subnet_few(good: Good) -> Iterator[Change]:
    for path, pool in _bare(good):
        net = ip_network(pool["subnet"])
        yield good.put((*path, "subnet"), f"{net.network_address}/{net.max_prefixlen - 2}", path[:-1], path)


@kind("subnet set aside for something else", Severity.WARNING)
def subnet_special(good: Good) -> Iterator[Change]:
    for path, pool in _bare(good):
        if ip_network(pool["subnet"]).version == 4:
            for text in ("127.0.0.0/8", "224.0.0.0/24", "169.254.0.0/16", "0.0.0.0/8"):
                yield good.put((*path, "subnet"), text)
        else:
            for text in ("ff00::/64", "fe80::/64"):
                yield good.put((*path, "subnet"), text)


@kind("range reversed")
def range_reversed(good: Good) -> Iterator[Change]:
    for path, pool in _pools(good):
        if "rangeStart" in pool:
            both = ((*path, "rangeStart"), (*path, "rangeEnd"))
            swapped = {**pool, "rangeStart": pool["rangeEnd"], "rangeEnd": pool["rangeStart"]}
            yield good.put(path, swapped, *both)
            yield good.put((*path, "rangeEnd"), str(ip_address(pool["rangeStart"]) - 1), *both, path)


@kind("range outside the subnet")
def range_outside(good: Good) -> Iterator[Change]:
    for path, pool in _pools(good):
        net = ip_network(pool["subnet"])
        for key in [key for key in ("rangeStart", "rangeEnd") if key in pool]:
            far = net.network_address - 5 if key == "rangeStart" else net.broadcast_address + 5
            yield good.put((*path, key), str(far))
            yield good.put((*path, key), "fd00:77::5" if net.version == 4 else "10.77.0.5")


@kind("range address that is none")
def range_none(good: Good) -> Iterator[Change]:
    for path, pool in _pools(good):
        for key in [key for key in ("rangeStart", "rangeEnd") if key in pool]:
            for text in (f"{pool[key]}/24", "10.1.0", "10.1.0.300", f"{pool[key]} ", "first", f"0{pool[key]}"):
                yield good.put((*path, key), text)


@kind("gateway outside the subnet", Severity.WARNING)
def gateway_outside(good: Good) -> Iterator[Change]:
    for path, pool in _pools(good):
        net = ip_network(pool["subnet"])
        for gateway in (net.broadcast_address + 1, net.network_address - 1):
            yield good.put((*path, "gateway"), str(gateway))


@kind("gateway of the other family", Severity.WARNING)
def gateway_of_other_family(good: Good) -> Iterator[Change]:
    for path, pool in _pools(good):
        yield good.put((*path, "gateway"), "10.77.0.1" if ":" in pool["subnet"] else "fd00:77::1")


@kind("gateway that is no address")
def gateway_none(good: Good) -> Iterator[Change]:
    for path, value in good.keys("gateway", "host-local", "static"):
        for text in (f"{value}/24", "router", "10.1.0", "10.1.0.256", f"{value}%eth0"):
            yield good.put(path, text)


def _sets(good: Good) -> Iterator[tuple[Steps, list[Any]]]:
    return good.keys("ranges", "host-local")


@kind("ranges that overlap")
def ranges_overlap(good: Good) -> Iterator[Change]:
    for path, sets in _sets(good):
        for index, entries in enumerate(sets):
            inside = (*path, index, len(entries))
            first = [(*path, index, 0), (*path, index, 0, "subnet"), (*inside, "subnet"), (*path, index)]
            yield good.insert(inside, {"subnet": entries[0]["subnet"]}, *first)
            last = (*path, len(sets))
            more = [(*last, 0), (*last, 0, "subnet"), *first]
            yield good.insert(last, [{"subnet": entries[0]["subnet"]}], *more)


@kind("ranges flat", errors=3)
def ranges_flat(good: Good) -> Iterator[Change]:
    for path, sets in _sets(good):
        flat = [entry for entries in sets for entry in entries]
        yield good.put(path, flat, (*path, 0))
        yield good.put(path, flat[0])


@kind("ranges empty")
def ranges_empty(good: Good) -> Iterator[Change]:
    for path, sets in _sets(good):
        yield good.put(path, [], path[:-1])
        yield good.put(path, [[]], (*path, 0))
        yield good.put((*path, len(sets) - 1), [])


@kind("families mixed in a range set")
def families_mixed(good: Good) -> Iterator[Change]:
    for path, sets in _sets(good):
        for index, entries in enumerate(sets):
            other = {"subnet": "10.88.0.0/24" if ":" in entries[0]["subnet"] else "fd00:88::/64"}
            place = (*path, index, len(entries))
            yield good.insert(place, other, (*place, "subnet"), (*path, index), (*path, index, 0, "subnet"))


@kind("two IPv4 subnets on one bridge gateway", Severity.WARNING)
def two_gateways(good: Good) -> Iterator[Change]:
    for path, plugin in good.plugins("bridge"):
        ranges = (*path, "ipam", "ranges")
        if "ranges" in plugin.get("ipam", {}):
            new = (*ranges, len(plugin["ipam"]["ranges"]))
            also = [path, (*path, "ipam"), ranges, (*new, 0), (*new, 0, "subnet"), (*path, "isGateway")]
            yield good.insert(new, [{"subnet": "10.99.0.0/24"}], *also)


@kind("host-local without any range")
def no_range(good: Good) -> Iterator[Change]:
    for path, ipam in good.ipams("host-local"):
        if good.at(path[:-1])["type"] in ("bridge", "ptp", "macvlan", "ipvlan", "tap"):
            for key in [key for key in ("subnet", "ranges") if key in ipam]:
                yield good.drop((*path, key))


@kind("addresses kept in a place that gets lost", Severity.WARNING)
def data_dir(good: Good) -> Iterator[Change]:
    for path, _ in good.ipams("host-local"):
        for text in ("/tmp/cni", "networks", "./x"):
            yield good.put((*path, "dataDir"), text)


def _addresses(good: Good) -> Iterator[tuple[Steps, str]]:
    return ((path, value) for path, value in good.keys("address", "static"))


@kind("static address without prefix length, or none")
def static_address(good: Good) -> Iterator[Change]:
    for path, value in _addresses(good):
        address = value.partition("/")[0]
        for text in (address, f"{address}/129", "10.3.0.256/24", "pods/24", f"{address}/255.255.255.0", ""):
            yield good.put(path, text, path[:-1])


@kind("static addresses deleted or empty", Severity.WARNING)
def static_empty(good: Good) -> Iterator[Change]:
    for path, ipam in good.ipams("static"):
        yield good.drop((*path, "addresses"))
        yield good.put((*path, "addresses"), [], path)
        yield good.put((*path, "addresses"), [ipam["addresses"]], (*path, "addresses", 0))


@kind("ptp with an address without gateway")
def ptp_without_gateway(good: Good) -> Iterator[Change]:
    for path, _ in good.plugins("ptp"):
        entries = (*path, "ipam", "addresses")
        static = {"type": "static", "addresses": [{"address": "10.4.0.5/24"}]}
        yield good.put((*path, "ipam"), static, (*entries, 0), (*entries, 0, "address"), entries)


@kind("whereabouts range that is none or too narrow", Severity.WARNING)
def whereabouts(good: Good) -> Iterator[Change]:
    for path, ipam in good.ipams("whereabouts"):
        for text in ("192.168.2.0", "192.168.2.0/33", "pods", "192.168.2.0/24/24"):
            yield good.put((*path, "range"), text)
        ends = ((*path, "range_start"), (*path, "range_end"))
        yield good.put(path, {**ipam, "range_start": ipam["range_end"], "range_end": ipam["range_start"]}, *ends)
        for place in ends:
            yield good.put(place, "192.168.3.7", *ends)
            yield good.put(place, "192.168.2.300")
        yield good.put((*path, "exclude", 0), "192.168.9.0/30")
        yield good.put((*path, "gateway"), "192.168.2.30")


@kind("address asked for that no range has")
def address_not_to_be_had(good: Good) -> Iterator[Change]:
    for path, ipam in good.ipams("host-local"):
        pool = ipam["ranges"][0][0] if "ranges" in ipam else ipam
        if is_reference(good.owner((*path[:-1], "x"))) and "subnet" in pool:
            first = str(ip_network(pool["subnet"])[1])
            for wanted in ("198.51.100.5", "fd00:99::5/64", "pods", str(pool.get("gateway", first))):
                ask = (*path[:-1], "args")
                yield good.put(ask, {"cni": {"ips": [wanted]}}, (*ask, "cni", "ips", 0))


@kind("everything excluded from a range")
def all_excluded(good: Good) -> Iterator[Change]:
    for path, ipam in good.ipams("whereabouts"):
        yield good.put((*path, "exclude"), [str(ip_network(ipam["range"], strict=False))])
